"""A service under uvicorn in a process of its own, that a test may kill.

Forked from a process that has imported the services already: a start costs a tenth of a second
and not four of this machine's, so that every fail-point can have its own scene.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

import uvicorn

from deploy.local.leash import PR_SET_PDEATHSIG
from deploy.local.ports import LOOPBACK
from deploy.local.servers import answers
from tests.toy.running import until

FORKING: Final = multiprocessing.get_context("forkserver")
IMPORTED: Final = [
    "services.plans.main",
    "services.referrals.main",
    "services.notifications.main",
    "uvicorn.protocols.http.httptools_impl",
    "tests.integration.faults.victim",
]
STOP_SECONDS: Final = 15.0
ENDS_SECONDS: Final = 60.0


class Victim:
    """One process of a service; ends by itself where it reaches its fail-point."""

    def __init__(
        self, name: str, factory: str, *, port: int, log: Path, environment: Mapping[str, str]
    ) -> None:
        FORKING.set_forkserver_preload(IMPORTED)
        self.name = name
        self.port = port
        self.log = log
        self._process: ForkServerProcess = FORKING.Process(
            target=serve, args=(factory, port, str(log), dict(environment)), daemon=True
        )

    def start(self) -> None:
        """Start it, without waiting until it is ready."""
        self._process.start()

    def ready(self) -> bool:
        """Whether its own readiness probe says yes."""
        return answers(f"http://{LOOPBACK}:{self.port}/readyz")

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    async def ends(self) -> None:
        """Wait until it has ended by itself, as at a fail-point."""

        async def ended() -> bool:
            return not self.is_alive

        await until(ended, f"{self.name} has ended by itself; see {self.log}", ENDS_SECONDS)
        assert self._process.exitcode == -signal.SIGKILL, self.log.read_text()[-2_000:]

    def stop(self) -> None:
        """End it politely."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._process.kill()
        self._process.join()


def serve(factory: str, port: int, log: str, environment: dict[str, str]) -> None:
    """What the process does: uvicorn, as the demo starts it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with Path(log).open("wb") as out:
        os.dup2(out.fileno(), sys.stdout.fileno())
        os.dup2(out.fileno(), sys.stderr.fileno())
    os.environ.update(environment)  # noqa: TID251 - it is this process's own
    uvicorn.run(factory, factory=True, host=LOOPBACK, port=port, access_log=False)
