"""From the outbox to Kafka: in order, by one process, whatever breaks in between."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from deploy.checker.outside import until
from services.chassis.kernel import Outage
from services.chassis.leases import Lease
from services.chassis.relay import Relay, Sent, kafka_producer
from services.chassis.telemetry import Telemetry
from tests.integration.chassis.conftest import Toys
from tests.toy.agreement import headers_of_topic
from tests.toy.boxes import FILL
from tests.toy.builders import to_fill
from tests.toy.door import Door, open_door
from tests.toy.events import FILLINGS
from tests.toy.running import running

TIMES = 3
SOON_SECONDS = 5.0


def relay_of(door: Door, holder: str = "one", **given: Any) -> Relay:
    """A relay of this test's own."""
    settings, database = door.engine.settings, door.engine.database
    given = {"new_producer": lambda: kafka_producer(settings.brokers), **given}
    return Relay(
        door.engine.outbox,
        Lease(database, "relay", holder, seconds=0.6),
        telemetry=Telemetry.off(),
        topic_prefix=settings.topic_prefix,
        monotonic=time.monotonic,
        **given,
    )


async def fill(door: Door, *boxes: str) -> None:
    """One event for each box."""
    submit = door.engine.committer.submit
    await asyncio.gather(*(submit(to_fill(box), FILL) for box in boxes))


async def sent(door: Door) -> list[tuple[str, int]]:
    """Subject and sequence of what stands on the topic."""
    settings = door.engine.settings
    found = await headers_of_topic(settings.kafka_servers, settings.topic_prefix + FILLINGS)
    return [(each["ce_subject"], int(each["ce_sequence"])) for each in found]


async def test_events_of_a_subject_arrive_in_order_whatever_the_clocks_say(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("boxes")
    async with (
        open_door(settings, ids=ids_from(2)) as ahead,
        open_door(settings, ids=ids_from(1)) as behind,
    ):
        for door in (ahead, behind, behind, ahead):
            await fill(door, "a")
        await fill(behind, "b")
        relay = relay_of(behind)

        first = await relay.relay(limit=2)
        assert (first.rows, first.events) == (2, 2)
        await relay.relay()
        assert await relay.relay() == Sent()

        assert [number for box, number in await sent(behind) if box == "a"] == [1, 2, 3, 4]
        assert await behind.rows("outbox") == []
        await relay.stop()


def ids_from(hours: int) -> Callable[[], UUID]:
    """Ids as a process makes them whose clock stands at so many hours."""
    numbers = itertools.count((hours * 3_600_000 << 80) + (hours << 40))
    return lambda: UUID(int=next(numbers))


async def test_only_the_holder_sends_and_another_takes_over_when_it_is_gone(
    toys_on_kafka: Toys,
) -> None:
    async with open_door(toys_on_kafka.settings("boxes")) as boxes:
        first = asyncio.create_task(relay_of(boxes, "first").run())
        await fill(boxes, "a")
        await empty(boxes)
        assert not await Lease(boxes.engine.database, "relay", "second").hold()
        second = asyncio.create_task(relay_of(boxes, "second").run())
        await fill(boxes, "a", "b")
        await empty(boxes)
        (lease,) = await boxes.rows("leases")
        assert lease["holder"] == "first"

        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await fill(boxes, "a")
        await empty(boxes)

        (lease,) = await boxes.rows("leases")
        assert lease["holder"] == "second"
        assert sorted(await sent(boxes)) == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)


async def empty(door: Door) -> None:
    """Wait until all is sent."""

    async def is_empty() -> bool:
        return not await door.rows("outbox")

    await until(is_empty, "the outbox is empty")


class Breaking:
    """A producer whose first sends fail for good, as after a non-retriable error."""

    def __init__(self, whole: AIOKafkaProducer) -> None:
        self._whole = whole

    async def start(self) -> None:
        """As the real one."""
        await self._whole.start()

    async def stop(self) -> None:
        """As the real one."""
        await self._whole.stop()

    async def send(self, *given: Any, **named: Any) -> asyncio.Future[Any]:
        """Fail after the send, when its acknowledgement is awaited."""
        del given, named
        ack: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ack.set_exception(MessageSizeTooLargeError())
        return ack


async def test_a_broken_producer_is_dropped_and_all_is_sent_by_a_new_one(
    toys_on_kafka: Toys,
) -> None:
    async with open_door(toys_on_kafka.settings("boxes")) as boxes:
        made: list[Any] = []

        def new_producer() -> Any:
            whole = kafka_producer(boxes.engine.settings.brokers)
            made.append(whole if made else Breaking(whole))
            return made[-1]

        relay = relay_of(boxes, new_producer=new_producer)
        await fill(boxes, "a", "b")

        with pytest.raises(Outage):
            await relay.relay()
        assert sum(len(row["events"]) for row in await boxes.rows("outbox")) == 2
        assert (await relay.relay()).events == 2

        assert len(made) == 2
        assert sorted(await sent(boxes)) == [("a", 1), ("b", 1)]
        await relay.stop()


async def test_an_event_is_on_its_topic_soon_after_its_command(toys_on_kafka: Toys) -> None:
    async with running(toys_on_kafka.settings("boxes")) as boxes:
        await boxes.committer.submit(to_fill(), FILL)
        door = Door(boxes, clock=None)  # type: ignore[arg-type]

        await empty(door)

        (found,) = await headers_of_topic(
            boxes.settings.kafka_servers, boxes.settings.topic_prefix + FILLINGS
        )
        assert found["ce_type"] == "boxes.box_filled.v1"
        assert found["ce_sequence"] == "1".zfill(20)
        assert found["ce_district"] == "district-1"


def test_what_the_fake_producer_raises_is_what_kafka_raises() -> None:
    assert issubclass(MessageSizeTooLargeError, KafkaError)
    assert not MessageSizeTooLargeError.retriable


async def test_a_relay_that_is_woken_while_it_is_told_to_end_ends(toys_on_kafka: Toys) -> None:
    async with open_door(toys_on_kafka.settings("boxes")) as door:
        relay = relay_of(door)
        for _ in range(TIMES):
            sending = asyncio.create_task(relay.run())
            await fill(door, "one")

            async def is_sent() -> bool:
                return not await door.engine.outbox.oldest(limit=1)

            await until(is_sent, "it rests")
            relay.wake()
            sending.cancel()
            await asyncio.wait({sending}, timeout=SOON_SECONDS)
            assert sending.cancelled()
