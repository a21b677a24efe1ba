import signal
import subprocess
import time
from pathlib import Path

import pytest

from deploy.local.supervisor import GRACE_SECONDS
from tests.integration.deploy.observed import all_gone, program, runs, until

PLAYERS = ("-m", "tests.integration.deploy.players")
READY = """
import os, pathlib, signal, sys, time
folder, name = pathlib.Path(os.environ["FOLDER"]), os.environ["NAME"]
(folder / name).touch()
"""
STAY = f"""{READY}
time.sleep(99)
"""
TELL = f"""{READY}
def end(number, frame):
    with (folder / "ends").open("a") as file:
        file.write(name + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
time.sleep(99)
"""
DEAF = f"""{READY.replace("(folder", "signal.signal(signal.SIGTERM, signal.SIG_IGN); (folder")}
time.sleep(99)
"""
WAIT_THEN_CRASH = f"""{READY}
while not (folder / "crash").exists():
    time.sleep(0.01)
print("out of luck")
sys.exit(4)
"""
CRASH_AT_ONCE = "import sys; print('no luck'); sys.exit(4)"


def pids_until_all(child: subprocess.Popen[str]) -> list[int]:
    assert child.stdout is not None
    return [int(line) for line in iter(child.stdout.readline, "all\n") if line.strip()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_asked_to_end_ends_all_and_is_a_good_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    with program(*PLAYERS, str(tmp_path), f"one={STAY}", f"two={STAY}") as child:
        pids = pids_until_all(child)
        assert all(map(runs, pids))

        child.send_signal(number)

        assert child.wait(20) == 0
        assert all_gone(pids)


def test_the_last_started_ends_first(tmp_path: Path) -> None:
    with program(*PLAYERS, str(tmp_path), f"a={TELL}", f"b={TELL}", f"c={TELL}") as child:
        pids_until_all(child)

        child.terminate()

        assert child.wait(20) == 0
    assert (tmp_path / "ends").read_text().split() == ["c", "b", "a"]


def test_a_part_that_crashes_ends_all_and_is_named(tmp_path: Path) -> None:
    with program(*PLAYERS, str(tmp_path), f"one={STAY}", f"two={WAIT_THEN_CRASH}") as child:
        pids = pids_until_all(child)

        (tmp_path / "crash").touch()

        _, said = child.communicate(timeout=20)
        assert child.returncode == 1
        assert all_gone(pids)
    assert said.startswith("two ended unexpectedly")
    assert "out of luck" in said


def test_a_part_that_cannot_start_ends_what_has_started(tmp_path: Path) -> None:
    with program(*PLAYERS, str(tmp_path), f"one={STAY}", f"two={CRASH_AT_ONCE}") as child:
        out, said = child.communicate(timeout=20)

        assert child.returncode == 1
        assert all_gone([int(out)])
    assert "no luck" in said


def test_a_part_that_is_never_ready_is_named_and_ended(tmp_path: Path) -> None:
    with program(
        *PLAYERS, str(tmp_path), f"one={STAY}", "two=import time; time.sleep(99)"
    ) as child:
        out, said = child.communicate(timeout=20)

        assert child.returncode == 1
        assert all_gone([int(out)])
    assert said.startswith("two was not ready within 5 s")


def test_a_second_signal_ends_the_patience(tmp_path: Path) -> None:
    with program(*PLAYERS, str(tmp_path), f"one={DEAF}") as child:
        pids = pids_until_all(child)

        began = time.monotonic()
        until(lambda: asked_again(child), seconds=GRACE_SECONDS)

        assert time.monotonic() - began < GRACE_SECONDS / 2
        assert child.returncode == 0
        assert all_gone(pids)


def asked_again(child: subprocess.Popen[str]) -> bool:
    """Ask it to end, and whether it has."""
    child.terminate()
    try:
        child.wait(0.2)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_a_killed_supervisor_leaves_nothing_running(tmp_path: Path) -> None:
    with program(*PLAYERS, str(tmp_path), f"one={STAY}", f"two={DEAF}") as child:
        pids = pids_until_all(child)

        child.kill()
        child.wait(20)

        until(lambda: all_gone(pids))
