"""Named places where a crash test ends the process, as `kill -9` would."""

import os
import signal
from typing import Final, Literal, get_args

FailPoint = Literal[
    "commit.writing",  # states are written, inbox and outbox not
    "commit.before",  # everything is written, nothing committed
    "commit.after",  # committed, nobody told
    "relay.sent",  # a record was acknowledged and is still queued
    "relay.delete",  # all of a batch were acknowledged and are still queued
    "consumer.offset",  # handled, the offset not committed
]
FAIL_POINTS: Final[tuple[FailPoint, ...]] = get_args(FailPoint)


class FailPoints:
    """Ends the process when a named point is reached for the n-th time (`name:n`); off if unset."""

    def __init__(self, spec: str | None = None) -> None:
        name, _, count = (spec or "").partition(":")
        if name and name not in FAIL_POINTS:
            message = f"no fail-point {name!r}; there are {', '.join(FAIL_POINTS)}"
            raise ValueError(message)
        self._name = name
        self._left = int(count or 1)

    def reach(self, point: FailPoint) -> None:
        """Go on, or end here."""
        if point != self._name:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
