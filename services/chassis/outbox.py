"""Events to be sent, written in the transaction of their state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.envelope import LARGEST_VALUE, Header
from services.chassis.kinds import Document, Index
from services.chassis.mongo import Database, Session

COLLECTION: Final = "outbox"
INDEXES: Final = (Index((("subject", 1), ("_id", 1))),)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One record to be sent; `sequence` orders it among those of its subject."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Sequence[Header]
    subject: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Queued:
    """One row of the outbox."""

    id: UUID
    sent: Outgoing
    traceparent: str | None


class TooLarge(ValueError):
    """An event of 900 KiB or more, which no broker takes."""


class Outbox:
    """Rows wait here until the relay has their acknowledgement."""

    def __init__(
        self, database: Database, new_id: Callable[[], UUID], real_time: Callable[[], datetime]
    ) -> None:
        self._rows = database.collection(COLLECTION)
        self._new_id = new_id
        self._real_time = real_time

    async def add(self, session: Session, events: Sequence[Outgoing]) -> None:
        """Queue events, in order.

        Raises:
            TooLarge: nothing is queued.
        """
        if any(len(each.value) >= LARGEST_VALUE for each in events):
            raise TooLarge
        at = self._real_time()
        await self._rows.insert_many([self._row(each, at) for each in events], session=session)

    def _row(self, event: Outgoing, at: datetime) -> Document:
        return {
            "_id": self._new_id(),
            "topic": event.topic,
            "key": event.key,
            "value": event.value,
            "headers": dict(event.headers),
            "subject": event.subject,
            "sequence": event.sequence,
            "at": at,
        }

    async def oldest(self, *, limit: int) -> list[Queued]:
        """The oldest rows as of one moment, and with them all earlier ones of their subjects."""
        order = (("_id", 1),)
        rows = await self._rows.find({}, sort=order, limit=limit, snapshot=True)
        if (
            len(rows) == limit
        ):  # a process whose clock is behind may have queued a later event lower
            subjects = list({row["subject"] for row in rows})
            behind = {"subject": {"$in": subjects}, "_id": {"$gt": rows[-1]["_id"]}}
            rows += await self._rows.find(behind, snapshot=True)
        return [_queued(row) for row in in_order(rows)]

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


def in_order(rows: Sequence[Document]) -> list[Document]:
    """As queued, but those of one subject by sequence in the places they hold together."""
    by_subject: dict[str, list[Document]] = {}
    for row in sorted(rows, key=lambda row: int(row["sequence"])):
        by_subject.setdefault(row["subject"], []).append(row)
    waiting = {subject: iter(found) for subject, found in by_subject.items()}
    return [next(waiting[row["subject"]]) for row in rows]


def _queued(row: Document) -> Queued:
    headers: list[Header] = list(row["headers"].items())
    sent = Outgoing(
        topic=row["topic"],
        key=row["key"],
        value=row["value"],
        headers=headers,
        subject=row["subject"],
        sequence=row["sequence"],
    )
    traceparent = row["headers"].get("traceparent", b"").decode() or None
    return Queued(id=row["_id"], sent=sent, traceparent=traceparent)
