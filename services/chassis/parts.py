"""What one process of a service is made of: door, relay, consumer, timers, and what watches."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from services.chassis.commit import Committer
from services.chassis.consumer import Consumer
from services.chassis.dead_letters import DeadLetters
from services.chassis.declared import Tables
from services.chassis.failpoints import FailPoints
from services.chassis.freshness import Heard
from services.chassis.inbox import Inbox
from services.chassis.kafka_link import KafkaLink
from services.chassis.kernel import table
from services.chassis.kinds import Kind
from services.chassis.leases import Lease
from services.chassis.messages import rows_by_type
from services.chassis.mongo import Database
from services.chassis.outbox import Outbox
from services.chassis.relay import Relay, kafka_producer
from services.chassis.replay import Replay
from services.chassis.seals import Seals
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.chassis.timers import Timers
from services.chassis.vault import Vault
from services.chassis.watch import Watch
from services.chassis.wiring import Provider, Wiring


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """Where time and ids enter; made in `main`."""

    business: Callable[[], datetime]
    real: Callable[[], datetime]
    monotonic: Callable[[], float]
    new_id: Callable[[], UUID]  # uuid7


@dataclass(eq=False)
class Parts:
    """The parts of one process; each is made when first asked for, of those that it names."""

    settings: Settings
    tables: Tables
    database: Database
    clocks: Clocks
    _: KW_ONLY
    telemetry: Telemetry
    providers: Mapping[type, Provider] = field(default_factory=dict)
    publish: Callable[[Any], None] = lambda _: None  # to pages: these ids changed

    def __post_init__(self) -> None:
        self.platform = self.database.beside(self.settings.platform_database)
        self.holder = self.settings.group_instance_id or str(self.clocks.new_id())  # of leases
        self.kafka = KafkaLink(self.settings.brokers)
        self._fail_points = FailPoints(self.settings.fail_at)

    @property
    def group(self) -> str:
        """The consumer group: the service, under the prefix of its topics where that is set."""
        return self.settings.topic_prefix + self.settings.service

    # -- what is stored, and how -----------------------------------------------------------------

    @cached_property
    def kinds(self) -> Mapping[type, Kind[Any]]:
        """How each kind of aggregate is stored, by its state."""
        return {kind.state: kind for kind in self.tables.kinds}

    @cached_property
    def vault(self) -> Vault:
        """The keys of persons, which all services share."""
        return Vault(self.platform, self.settings.keks, self.clocks.monotonic)

    @cached_property
    def seals(self) -> Seals:
        """Sealed parts of events and documents."""
        return Seals(self.vault, self.settings.service)

    @cached_property
    def outbox(self) -> Outbox:
        """Events that wait to be sent."""
        return Outbox(self.database, self.clocks.new_id, self.clocks.real)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """What could not be read or decided."""
        return DeadLetters(
            self.database,
            self.outbox,
            service=self.settings.service,
            telemetry=self.telemetry,
            real_time=self.clocks.real,
            monotonic=self.clocks.monotonic,
        )

    # -- the door, and what comes to it ----------------------------------------------------------

    @cached_property
    def wiring(self) -> Wiring:
        """What the door is given of the service."""
        return Wiring(
            database=self.database,
            kinds=self.kinds,
            providers=self.providers,
            answers=self.tables.answers,
            inbox=Inbox(self.database),
            outbox=self.outbox,
            seals=self.seals,
            clock=self.clocks.business,
            real_time=self.clocks.real,
            new_id=self.clocks.new_id,
            fail_points=self._fail_points,
        )

    @cached_property
    def committer(self) -> Committer:
        """The door; commands come to it from use cases."""
        return Committer(
            self.wiring,
            rows_by_type(table(self.tables.rows)),
            self.dead_letters,
            telemetry=self.telemetry,
            wake=self.relay.wake,
            publish=self.publish,
        )

    @cached_property
    def consumer(self) -> Consumer:
        """Events of all topics that the service listens to, on their way to the door."""
        return Consumer(
            self.committer,
            self.dead_letters,
            telemetry=self.telemetry,
            real_time=self.clocks.real,
            topic_prefix=self.settings.topic_prefix,
            fail_points=self._fail_points,
        )

    @cached_property
    def timers(self) -> Timers:
        """Clocks that run out, as ticks on their way to the door."""
        return Timers(
            self.database,
            clocks=self.tables.clocks,
            kinds=self.kinds,
            committer=self.committer,
            dead_letters=self.dead_letters,
            lease=Lease(self.database, "timers", self.holder),
            clock=self.clocks.business,
            telemetry=self.telemetry,
        )

    @cached_property
    def replay(self) -> Replay:
        """What was set aside, on its way to the door once more."""
        return Replay(
            self.database,
            self.committer,
            {self.kinds[route.kind].collection: route for route in self.tables.clocks},
            self.clocks.real,
        )

    @cached_property
    def heard(self) -> Heard:
        """How far this process is on its topics, noted where every process can ask."""
        return Heard(
            self.database, holder=self.holder, listener=self.consumer, real=self.clocks.real
        )

    # -- what goes out, and who looks ------------------------------------------------------------

    @cached_property
    def relay(self) -> Relay:
        """From the outbox to Kafka."""
        return Relay(
            self.outbox,
            Lease(self.database, "relay", self.holder),
            lambda: kafka_producer(self.settings.brokers),
            telemetry=self.telemetry,
            topic_prefix=self.settings.topic_prefix,
            monotonic=self.clocks.monotonic,
            fail_points=self._fail_points,
            not_begun=self.kafka.ask,
        )

    @cached_property
    def watch(self) -> Watch:
        """What is measured, and whether work can be done here."""
        return Watch(
            settings=self.settings,
            listens="consumer" in self.settings.roles and bool(self.tables.topics),
            database=self.database,
            vault=self.vault,
            outbox=self.outbox,
            dead_letters=self.dead_letters,
            committer=self.committer,
            consumer=self.consumer,
            telemetry=self.telemetry,
            real_time=self.clocks.real,
            kafka=self.kafka,
        )
