"""A service under uvicorn in a process of its own, that a test may kill."""

import os
from collections.abc import Mapping
from pathlib import Path

import uvicorn

from deploy.local.ports import LOOPBACK
from deploy.local.servers import answers
from tests import forking


class Victim(forking.Victim):
    """One process of a service; ends by itself where it reaches its fail-point."""

    def __init__(
        self, name: str, factory: str, *, port: int, log: Path, environment: Mapping[str, str]
    ) -> None:
        super().__init__(name, log, serve, factory, port, dict(environment))
        self.port = port

    def ready(self) -> bool:
        """Whether its own readiness probe says yes."""
        return answers(f"http://{LOOPBACK}:{self.port}/readyz")

    def live(self) -> bool:
        """Whether it says that it need not be started anew."""
        return answers(f"http://{LOOPBACK}:{self.port}/livez")


def serve(factory: str, port: int, environment: dict[str, str]) -> None:
    """What the process does: uvicorn, as the demo starts it."""
    os.environ.update(environment)  # noqa: TID251 - it is this process's own
    uvicorn.run(factory, factory=True, host=LOOPBACK, port=port, access_log=False, loop="asyncio")
