import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process, Step, wait_until_ready
from tests.integration.deploy.observed import all_gone, children, program, runs, until

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(99)
"""
TIDY = """
import signal, sys, time
def end(number, frame):
    print("tidy", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(99)
"""
PARENT = """
import subprocess, sys
from deploy.local.leash import leashed
child = subprocess.Popen(leashed(["sleep", "99"]))
print(child.pid, flush=True)
child.wait()
"""


def sleeper(tmp_path: Path, *command: str) -> Process:
    return Process("sleeper", command=command or ("sleep", "99"), log=tmp_path / "sleeper.log")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = sleeper(tmp_path)
    process.start()
    yield process
    process.kill()


def test_a_child_ends_when_its_parent_is_killed() -> None:
    with program("-c", PARENT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        until(lambda: name_of(child) == "sleep")  # the leash is on

        parent.send_signal(signal.SIGKILL)

        until(lambda: all_gone([child]))


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_a_process_stops_at_the_polite_signal(process: Process) -> None:
    began = time.monotonic()

    process.stop(seconds=20)

    assert not process.is_alive
    assert time.monotonic() - began < 10


def test_a_frozen_process_tidies_up_when_stopped(tmp_path: Path) -> None:
    tidy = sleeper(tmp_path, sys.executable, "-c", TIDY)
    tidy.start()
    until(lambda: "ready" in tidy.last_words())
    tidy.freeze()

    tidy.stop(seconds=20)

    assert "tidy" in tidy.last_words()


def test_a_process_that_ignores_the_polite_signal_is_ended_by_force(tmp_path: Path) -> None:
    deaf = sleeper(tmp_path, sys.executable, "-c", DEAF)
    deaf.start()
    until(lambda: "deaf" in deaf.last_words())
    pid = deaf.pid

    deaf.stop(seconds=0.1)

    assert all_gone([pid])


def test_what_a_process_started_ends_with_it(tmp_path: Path) -> None:
    shell = sleeper(tmp_path, "sh", "-c", "sleep 99 & sleep 98")
    shell.start()
    until(lambda: len(children(shell.pid)) == 2)
    family = [shell.pid, *children(shell.pid)]

    shell.kill()

    until(lambda: all_gone(family))


def test_what_a_process_left_behind_is_ended_too(tmp_path: Path) -> None:
    shell = sleeper(tmp_path, "sh", "-c", "(trap '' TERM; sleep 99) & echo $!; exit 0")
    shell.start()
    until(lambda: shell.has_failed)
    left = int((tmp_path / "sleeper.log").read_text())
    assert runs(left)

    shell.stop()

    until(lambda: all_gone([left]))


def test_a_frozen_process_goes_on_when_thawed(process: Process) -> None:
    process.freeze()
    until(lambda: " T " in Path(f"/proc/{process.pid}/stat").read_text())

    process.thaw()

    until(lambda: " T " not in Path(f"/proc/{process.pid}/stat").read_text())


def test_a_port_in_use_is_named_in_one_sentence() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Failure, match=f"Port {port}, which web needs, is in use") as refused:
            Process("web", command=["true"], ports=(port,)).start()

    assert "\n" not in str(refused.value)


def test_a_process_that_ends_before_it_is_ready_shows_its_last_words(tmp_path: Path) -> None:
    class Never(Process):
        def ready(self) -> bool:
            return False

    dying = Never("dying", command=["sh", "-c", "echo no disk; exit 3"], log=tmp_path / "log")
    dying.start()

    with pytest.raises(Failure, match=r"dying ended unexpectedly[\s\S]*no disk"):
        wait_until_ready(dying, seconds=20)
    dying.kill()


@pytest.mark.parametrize(("code", "failed"), [("0", False), ("1", True)])
def test_a_step_fails_only_if_it_ends_badly(code: str, *, failed: bool) -> None:
    step = Step("step", command=["sh", "-c", f"exit {code}"])
    step.start()
    until(lambda: not step.is_alive)

    assert step.has_failed is failed
    assert step.ready() is not failed
    step.kill()
