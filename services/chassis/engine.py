"""A service's tables made to run: door, relay, consumer, timers, and what watches over them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from faststream.kafka import KafkaBroker

from services.chassis import key_proofs, vault
from services.chassis.commit import Committer
from services.chassis.consumer import Consumer, kafka_broker, started
from services.chassis.dead_letters import DeadLetters
from services.chassis.declared import Tables
from services.chassis.failpoints import FailPoints
from services.chassis.inbox import Inbox
from services.chassis.kernel import Outage, table
from services.chassis.key_proofs import KeysUnfit
from services.chassis.kinds import Index
from services.chassis.leases import Lease
from services.chassis.messages import rows_by_type
from services.chassis.mongo import Database
from services.chassis.outbox import Outbox
from services.chassis.relay import Relay, kafka_producer
from services.chassis.replay import Replay
from services.chassis.seals import Seals
from services.chassis.settings import RoleOfProcess, Settings
from services.chassis.telemetry import Telemetry
from services.chassis.timers import Timers
from services.chassis.vault import Vault
from services.chassis.waiting import is_told_to_end, patiently, unceasing
from services.chassis.wiring import Provider, Wiring

WATCH_SECONDS: Final = 1.0
STOP_SECONDS: Final = 20.0
POLLED_SECONDS: Final = 30.0
KEYS: Final = {
    vault.COLLECTION: (Index((("kek", 1),)),),  # which of them a key-encryption key has wrapped
    key_proofs.COLLECTION: (),
}
Run = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Where time and ids enter; made in `main`."""

    business: Callable[[], datetime]
    real: Callable[[], datetime]
    monotonic: Callable[[], float]
    new_id: Callable[[], UUID]  # uuid7


class Engine:
    """One process of a service, without its pages."""

    def __init__(
        self,
        settings: Settings,
        tables: Tables,
        database: Database,
        clocks: Clocks,
        *,
        telemetry: Telemetry,
        providers: Mapping[type, Provider] | None = None,
        publish: Callable[[Any], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.tables = tables
        self.database = database
        self.platform = database.beside(settings.platform_database)
        self.clocks = clocks
        self.telemetry = telemetry
        fail_points = FailPoints(settings.fail_at)
        self.vault = Vault(self.platform, settings.keks, clocks.monotonic)
        self.seals = Seals(self.vault, settings.service)
        self.outbox = Outbox(database, clocks.new_id, clocks.real)
        self.dead_letters = DeadLetters(
            database,
            self.outbox,
            service=settings.service,
            telemetry=telemetry,
            real_time=clocks.real,
            monotonic=clocks.monotonic,
        )
        self.holder = settings.group_instance_id or str(clocks.new_id())  # of leases
        self.relay = Relay(
            self.outbox,
            Lease(database, "relay", self.holder),
            lambda: kafka_producer(settings.brokers),
            telemetry=telemetry,
            topic_prefix=settings.topic_prefix,
            monotonic=clocks.monotonic,
            fail_points=fail_points,
            not_begun=self._ask_kafka,
        )
        kinds = {kind.state: kind for kind in tables.kinds}
        self.wiring = Wiring(
            database=database,
            kinds=kinds,
            providers=providers or {},
            answers=tables.answers,
            inbox=Inbox(database),
            outbox=self.outbox,
            seals=self.seals,
            clock=clocks.business,
            real_time=clocks.real,
            new_id=clocks.new_id,
            fail_points=fail_points,
        )
        self.committer = Committer(
            self.wiring,
            rows_by_type(table(tables.rows)),
            self.dead_letters,
            telemetry=telemetry,
            wake=self.relay.wake,
            publish=publish,
        )
        self.consumer = Consumer(
            self.committer,
            self.dead_letters,
            telemetry=telemetry,
            real_time=clocks.real,
            topic_prefix=settings.topic_prefix,
            fail_points=fail_points,
        )
        self.timers = Timers(
            database,
            clocks=tables.clocks,
            kinds=kinds,
            committer=self.committer,
            dead_letters=self.dead_letters,
            lease=Lease(database, "timers", self.holder),
            clock=clocks.business,
            telemetry=telemetry,
        )
        self.replay = Replay(
            database,
            self.committer,
            {kinds[route.kind].collection: route for route in tables.clocks},
            clocks.real,
        )
        self.backlog: tuple[int, float] = (0, 0.0)
        self._broker: KafkaBroker | None = None
        self._refusal: str | None = None  # of a Kafka that is there, in one sentence
        self._beside: list[tuple[RoleOfProcess, Run]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def beside(self, role: RoleOfProcess, run: Run) -> None:
        """Let something more of the service run for as long as this does, where it has the role."""
        self._beside.append((role, run))

    @property
    def group(self) -> str:
        """The consumer group: the service, under the prefix of its topics where that is set."""
        return self.settings.topic_prefix + self.settings.service

    async def prepare(self) -> None:
        """Make collections and indexes; repeats harmlessly, waits while the database is away.

        Raises:
            KeysUnfit: the key-encryption keys are not those of the database.
        """

        async def once() -> str | None:
            await self.database.prepare(self.tables.indexes)
            await self.platform.prepare(KEYS)
            return await self.vault.look()

        misfit = await patiently(once, "database")
        if misfit is not None:
            raise KeysUnfit(misfit)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Engine"]:
        """Everything that this process's roles ask for, until the block ends."""
        await self.prepare()
        self._start("consumer", self._listen)
        self._start("relay", self.relay.run)
        if self.tables.clocks:
            self._start("timers", self.timers.run)
        for role, run in self._beside:
            self._start(role, run)
        self._tasks.append(asyncio.create_task(unceasing(self._watch_over, "watch")))
        try:
            yield self
        finally:
            self.consumer.stop()
            if self._broker is not None:
                await self._broker.stop()
            await self.committer.finish()
            await self._end_tasks()

    async def _listen(self) -> None:
        """Start the consumer, as soon as the broker is there."""
        if not self.tables.topics:
            return

        async def once() -> None:
            broker = kafka_broker(self.settings.brokers)
            self.consumer.listen(
                broker,
                self.tables.topics,
                group=self.group,
                group_instance_id=self.settings.group_instance_id,
            )
            try:
                await started(broker)
            except Outage:
                await self._ask_kafka()
                raise
            self._broker, self._refusal = broker, None

        await patiently(once, "kafka")

    async def _ask_kafka(self) -> None:
        """Find out whether Kafka is away or does not take us, and say the latter once."""
        before, self._refusal = self._refusal, await self.settings.brokers.refusal()
        if self._refusal is not None and self._refusal != before:
            structlog.get_logger().error("kafka.refused", reason=self._refusal)

    def _start(self, role: RoleOfProcess, run: Run) -> None:
        if role in self.settings.roles:
            self._tasks.append(asyncio.create_task(unceasing(run, role), name=role))

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        ended = asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await ended

    async def _watch_over(self) -> None:
        """Measure what waits; while it is too much or the database is away, take no command."""
        while not is_told_to_end():
            try:
                await self._measure()
            except Outage:
                self.committer.is_away = True
                self.telemetry.count("outages_total", part="database")
                structlog.get_logger().warning("database.away")
            else:
                self.committer.is_away = False
            await asyncio.sleep(WATCH_SECONDS)

    async def _measure(self) -> None:
        settings, telemetry = self.settings, self.telemetry
        rows, seconds = await self.outbox.backlog(limit=settings.outbox_rows + 1)
        self.backlog = rows, seconds
        self.committer.is_too_busy = (
            rows > settings.outbox_rows or seconds > settings.outbox_seconds
        )
        if self.vault.misfit is not None:
            await self.vault.look()
        await self.dead_letters.look_for_resume()
        telemetry.gauge("outbox_rows", rows)
        telemetry.gauge("outbox_oldest_seconds", seconds)
        telemetry.gauge("line_is_stopped", self.dead_letters.is_stopped)
        telemetry.gauge("parked_rows", await self.dead_letters.count())
        if self.consumer.is_assigned:
            telemetry.gauge("consumer_poll_age_seconds", self._heard_ago())

    async def readiness(self) -> dict[str, bool | str]:
        """Each thing that must hold for work to be done here; True or the reason why not."""
        listens = "consumer" in self.settings.roles and bool(self.tables.topics)
        return {
            "database": await self.database.ping() or "MongoDB cannot be written to",
            "outbox": not self.committer.is_too_busy or "events wait too long to be sent",
            "assigned": not listens
            or self.consumer.is_assigned
            or self._refusal
            or "no partitions yet",
            "polled": not listens
            or self._heard_ago() < POLLED_SECONDS
            or "nothing was heard, or one batch was in hand, for 30 s",
            "line": not self.dead_letters.is_stopped or "too many events were parked",
            "keys": self.vault.misfit or True,
        }

    def _heard_ago(self) -> float:
        return (self.clocks.real() - self.consumer.heard_at()).total_seconds()

    @property
    def is_alive(self) -> bool:
        """Whether all tasks of this process still run."""
        ended = [task for task in self._tasks if task.done() and task.get_name() != "consumer"]
        return self.consumer.is_alive and not ended
