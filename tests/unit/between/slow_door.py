"""Two services that hear of each other late: a memory door with a line for each topic.

Each topic is heard in order, and one service may be ahead of the other, or of its own words.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from uuid_utils.compat import uuid5

from deploy.simulator.state.door import MemoryDoor
from schemas.envelope import Event
from services.chassis.messages import Message

A_MOMENT: Final = timedelta(seconds=1)
Line = tuple[int, str]  # which service, which topic


class SlowDoor(MemoryDoor):
    """Events wait in line until somebody lets a service hear the next one of a topic."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self._lines: defaultdict[Line, deque[tuple[Message, Event, int]]] = defaultdict(deque)

    @property
    def waiting(self) -> list[Line]:
        """The lines in which something waits."""
        return sorted(line for line, events in self._lines.items() if events)

    def let_hear(self, line: Line) -> None:
        """Let a service handle the next event of a topic."""
        self.now += A_MOMENT
        before, event, sequence = self._lines[line].popleft()
        tables, rows = self._tables[line[0]]
        message = Message(
            id=uuid5(before.id, f"{event.TYPE} {event.subject} {sequence}"),
            body=event,
            routes=(),
            district=self._district,
            sequence=sequence,
            told_at=self.now,
        )
        for row in rows[type(event)]:
            self._spread(message, self._handle(message, row, tables))

    def _spread(self, cause: Message, said: Sequence[tuple[Event, int]]) -> None:
        for event, sequence in said:
            self.told.append(event)
            for number, (_, rows) in enumerate(self._tables):
                if type(event) in rows:
                    self._lines[number, event.TOPIC].append((cause, event, sequence))
