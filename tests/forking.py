"""Processes for tests, forked from one that has imported the services already.

A start costs a tenth of a second and not the three or four that a small machine needs for the
imports, so that every fail-point and every command can have a process of its own.
"""

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

from deploy.checker.outside import until
from deploy.local.leash import PR_SET_PDEATHSIG
from services.chassis.hopeless import EXIT_CODE

IMPORTED: Final = [  # no programs that look at their terminal or environment when they begin
    "services.plans.main",
    "services.referrals.main",
    "services.notifications.main",
    "uvicorn.protocols.http.httptools_impl",
    "pydantic.v1",  # which FastAPI asks for with its first route
    "typer",
    "rich.table",
    "tests.toy.door",
]
STOP_SECONDS: Final = 15.0
ENDS_SECONDS: Final = 60.0
_FORKING: Final = multiprocessing.get_context("forkserver")


def forked(work: Callable[..., None], *given: Any) -> ForkServerProcess:
    """A process that will do some work; it does not outlive this one."""
    _FORKING.set_forkserver_preload(IMPORTED)
    return _FORKING.Process(target=_leashed, args=(work, given), daemon=True)


def _leashed(work: Callable[..., None], given: tuple[Any, ...]) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    work(*given)


class Victim:
    """A process with a log that a test may kill, or that ends itself at a fail-point."""

    def __init__(self, name: str, log: Path, work: Callable[..., None], *given: Any) -> None:
        self.name = name
        self.log = log
        self._process = forked(_logged, log, work, given)

    def start(self) -> None:
        """Start it, without waiting until it is ready."""
        self._process.start()

    @property
    def log_tail(self) -> str:
        """What it said last."""
        return self.log.read_text()[-2_000:]

    @property
    def has_given_up(self) -> bool:
        """Whether it ended by itself, to be started anew."""
        return self._process.exitcode == EXIT_CODE

    @property
    def has_broken_off(self) -> bool:
        """Whether it ended with an error that nobody planned: it was not killed, nor told to."""
        code = self._process.exitcode
        return code is not None and code > 0 and not self.has_given_up

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    async def ends(self) -> None:
        """Wait until it has ended by itself, as at a fail-point."""

        async def ended() -> bool:
            return not self.is_alive

        await until(ended, f"{self.name} has ended by itself; see {self.log}", ENDS_SECONDS)
        assert self._process.exitcode == -signal.SIGKILL, self.log_tail

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, such as one that lets it stand still or go on."""
        assert self._process.pid is not None
        with suppress(ProcessLookupError):  # it has ended
            os.kill(self._process.pid, number)

    def limit_memory(self, *, beyond: int | None) -> None:
        """Give it so many bytes of address space more than it has taken, or None: all it wants."""
        assert self._process.pid is not None
        most = resource.RLIM_INFINITY
        with suppress(ProcessLookupError):  # it has ended
            if beyond is not None:
                pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[0])
                most = pages * resource.getpagesize() + beyond
            limits = (most, resource.RLIM_INFINITY)
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, limits)

    def stop(self) -> None:
        """End it politely."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._process.kill()
        self._process.join()


def _logged(log: Path, work: Callable[..., None], given: tuple[Any, ...]) -> None:
    with log.open("wb") as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())
    work(*given)
