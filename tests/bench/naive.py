"""The baseline: the same services as FastStream's tutorial would build them.

One handler call per event, one transaction per event, one write and one publish at a time, no
outbox: what is told is published before the commit, so that a crash can only repeat, and the ids
handled make a repeat harmless. Decisions, stored states, seals and pages are the very same, so
that the effects are; what differs is the way through.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import FastAPI
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.schemas import Topic

from services.chassis.batch import Batch
from services.chassis.conflicts import again_if_stale
from services.chassis.consumer import record_of_topic
from services.chassis.kernel import Command, Route, table
from services.chassis.messages import Message, Unknown, from_command, from_record, rows_by_type
from services.chassis.outbox import Outgoing
from services.chassis.process import Process, application_of
from services.chassis.settings import Settings, read
from services.chassis.wiring import Outcome
from services.notifications import main as notifications
from services.plans import main as plans
from services.plans.pages import routers
from services.referrals import main as referrals

S = TypeVar("S")
C = TypeVar("C", bound=Command)


class OneByOne(Batch):
    """One message in one transaction: writes one after the other, then publishes."""

    broker: KafkaBroker
    prefix: str

    async def _write(self, handled: Sequence[Message]) -> None:
        wiring, working, session = self.wiring, self._working, self.session
        told = [each.event for each in self.told]
        working.keys = await wiring.seals.keys_for_persons(working.persons(), working.keys)
        working.keys = await wiring.seals.keys_for_events(told, working.keys)
        await self._write_one_by_one()
        for need, value in self._shared.items():
            await wiring.providers[need].save(session, value)
        await wiring.inbox.add(session, handled, wiring.real_time())
        for each in self.told:
            await self._publish(wiring.seals.outgoing(each, working.keys))

    async def _write_one_by_one(self) -> None:
        database, session = self.wiring.database, self.session
        for collection, writes in self._working.writes().items():
            for write in writes:
                await database.collection(collection).write([write], session=session)
        for collection, ids in self._working.touched().items():
            for each in ids:
                await database.collection(collection).touch([each], session=session)

    async def _publish(self, event: Outgoing) -> None:
        headers = {name: value.decode() for name, value in event.headers}
        topic = self.prefix + event.topic
        await self.broker.publish(event.value, topic, key=event.key, headers=headers)


class Door:
    """Takes what the commit door takes, one at a time."""

    def __init__(self, process: Process, broker: KafkaBroker) -> None:
        self._wiring = process.engine.wiring
        self._broker = broker
        self._prefix = process.settings.topic_prefix
        self._rows = rows_by_type(table(process.engine.tables.rows))
        self._telemetry = process.telemetry

    async def submit(self, command: C, route: Route[S, C]) -> S:
        """The state after a command."""
        traceparent = self._telemetry.current_traceparent()
        outcome = await self._handled(from_command(command, route, traceparent))
        if outcome is None or outcome.refused is not None:
            raise RuntimeError(f"{type(command).__name__} was refused")
        state: S = outcome.state
        return state

    async def handle(self, message: KafkaMessage) -> None:
        """The handler of every event."""
        read = from_record(record_of_topic(message.raw_message, self._prefix), self._rows)
        if not isinstance(read, Unknown):
            await self._handled(read)

    async def _handled(self, message: Message) -> Outcome | None:
        async def once() -> Outcome | None:
            async with self._wiring.database.transaction() as session:
                batch = OneByOne(self._wiring, session)
                batch.broker, batch.prefix = self._broker, self._prefix
                await batch.run([message])
            return batch.outcomes.get(message)

        return await again_if_stale(once)


def application(process: Process) -> FastAPI:
    """One service: its pages if it is plans, its handlers, and nothing of the real line."""
    settings, engine = process.settings, process.engine
    broker = KafkaBroker(settings.kafka_servers, acks="all", enable_idempotence=True, logger=None)
    door = Door(process, broker)
    engine.committer.submit = door.submit  # type: ignore[method-assign,assignment]
    broker.subscriber(
        *(Topic(settings.topic_prefix + each, declare=False) for each in engine.tables.topics),
        group_id=engine.group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )(door.handle)
    is_plans = settings.service == "plans"
    app = application_of(process, settings.service, routers(process) if is_plans else [])
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Any]:
        async with inner(running) as state:
            await broker.start()
            try:
                yield state
            finally:
                await broker.stop()

    app.router.lifespan_context = lifespan
    return app


def plans_service() -> FastAPI:
    """The plan service."""
    return application(plans.process(_settings("plans")))


def referrals_service() -> FastAPI:
    """The referral service."""
    return application(referrals.process(_settings("referrals")))


def notifications_service() -> FastAPI:
    """The notification service."""
    settings = _settings("notifications")
    return application(notifications.process(settings, has_texts=True))


def _settings(service: str) -> Settings:
    return read(service, roles=frozenset({"web"}))
