"""The plan service on real servers, and the other two played by hand onto the topics."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid5

from aiokafka import AIOKafkaProducer

from deploy.checker.outside import until
from schemas.envelope import Event
from services.chassis.kernel import NAMESPACE
from services.chassis.kinds import Kind
from services.chassis.messages import Message
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.seals import Seals
from services.chassis.settings import Settings
from services.chassis.vault import Keyring
from services.chassis.wiring import Told
from services.plans import main
from services.plans.queries.reading import Reading
from services.plans.usecases import Plans

S = TypeVar("S")


@dataclass(kw_only=True)
class Stage:
    """A running plan service; `say` speaks for the other services."""

    process: Process
    producer: AIOKafkaProducer
    district: str = ""
    _sequences: dict[str, "itertools.count[int]"] = field(default_factory=dict)

    @property
    def plans(self) -> Plans:
        return Plans(self.process.engine.committer)

    @property
    def reading(self) -> Reading:
        return Reading(self.process.database, self.process.engine.vault)

    @property
    def scope(self) -> Scope:
        return Scope(district=self.district, actor="case-manager")

    async def say(self, *events: Event, district: str = "") -> None:
        """Put events of another service on its topic, sealed."""
        seals = Seals(self.process.engine.vault, "played-by-hand")
        for event in events:
            keys = await seals.keys_for_events([event], Keyring({}))
            await self._send(event, seals, keys, district or self.district)

    async def _send(self, event: Event, seals: Seals, keys: Keyring, district: str) -> None:
        number = next(self._sequences.setdefault(event.subject, itertools.count(1)))
        prefix = self.process.settings.topic_prefix
        message = Message(
            id=uuid5(NAMESPACE, f"{prefix} {event.TYPE} {event.subject} {number}"),
            body=event,
            routes=(),
            district=district,
        )
        at = self.process.clocks.business()
        told = Told(event=event, sequence=number, number=1, message=message, time=at)
        sent = seals.outgoing(told, keys)
        await self.producer.send_and_wait(
            f"{prefix}{sent.topic}", sent.value, key=sent.key, headers=list(sent.headers)
        )

    async def state(self, kind: Kind[S], id: str) -> S | None:
        """A stored state, whoever may see it."""
        return await self.reading.get(kind, self.scope, id)

    async def until(self, kind: Kind[S], id: str, holds: Any, what: str) -> S:
        """Wait until a stored state meets a condition."""
        found: list[S] = []

        async def met() -> bool:
            state = await self.state(kind, id)
            found[:] = [state] if state is not None and holds(state) else []
            return bool(found)

        await until(met, what)
        return found[0]


async def listening(process: Process) -> None:
    """Wait until facts arrive: a consumer that is stopped while it joins is not closed whole."""

    async def is_assigned() -> bool:
        return process.engine.consumer.is_assigned

    await until(is_assigned, "the service listens")


@asynccontextmanager
async def staged(settings: Settings) -> AsyncIterator[Stage]:
    """The engine running without pages, until the block ends."""
    process = main.process(settings)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_servers)
    await producer.start()
    try:
        async with process.engine.running():
            await listening(process)
            yield Stage(process=process, producer=producer)
    finally:
        await producer.stop()
        await process.database.close()
