"""The one subscriber of a process: all topics of a service, in batches, through the door.

Each default of FastStream and of the client that `listen` leaves out loses or repeats events.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final, cast

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.schemas import Topic
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from services.chassis.brokers import Brokers
from services.chassis.commit import Committer
from services.chassis.dead_letters import DeadLetters
from services.chassis.failpoints import FailPoints
from services.chassis.hopeless import end_if_hopeless
from services.chassis.kernel import Outage
from services.chassis.messages import Record
from services.chassis.pace import pause_after
from services.chassis.telemetry import Telemetry
from services.chassis.waiting import begun, is_told_to_end

BATCH: Final = 500
DRAIN_SECONDS: Final = 20.0
REBALANCE_MS: Final = 30_000  # so long the broker waits for a drain; else for a session's timeout
FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 30.0
STOPPED_LOOK_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 15.0
DAY_MS: Final = 86_400_000
LOGINS: Final[dict[str, type[SASLPlaintext | SASLScram256 | SASLScram512]]] = {
    "plain": SASLPlaintext,
    "scram-sha-256": SASLScram256,
    "scram-sha-512": SASLScram512,
}

Raw = Sequence["ConsumerRecord[Any, Any]"]
Parsed = Callable[[Any], Awaitable[KafkaMessage]]


def kafka_broker(brokers: Brokers) -> KafkaBroker:
    """A broker that only consumes; sending is the relay's."""
    return KafkaBroker(
        brokers.servers,
        security=_security(brokers),
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        logger=None,
    )


def _security(brokers: Brokers) -> BaseSecurity:
    """What FastStream wants in place of `Brokers.client`."""
    if not brokers.signs_in:
        return BaseSecurity(brokers.context)
    return LOGINS[brokers.mechanism](brokers.user, brokers.password, brokers.context)


async def started(broker: KafkaBroker) -> None:
    """Start consuming; a start that is broken off leaves nothing open.

    Raises:
        Outage: no broker answers; this one is of no more use.
    """
    try:
        await begun(broker.start, broker.stop)
    except KafkaError as error:
        raise Outage from error


async def parse_anything(batch: Any, original: Parsed) -> KafkaMessage:
    """A batch as a message, whatever its headers hold; FastStream would lose it otherwise."""
    bare = replace(batch[0], headers=())
    message = await original((bare,))
    message.raw_message = batch
    return message


async def decode_nothing(message: KafkaMessage, _: Any) -> Any:
    """The records as they came; the door reads them."""
    return message.raw_message


class Drain(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch in hand end before its partitions go to another process."""

    def __init__(self) -> None:
        self.subscriber: Any = None  # its lock is made when it starts, so it is asked for late

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Wait for the batch, at most 20 s; the inbox makes a repeat harmless."""
        if self.subscriber is not None and revoked:
            await self.subscriber.lock.wait_release(DRAIN_SECONDS)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing to do: offsets are in Kafka."""


class Consumer:
    """Feeds records to the door; waits in place while the database is away."""

    def __init__(
        self,
        committer: Committer,
        dead_letters: DeadLetters,
        *,
        telemetry: Telemetry,
        real_time: Callable[[], datetime],
        topic_prefix: str = "",
        fail_points: FailPoints | None = None,
    ) -> None:
        self._committer = committer
        self._dead_letters = dead_letters
        self._telemetry = telemetry
        self._real_time = real_time
        self._topic_prefix = topic_prefix
        self._fail_points = fail_points or FailPoints()
        self._stopping = asyncio.Event()
        self._subscriber: Any = None
        self._in_hand_since: datetime | None = None  # a batch

    def listen(
        self,
        broker: KafkaBroker,
        topics: Sequence[str],
        *,
        group: str,
        group_instance_id: str | None = None,
        session_timeout_ms: int = 10_000,
    ) -> None:
        """Subscribe once, to all topics of the service: several of one group repeat records."""
        drain = Drain()
        subscriber = broker.subscriber(
            *(Topic(self._topic_prefix + name, declare=False) for name in topics),
            batch=True,
            group_id=group,
            group_instance_id=group_instance_id,
            auto_offset_reset="earliest",  # else what came before the first start is passed over
            ack_policy=AckPolicy.NACK_ON_ERROR,  # all others commit what was not handled
            max_workers=1,  # more would end after the consumer, and commit nothing any more
            no_reply=True,  # else a header can make FastStream publish what a handler gave
            batch_timeout_ms=10,  # an empty poll sleeps for so long
            max_records=BATCH,
            fetch_max_wait_ms=100,
            session_timeout_ms=session_timeout_ms,
            rebalance_timeout_ms=REBALANCE_MS,
            max_poll_interval_ms=DAY_MS,  # an outage is waited out in place
            parser=cast("Any", parse_anything),
            decoder=cast("Any", decode_nothing),
            listener=drain,
        )
        subscriber(self.handle)
        drain.subscriber = self._subscriber = subscriber

    async def handle(self, batch: Raw) -> None:
        """Commit a batch; returns when it is done, and only then is its offset committed."""
        try:
            await self._handle(batch)
        except Exception as error:  # FastStream would pass over it
            end_if_hopeless(error)
            raise

    async def _handle(self, batch: Raw) -> None:
        records = [record_of_topic(each, self._topic_prefix) for each in batch]
        self._in_hand_since, began = self._real_time(), perf_counter()
        await self._patiently(records)
        self._in_hand_since = None
        self._telemetry.observe("batch_seconds", perf_counter() - began)
        oldest = min(each.timestamp for each in records) / 1000
        self._telemetry.observe("event_age_seconds", self._real_time().timestamp() - oldest)
        structlog.get_logger().info("batch.handled", records=len(records))
        self._fail_points.reach("consumer.offset")
        await asyncio.sleep(pause_after(len(records)))

    async def _patiently(self, records: Sequence[Record]) -> None:
        wait = FIRST_WAIT_SECONDS
        while True:
            await self._until_resumed()
            try:
                await self._committer.commit(records)
                return
            except Outage:
                structlog.get_logger().warning("consumer.waits", seconds=round(wait, 1))
            except asyncio.CancelledError:
                if self._stopping.is_set() or is_told_to_end():
                    raise
                # one that leaked from elsewhere would end the consume task for good
                structlog.get_logger().error("consumer.cancelled")
            except Exception as error:  # not even parking went: Kafka would try without a pause
                end_if_hopeless(error)
                name = type(error).__name__
                structlog.get_logger().error("consumer.failed", error_class=name)
            self._telemetry.count("outages_total", part="consumer")
            await self._rest(wait * random.uniform(0.5, 1))  # noqa: S311 - spread, no secret
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _until_resumed(self) -> None:
        """A line that was stopped goes on when a person says so; a bug must not empty a topic."""
        while self._dead_letters.is_stopped:
            await self._rest(STOPPED_LOOK_SECONDS)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
        raise Stopping

    def stop(self) -> None:
        """Let go of a batch that waits; it comes again to the next process."""
        self._stopping.set()

    @property
    def _assigned(self) -> set[TopicPartition]:
        consumer = getattr(self._subscriber, "consumer", None)
        return set() if consumer is None else set(consumer.assignment())

    @property
    def is_assigned(self) -> bool:
        """Whether the group gave this process its partitions."""
        return bool(self._assigned)

    @property
    def partitions(self) -> list[str]:
        """Those that the group gave this process, as `topic|number`."""
        assigned = sorted((each.topic, each.partition) for each in self._assigned)
        return [f"{topic.removeprefix(self._topic_prefix)}|{number}" for topic, number in assigned]

    def heard_at(self) -> datetime:
        """When all there was on these partitions was last done with; `NEVER` without any.

        The fetcher of the client goes on asking the broker while a batch is in hand, and stops for
        a partition whose records nobody takes: so both count, the batch and the oldest partition.
        """
        polled = [self._subscriber.consumer.last_poll_timestamp(each) for each in self._assigned]
        oldest = min((each or 0 for each in polled), default=0)
        heard = datetime.fromtimestamp(oldest / 1000, UTC)
        return min(heard, self._in_hand_since) if self._in_hand_since else heard

    @property
    def is_alive(self) -> bool:
        """Whether the consume task still runs; before the broker is there, none does yet."""
        tasks = [] if self._subscriber is None else self._subscriber.tasks
        return not tasks or any(not task.done() for task in tasks)


class Stopping(Exception):
    """The process ends while a batch waited; Kafka gives it back."""


def record_of_topic(raw: "ConsumerRecord[Any, Any]", prefix: str) -> Record:
    """A record of a topic as the door takes it."""
    return Record(
        topic=raw.topic.removeprefix(prefix),
        partition=raw.partition,
        offset=raw.offset,
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
        timestamp=raw.timestamp,
    )
