"""A district for tests: the referral service on real servers, and the others' voices."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from uuid import uuid5

from schemas import topics
from schemas.envelope import Envelope, Event, envelope_of, event_of, headers_of
from schemas.registry import EVENTS
from services.chassis import freshness
from services.chassis.engine import Engine
from services.chassis.kernel import NAMESPACE
from services.chassis.messages import Record
from services.chassis.outbox import Outgoing
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.seals import Seals, close_seal
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.chassis.vault import Keyring
from services.referrals.domain.directory import PutOrganization, PutService, Service
from services.referrals.domain.seats import PutSeats
from services.referrals.main import process
from services.referrals.usecases import DirectoryDesk, Referrals
from tests.toy.running import new_id
from tests.unit.referrals.builders import DISTRICT, NOW, TODAY, a_service, an_organization

START: Final = "2026-11-24T15:00:00+00:00"  # NOW of the builders; time stands nearly still
MANY: Final = 10_000
NO_KEYS: Final = Keyring({})
DESK: Final = Scope(district=DISTRICT, actor="import")


US: Final = "http://127.0.0.1:8080"
STANDING_STILL: Final = {"public_url": US, "clock_start": START, "clock_speed": 0.000_001}


@dataclass
class Voice:
    """Plans and notifications as the referral service hears them: sealed events, in order."""

    seals: Seals
    district: str = DISTRICT
    _sequences: Counter[str] = field(default_factory=Counter)
    _offset: int = 0

    async def records(self, *events: Event) -> list[Record]:
        """Events as they would stand on their topics."""
        return [await self._record(each) for each in events]

    async def _record(self, event: Event) -> Record:
        keys = await self.seals.keys_for_events([event], NO_KEYS)
        closed = _closed(event, keys)
        self._sequences[event.subject] += 1
        self._offset += 1
        envelope = Envelope(
            id=str(uuid5(NAMESPACE, f"{event.subject} {self._sequences[event.subject]}")),
            type=event.TYPE,
            source=event.TYPE.partition(".")[0],
            subject=event.subject,
            sequence=self._sequences[event.subject],
            time=NOW,
            district=self.district,
        )
        return Record(
            topic=event.TOPIC,
            partition=0,
            offset=self._offset,
            key=event.key.encode(),
            value=closed.model_dump_json(exclude_none=True).encode(),
            headers=headers_of(envelope),
        )


def _closed(event: Event, keys: Any) -> Event:
    seals = {
        name: close_seal(value, keys)
        for name in type(event).model_fields
        if hasattr(value := getattr(event, name), "box")
    }
    return event.model_copy(update=seals)


@dataclass
class Town:
    """A running service with what tests ask of it."""

    process: Process
    voice: Voice

    @property
    def engine(self) -> Engine:
        return self.process.engine

    @property
    def referrals(self) -> Referrals:
        return Referrals(self.engine.committer)

    async def hears(self, *events: Event) -> None:
        """Handle events in one batch, as the consumer would."""
        await self.engine.committer.commit(await self.voice.records(*events))

    async def listens(self, *, partition: int = 0, seconds_ago: float = 0, who: str = "a") -> None:
        """What a process says that listens to a partition of the consents."""
        at = self.process.clocks.real() - timedelta(seconds=seconds_ago)
        said = {"partitions": [f"{topics.CONSENTS}|{partition}"], "heard_at": at, "at": at}
        listeners = self.process.database.collection(freshness.COLLECTION)
        await listeners.update_one({"_id": who}, {"$set": said}, upsert=True)

    async def told(self, kind: type[Event] | None = None) -> list[Any]:
        """What the service told, opened, in the order of the outbox."""
        queued = await self.engine.outbox.oldest(limit=MANY)
        events = [_event(each) for row in queued for each in row.events]
        known = [each for each in events if each is not None]
        keys = await self.engine.seals.keys_for_events(known, NO_KEYS)
        opened = [self.engine.seals.opened(each, keys) for each in known]
        return [each for each in opened if kind is None or isinstance(each, kind)]

    async def rows(self, collection: str, **filter: Any) -> list[dict[str, Any]]:
        return await self.process.database.collection(collection).find(filter)

    async def offers(self, *services: Service, places: int | None = 2) -> None:
        """A directory of these services, each with so many places."""
        desk = DirectoryDesk(self.engine.committer)
        for each in services or (a_service("s1"), a_service("s2"), a_service("s3")):
            partner = an_organization(each.organization_id)
            await desk.put(PutOrganization(key=new_id(), scope=DESK, organization=partner))
            service = replace(each, organization_name=partner.name)
            await desk.put(PutService(key=new_id(), scope=DESK, service=service))
            await desk.put(
                PutSeats(
                    key=new_id(),
                    scope=DESK,
                    service_id=each.service_id,
                    organization_id=each.organization_id,
                    categories=each.categories,
                    accepts_waitlist=each.accepts_waitlist,
                    maximum=places,
                    updated_on=TODAY,
                )
            )

    async def seats(self, service_id: str = "s1") -> tuple[int, int]:
        """Held and taken places of a service."""
        (row,) = await self.rows("seats", _id=service_id)
        return row["held"], row["taken"]


def _event(sent: Outgoing) -> Event | None:
    if sent.topic not in {topics.REFERRALS, topics.DIRECTORY}:
        return None
    return event_of(EVENTS[envelope_of(sent.headers).type], sent.value)


@asynccontextmanager
async def a_town(settings: Settings) -> AsyncIterator[Town]:
    """The service without its loops: records are handed to it, nothing is sent."""
    made = process(settings, Telemetry.off())
    try:
        await made.prepare()
        town = Town(made, Voice(made.engine.seals))
        await town.listens()
        yield town
    finally:
        await made.engine.database.close()
