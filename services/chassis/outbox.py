"""Events to be sent, written in the transaction of their state: many in one row, which is cheap.

Rows are sent in the order of their ids. The id of a row is above that of any row with an earlier
event of its aggregates: whoever tells of one has read its state, where the id of its last row is
kept. So no clock decides the order of a subject, whoever queued what.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.envelope import LARGEST_VALUE, Header
from services.chassis.kinds import Document, Index
from services.chassis.mongo import Database, Session

COLLECTION: Final = "outbox"
INDEXES: Final[tuple[Index, ...]] = ()
EVENTS_AT_MOST: Final = 100  # in one row
BYTES_AT_MOST: Final = 2**18  # of their values, but for one that is larger alone
BEFORE_ALL: Final = UUID(int=0)
OWN_BITS: Final = 80  # of an id; those before them are its time


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One record to be sent."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Sequence[Header]


@dataclass(frozen=True, kw_only=True)
class Queued:
    """One row of the outbox."""

    id: UUID
    events: tuple[Outgoing, ...]


class TooLarge(ValueError):
    """An event of 900 KiB or more, which no broker takes."""


class Outbox:
    """Rows wait here until the relay has the acknowledgement of all their events."""

    def __init__(
        self, database: Database, new_id: Callable[[], UUID], real_time: Callable[[], datetime]
    ) -> None:
        self._rows = database.collection(COLLECTION)
        self._new_id = new_id
        self._real_time = real_time

    def rows_of(self, events: Sequence[Outgoing], *, after: Iterable[UUID] = ()) -> list[Document]:
        """Events as rows, in order, to be added; their ids come after all those given.

        Raises:
            TooLarge: of one of them.
        """
        if any(len(each.value) >= LARGEST_VALUE for each in events):
            raise TooLarge
        at, rows, last = self._real_time(), [], max(after, default=BEFORE_ALL)
        for together in _portions(events):
            last = _later(self._new_id(), than=last)
            rows.append({"_id": last, "at": at, "events": [_stored(each) for each in together]})
        return rows

    async def add(self, session: Session, rows: Sequence[Document]) -> None:
        """Queue rows."""
        await self._rows.insert_many(rows, session=session)

    async def oldest(self, *, limit: int) -> list[Queued]:
        """The first rows, as of one moment: no row is missing before another of its subjects."""
        rows = await self._rows.find({}, sort=(("_id", 1),), limit=limit, snapshot=True)
        return [_queued(row) for row in rows]

    async def remove(self, rows: Sequence[Queued]) -> None:
        """Forget rows that were acknowledged."""
        await self._rows.delete_many({"_id": {"$in": [row.id for row in rows]}})

    async def backlog(self, *, limit: int) -> tuple[int, float]:
        """How many rows wait (counted up to `limit`) and the age of the oldest, in seconds."""
        oldest = await self._rows.find({}, sort=(("_id", 1),), limit=1, fields=("at",))
        if not oldest:
            return 0, 0.0
        age = (self._real_time() - oldest[0]["at"]).total_seconds()
        return await self._rows.count({}, limit=limit), max(age, 0.0)


def _later(made: UUID, *, than: UUID) -> UUID:
    """An id (of version 7: 48 bits of milliseconds, the rest its own) that sorts behind another."""
    if made > than:
        return made
    return UUID(int=(than.int >> OWN_BITS) + 1 << OWN_BITS | made.int & (1 << OWN_BITS) - 1)


def _portions(events: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Events in lists that are no longer and no heavier than a row may be."""
    portion: list[Outgoing] = []
    weight = 0
    for each in events:
        weight += len(each.value)
        if portion and (len(portion) >= EVENTS_AT_MOST or weight > BYTES_AT_MOST):
            yield portion
            portion, weight = [], len(each.value)
        portion.append(each)
    if portion:
        yield portion


def _stored(event: Outgoing) -> Document:
    return {
        "topic": event.topic,
        "key": event.key,
        "value": event.value,
        "headers": dict(event.headers),
    }


def _queued(row: Document) -> Queued:
    events = [
        Outgoing(
            topic=each["topic"],
            key=each["key"],
            value=each["value"],
            headers=list(each["headers"].items()),
        )
        for each in row["events"]
    ]
    return Queued(id=row["_id"], events=tuple(events))
