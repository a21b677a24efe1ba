"""What the tests of this folder look at from outside: programs, processes, files."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import paths
from deploy.local.ports import free_port, in_use

SECONDS = 30.0
WITHOUT_GIVEN_SERVERS = ("/usr/bin/env", "-u", "KAFKA_SERVERS", "-u", "MONGO_URL")


def until(condition: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Wait for a condition; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process is there and not just waiting to be buried."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def all_gone(pids: list[int]) -> bool:
    """Whether none of the processes runs."""
    return not any(runs(pid) for pid in pids)


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def nine_free_ports() -> int:
    """The first of nine ports on which nobody listens."""
    while any(in_use((first := free_port()) + more) for more in range(9)):
        pass
    return first


@contextmanager
def program(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program of ours, without servers that somebody else gives; killed afterwards."""
    settings = [f"{name}={value}" for name, value in environment.items()]
    child = subprocess.Popen(  # noqa: S603 - our own program
        [*WITHOUT_GIVEN_SERVERS, *settings, sys.executable, *arguments],
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            yield child
        finally:
            child.kill()
