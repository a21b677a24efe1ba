"""A supervisor with parts as the test orders: `players.py FOLDER NAME=SCRIPT...`.

Each script is Python; a part is ready when the file FOLDER/NAME exists.
"""

import sys
from contextlib import suppress
from pathlib import Path

from deploy.local.failure import said_in_one_sentence
from deploy.local.process import Process
from deploy.local.supervisor import Ended, Supervisor


class Player(Process):
    """A part that says by a file that it is ready."""

    def __init__(self, folder: Path, name: str, script: str) -> None:
        super().__init__(
            name,
            command=[sys.executable, "-c", script],
            log=folder / f"{name}.log",
            environment={"FOLDER": str(folder), "NAME": name},
        )
        self._file = folder / name

    def ready(self) -> bool:
        """Whether the file is there."""
        return self._file.exists()


def main(folder: Path, orders: list[str]) -> None:
    """Start all in turn, print their ids, and stay."""
    with (
        said_in_one_sentence(),
        suppress(Ended),
        Supervisor(say=lambda name, what, ms: None) as supervisor,
    ):
        for order in orders:
            player = Player(folder, *order.split("=", 1))
            supervisor.start([player], seconds=5.0)
            print(player.pid, flush=True)  # noqa: T201 - the test reads it
        print("all", flush=True)  # noqa: T201
        supervisor.watch()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
