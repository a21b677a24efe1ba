"""Toy services as processes of their own, that a test may kill."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local import places
from deploy.local.process import Process
from tests.toy.running import until


class ToyProcess(Process):
    """One process of a toy service."""

    def __init__(self, folder: Path, number: int, given: dict[str, Any]) -> None:
        super().__init__(
            given["service"],
            command=[
                str(places.PROGRAMS / "python"),
                *("-X", "faulthandler", "-m", "tests.toy", json.dumps(given)),
            ],
            log=folder / f"{number}-{given['service']}.log",
            environment={"PYTHONPATH": str(places.ROOT)},
        )

    async def ends(self) -> None:
        """Wait until it has ended by itself, as at a fail-point."""

        async def ended() -> bool:
            return not self.is_alive

        await until(ended, f"{self.name} has ended by itself; see {self.log}")
        self.kill()


@dataclass
class Processes:
    """All toy processes of one test; they share its databases and topics."""

    folder: Path
    given: dict[str, Any]
    _started: list[ToyProcess] = field(default_factory=list)

    def start(self, service: str, **given: Any) -> ToyProcess:
        """Start one more."""
        number = len(self._started)
        process = ToyProcess(self.folder, number, {"service": service, **self.given, **given})
        process.start()
        self._started.append(process)
        return process

    def kill(self) -> None:
        """End all of them."""
        for process in self._started:
            process.kill()
