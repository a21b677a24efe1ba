"""Toy services as processes of their own, that a test may kill."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.forking import Victim
from tests.toy.program import serve


@dataclass
class Processes:
    """All toy processes of one test; they share its databases and topics."""

    folder: Path
    given: dict[str, Any]
    _started: list[Victim] = field(default_factory=list)

    def start(self, service: str, **given: Any) -> Victim:
        """Start one more."""
        log = self.folder / f"{len(self._started)}-{service}.log"
        process = Victim(service, log, serve, {"service": service, **self.given, **given})
        process.start()
        self._started.append(process)
        return process

    def kill(self) -> None:
        """End all of them."""
        for process in self._started:
            process.kill()
