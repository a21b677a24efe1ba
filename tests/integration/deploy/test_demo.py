import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from deploy.local import paths
from deploy.local.ports import in_use
from tests.integration.deploy.observed import all_gone, children, nine_free_ports, program, until

DEMO = ("-m", "deploy.local.demo", "--servers-only")


@contextmanager
def demo(folder: Path, port: int, *more: str) -> Iterator[subprocess.Popen[str]]:
    with program(*DEMO, "--folder", str(folder), "--port", str(port), *more) as child:
        yield child


def ready(child: subprocess.Popen[str]) -> list[int]:
    """The ids of its parts, once it has said its address."""
    assert child.stdout is not None
    assert child.stdout.readline().startswith("Wraparound runs at http://127.0.0.1:")
    return children(child.pid)


def ends(child: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = child.communicate(timeout=40)
    return child.returncode, said


@pytest.fixture
def port() -> int:
    return nine_free_ports()


def test_however_it_ends_nothing_runs_on_and_it_starts_again_on_its_data(
    tmp_path: Path, port: int
) -> None:
    topics = ("10 topics created", *["0 topics created"] * 3)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGTERM)
    for created, number in zip(topics, numbers, strict=True):
        with demo(tmp_path / "demo", port) as child:
            pids = ready(child)
            assert len(pids) >= 4

            child.send_signal(number)

            code, said = ends(child)
            assert names_every_part(said)
            if number == signal.SIGKILL:
                until(partial(nothing_is_left, pids, port))
            else:
                assert code == 0, said
                assert nothing_is_left(pids, port)
        assert created in (tmp_path / "demo" / "logs" / "topics.log").read_text()


def nothing_is_left(pids: list[int], port: int) -> bool:
    """Whether its parts are gone and its ports free."""
    return all_gone(pids) and not any(in_use(port + more) for more in range(9))


def names_every_part(said: str) -> bool:
    """Whether its progress is a line for each part, with how long that took."""
    lines = [line.split() for line in said.splitlines()]
    assert all(line[-1] == "ms" and line[-2].isdigit() for line in lines)
    return {line[0] for line in lines} == {"mail", "sms", "mongo", "kafka", "topics", "gateway"}


def test_a_killed_part_ends_all(tmp_path: Path, port: int) -> None:
    with demo(tmp_path / "demo", port) as child:
        pids = ready(child)
        os.kill(pid_of("mongod", pids), signal.SIGKILL)

        code, said = ends(child)

        assert code == 1
        assert "mongo ended unexpectedly" in said
        assert all_gone(pids)


def pid_of(program: str, pids: list[int]) -> int:
    return next(pid for pid in pids if program in Path(f"/proc/{pid}/comm").read_text())


@pytest.mark.parametrize("port", ["80", "65530", "99999", "http"])
def test_what_is_no_port_is_said_before_anything_starts(tmp_path: Path, port: str) -> None:
    with program(*DEMO, "--folder", str(tmp_path / "demo"), "--port", port) as child:
        _, said = child.communicate(timeout=40)

    assert child.returncode == 2
    assert said.splitlines()[-1].endswith("PORT is a number from 1024 to 65527")
    assert not (tmp_path / "demo").exists()


def test_a_service_without_a_setting_ends_with_its_sentence() -> None:
    bare = [f"-u{name}" for name in ("KAFKA_SERVERS", "MONGO_URL", "WRAPAROUND_PUBLIC_URL")]
    serve = ("-m", "uvicorn", "--factory", "services.plans.main:create", "--port", "1")

    done = subprocess.run(  # noqa: S603 - our own program
        ["/usr/bin/env", *bare, sys.executable, *serve],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "is not set: " in done.stderr.splitlines()[-1]


def test_fresh_deletes_what_earlier_runs_left_and_nothing_of_one_that_runs(
    tmp_path: Path, port: int
) -> None:
    left = tmp_path / "demo" / "left"
    left.parent.mkdir()
    left.touch()

    with demo(tmp_path / "demo", port, "--fresh") as first:
        pids = ready(first)
        assert not left.exists()

        with demo(tmp_path / "demo", port, "--fresh") as second:
            code, said = ends(second)

        assert code == 1
        assert said.count("\n") == 1
        assert f"Port {port + 4}, which" in said or f"Port {port + 6}, which" in said
        assert (tmp_path / "demo" / "mongo" / "data").exists()
        assert children(first.pid) == pids
        first.terminate()
        assert ends(first)[0] == 0
