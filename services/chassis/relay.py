"""From the outbox to Kafka: one process per service, in order per subject.

A crash can only repeat.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from services.chassis.brokers import Brokers
from services.chassis.failpoints import FailPoints
from services.chassis.hopeless import end_if_hopeless
from services.chassis.kernel import Outage
from services.chassis.leases import Lease
from services.chassis.outbox import Outbox, Outgoing, Queued
from services.chassis.pace import pause_after
from services.chassis.telemetry import Telemetry
from services.chassis.waiting import begun, is_told_to_end

IDLE_SECONDS: Final = 0.1
NOT_HOLDER_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 5.0
STOP_SECONDS: Final = 5.0
ROWS: Final = 100  # read at once; each holds what one transaction told
EVENTS: Final = 500  # sent at once, so that the lease can be renewed in between
KEYS_KEPT: Final = 10_000

NewProducer = Callable[[], AIOKafkaProducer]


async def _nothing() -> None:
    """What is done where nobody asks for more."""


class Partitioner(DefaultPartitioner):  # type: ignore[misc]
    """The partitions of every Kafka client; the hash is plain Python, so it is kept per key.

    An event is seldom the only one of its student in a batch: of three look-ups two are known.
    """

    def __init__(self) -> None:
        self._chosen = lru_cache(maxsize=KEYS_KEPT)(self._choose)

    def __call__(self, key: bytes | None, all_partitions: list[int], available: list[int]) -> int:
        """The partition of a key."""
        if key is None:
            return int(super().__call__(key, all_partitions, available))
        return all_partitions[self._chosen(key, len(all_partitions))]

    @staticmethod
    def _choose(key: bytes, partitions: int) -> int:
        numbers = list(range(partitions))
        return int(DefaultPartitioner()(key, numbers, numbers))


def kafka_producer(brokers: Brokers) -> AIOKafkaProducer:
    """A producer that neither loses nor reorders.

    Its defaults take one broker's word, and a try that is repeated for a second record.
    """
    return AIOKafkaProducer(
        **brokers.client,
        acks="all",
        enable_idempotence=True,
        max_batch_size=262_144,
        request_timeout_ms=10_000,
        partitioner=Partitioner(),
    )


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How much the relay sent in one turn."""

    rows: int = 0
    events: int = 0


class Relay:
    """Sends what waits in the outbox, under a lease."""

    def __init__(
        self,
        outbox: Outbox,
        lease: Lease,
        new_producer: NewProducer,
        *,
        telemetry: Telemetry,
        topic_prefix: str = "",
        monotonic: Callable[[], float],
        fail_points: FailPoints | None = None,
        not_begun: Callable[[], Awaitable[None]] = _nothing,  # no producer could be started
    ) -> None:
        self._outbox = outbox
        self._lease = lease
        self._create = new_producer
        self._telemetry = telemetry
        self._topic_prefix = topic_prefix
        self._monotonic = monotonic
        self._fail_points = fail_points or FailPoints()
        self._not_begun = not_begun
        self._producer: AIOKafkaProducer | None = None
        self._woken = asyncio.Event()
        self._held_until = 0.0

    def wake(self) -> None:
        """Something was queued just now."""
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled; outages are waited out."""
        wait = IDLE_SECONDS
        try:
            while not is_told_to_end():
                try:
                    await self._turn()
                    wait = IDLE_SECONDS
                except Exception as error:
                    end_if_hopeless(error)
                    if not isinstance(error, Outage):
                        name = type(error).__name__
                        structlog.get_logger().error("relay.failed", error_class=name)
                    self._telemetry.count("outages_total", part="relay")
                    await self._drop_producer()
                    wait = min(wait * 2, LONGEST_WAIT_SECONDS)
                    await asyncio.sleep(wait)
        finally:
            await self.stop()

    async def _turn(self) -> None:
        """Send one batch, and rest if there is no more."""
        if not await self._holds_lease():
            await asyncio.sleep(NOT_HOLDER_SECONDS)  # what is queued here, the holder sends
            return
        self._woken.clear()
        sent = await self.relay()
        if sent.rows < ROWS:
            await self._rest()
        await asyncio.sleep(pause_after(sent.events))

    async def _holds_lease(self) -> bool:
        """Renew when a third of it is over, so that it never runs out while sending."""
        now = self._monotonic()
        if now < self._held_until:
            return True
        if not await self._lease.hold():
            return False
        self._held_until = now + self._lease.seconds / 3
        return True

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._woken.wait()

    async def relay(self, *, limit: int = ROWS) -> "Sent":
        """Send the events of the first rows, in order.

        Raises:
            Outage: some may have arrived; all are sent again.
        """
        started = self._monotonic()
        queued = await self._outbox.oldest(limit=limit)
        rows = events = 0
        for portion in _portions(queued):
            if rows and not await self._holds_lease():
                break
            events += await self._relayed(portion)
            rows += len(portion)
        if rows:
            self._telemetry.observe("relay_seconds", self._monotonic() - started)
        return Sent(rows=rows, events=events)

    async def _relayed(self, rows: Sequence[Queued]) -> int:
        """Send the events of some rows and forget these; gives how many there were."""
        events = [event for row in rows for event in row.events]
        with self._telemetry.batch("relay", [_traceparent(each) for each in events]):
            await self._send(events)
            self._fail_points.reach("relay.delete")
            await self._outbox.remove(rows)
        for topic, times in Counter(each.topic for each in events).items():
            self._telemetry.count("events_sent_total", times, topic=topic)
        return len(events)

    async def _send(self, events: Sequence[Outgoing]) -> None:
        try:
            producer = self._producer or await self._new_producer()
            acks = []
            for each in events:
                headers = list(each.headers)
                topic = self._topic_prefix + each.topic
                ack = await producer.send(topic, each.value, key=each.key, headers=headers)
                ack.add_done_callback(self._acknowledged)
                acks.append(ack)
            await asyncio.gather(*acks)
        except KafkaError as error:  # its partition stays broken for good: drop it, read again
            await self._drop_producer()
            raise Outage from error

    def _acknowledged(self, _: object) -> None:
        self._fail_points.reach("relay.sent")

    async def _new_producer(self) -> AIOKafkaProducer:
        producer = self._create()
        try:
            await begun(producer.start, producer.stop)
        except KafkaError:
            await self._not_begun()
            raise
        self._producer = producer
        return producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError, TimeoutError):  # a broker away must not hold up the end
                async with asyncio.timeout(STOP_SECONDS):
                    await producer.stop()

    async def stop(self) -> None:
        """Let go of the broker and of the lease."""
        await self._drop_producer()
        try:
            await self._lease.release()
        except Outage:
            return  # it runs out by itself


def _portions(rows: Sequence[Queued]) -> Iterator[list[Queued]]:
    """Rows in lists of at most so many events, or of one row."""
    portion: list[Queued] = []
    events = 0
    for each in rows:
        events += len(each.events)
        if portion and events > EVENTS:
            yield portion
            portion, events = [], len(each.events)
        portion.append(each)
    if portion:
        yield portion


def _traceparent(event: Outgoing) -> str | None:
    return dict(event.headers).get("traceparent", b"").decode() or None
