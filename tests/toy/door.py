"""One process of a toy service without Kafka: records go in by hand, documents are looked at."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from schemas.envelope import Event
from services.chassis.engine import Engine
from services.chassis.kinds import Document
from services.chassis.messages import Message, Record
from services.chassis.outbox import Outgoing
from services.chassis.scope import Scope
from services.chassis.seals import Seals
from services.chassis.settings import Settings
from services.chassis.vault import Keyring
from services.chassis.wiring import Told
from tests.toy.running import engine_of, new_id

DISTRICT = "district-1"
MONDAY = datetime(2026, 9, 14, 8, tzinfo=UTC)
SOMEBODY = Scope(district=DISTRICT, actor="somebody")


@dataclass
class SetClock:
    """Business time that a test moves."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        """Let so much time pass, or go back."""
        self.now += by


@dataclass
class Door:
    """An engine whose door is open, with nothing running behind it."""

    engine: Engine
    clock: SetClock
    _offsets: Counter[str] = field(default_factory=Counter)

    async def record(
        self, event: Event, *, sequence: int = 1, told_at: datetime | None = None, **changed: Any
    ) -> Record:
        """An event as another service would send it, sealed, at the next offset of its topic."""
        told = Told(
            event=event,
            sequence=sequence,
            number=1,
            message=Message(id=new_id(), body=None, routes=(), district=DISTRICT),
            time=told_at or self.clock(),
        )
        seals = Seals(self.engine.vault, event.TYPE.partition(".")[0])
        keys = await seals.keys_for_events([event], Keyring({}))
        sent = seals.outgoing(told, keys)
        self._offsets[sent.topic] += 1
        record = Record(
            topic=sent.topic,
            partition=0,
            offset=self._offsets[sent.topic],
            key=sent.key,
            value=sent.value,
            headers=sent.headers,
        )
        return replace(record, **changed)

    async def deliver(self, *records: Record) -> None:
        """Hand records to the door, as the consumer does."""
        await self.engine.committer.commit(records)

    async def happened(self, *events: Event) -> None:
        """Deliver events in one batch."""
        await self.deliver(*[await self.record(event) for event in events])

    async def rows(self, collection: str, **wanted: Any) -> list[Document]:
        """Documents of a collection."""
        return await self.engine.database.collection(collection).find(wanted)

    async def row(self, collection: str, row_id: object) -> Document | None:
        """One document, if it is there."""
        return await self.engine.database.collection(collection).find_one({"_id": row_id})

    async def told(self, kind: type[Event] | None = None) -> list[Any]:
        """The events that wait to be sent, in order."""
        rows = await self.engine.outbox.oldest(limit=10_000)
        sent = [each for row in rows for each in row.events]
        return [
            kind.model_validate_json(each.value) if kind else each
            for each in sent
            if kind is None or _type(each.headers) == kind.TYPE
        ]

    async def parked(self) -> list[Document]:
        """Parked rows, in the order of their offsets."""
        rows = await self.rows("parked")
        return sorted(rows, key=lambda row: str(row["offset"]).zfill(20))


def sequence_of(sent: Outgoing) -> int:
    """Which of its subject's events one is."""
    return int(dict(sent.headers)["ce_sequence"])


def _type(headers: Sequence[tuple[str, bytes]]) -> str:
    return dict(headers).get("ce_type", b"").decode()


def a_key(number: int) -> UUID:
    """An idempotency key."""
    return UUID(int=number)


@asynccontextmanager
async def open_door(settings: Settings, **given: Any) -> AsyncIterator[Door]:
    """A door on a prepared database; the database is dropped by whoever made its name."""
    clock = given.pop("clock", None) or SetClock()
    engine = engine_of(settings, business=clock, **given)
    try:
        await engine.prepare()
        yield Door(engine, clock)
    finally:
        await engine.database.close()
