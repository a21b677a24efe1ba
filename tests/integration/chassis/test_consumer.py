"""The one subscriber of a process, on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.checker.outside import until
from services.chassis.engine import Engine
from services.chassis.messages import Message, Record
from services.chassis.mongo import Session
from services.chassis.settings import Settings
from tests.integration.chassis.conftest import Toys
from tests.integration.chassis.test_parking import with_header
from tests.toy.builders import a_filling, an_order
from tests.toy.counts import POISON
from tests.toy.door import Door, open_door
from tests.toy.orders import Stock
from tests.toy.running import engine_of, running


async def send(door: Door, *records: Record) -> None:
    """Put records on their topic as they are, all into one partition."""
    settings = door.engine.settings
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_servers, acks="all")
    await producer.start()
    try:
        for each in records:
            await producer.send_and_wait(
                settings.topic_prefix + each.topic,
                each.value,
                key=each.key,
                headers=list(each.headers),
                partition=0,
            )
    finally:
        await producer.stop()


async def handled(door: Door, events: int) -> None:
    """Wait until so many events were handled."""

    async def are_in_inbox() -> bool:
        return len(await door.rows("inbox")) >= events

    await until(are_in_inbox, f"{events} events are handled")


async def parked(door: Door, rows: int) -> None:
    """Wait until so many are parked."""

    async def are_parked() -> bool:
        return len(await door.parked()) >= rows

    await until(are_parked, f"{rows} records are parked")


async def test_records_that_no_parser_takes_are_parked_and_the_rest_is_done(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("counts")
    async with open_door(settings) as door, running(settings):
        well = [await door.record(a_filling(f"well-{n}")) for n in range(6)]
        sick = [await door.record(a_filling(f"sick-{n}")) for n in range(6)]
        batch = [
            well[0],
            with_header(sick[0], "x-null", None),
            well[1],
            with_header(sick[1], "x-latin", b"\xe9"),
            well[2],
            replace(sick[2], key=None),
            well[3],
            replace(sick[3], value=None),
            well[4],
            replace(sick[4], value=b"x" * (900 * 1024)),
            with_header(sick[5], "reply_to", b"somewhere"),
            well[5],
        ]

        await send(door, *batch)
        await handled(door, 7)
        await parked(door, 5)

        assert {row["offset"]: row["code"] for row in await door.parked()} == {
            1: "header_null",
            3: "header_not_text",
            5: "key_missing",
            7: "value_missing",
            9: "too_large",
        }
        assert len(await door.rows("counts")) == 7


async def test_a_stopped_line_waits_and_goes_on_when_a_person_says_so(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("counts")
    async with open_door(settings) as door, running(settings) as engine:
        poison = [await door.record(a_filling(f"sick-{n}", note=POISON)) for n in range(30)]
        await send(door, *poison, await door.record(a_filling("well")))

        async def is_stopped() -> bool:
            return engine.dead_letters.is_stopped

        await until(is_stopped, "the line is stopped")
        assert len(await door.parked()) == 20
        assert (await engine.watch.readiness())["line"] != True  # noqa: E712 - a reason is not True
        await said_to_be_stopped(door)
        await engine.replay.resume()

        await handled(door, 1)
        assert len(await door.parked()) == 30


async def said_to_be_stopped(door: Door) -> None:
    """Wait until the process has written that it stopped."""

    async def is_written() -> bool:
        row = await door.row("control", "line")
        return bool(row and row["stopped"])

    await until(is_written, "the stop is written down")


class Gate:
    """Stock that a batch can only read once a test lets it."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.entered = asyncio.Event()
        self.seen: list[str] = []
        self.leaks = 0

    async def load(self, session: Session, messages: Sequence[Message]) -> Stock:
        """Wait, or fail as a future of a closing client does."""
        del session
        self.entered.set()
        await self.opened.wait()
        if self.leaks:
            self.leaks -= 1
            raise asyncio.CancelledError
        self.seen += [message.body.order_id for message in messages]
        return Stock(left=1_000)

    async def save(self, session: Session, value: Stock) -> None:
        """Nothing to keep."""


@asynccontextmanager
async def gated(settings: Settings, gate: Gate) -> AsyncIterator[Engine]:
    """A process whose batches wait at a gate."""
    engine = engine_of(settings)
    engine.wiring.providers[Stock] = gate  # type: ignore[index]
    try:
        async with engine.running():
            yield engine
    finally:
        await engine.database.close()


@pytest.mark.parametrize("driver", ["motor"])  # it takes as long as two heartbeats of the group
async def test_a_batch_in_hand_ends_before_its_partitions_go_to_another_process(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("orders")
    first, second = Gate(), Gate()
    second.opened.set()
    async with open_door(settings) as door, gated(settings, first) as one:
        await assigned(one)
        await send(door, *[await door.record(an_order(f"order-{n}")) for n in range(5)])
        await first.entered.wait()
        async with gated(settings, second) as two:
            await asyncio.wait({asyncio.ensure_future(assigned(two))}, timeout=5)
            assert not two.consumer.is_assigned  # it waits for the batch of the first
            first.opened.set()
            await assigned(two)
            await handled(door, 5)
            await send(door, await door.record(an_order("later")))
            await handled(door, 6)

    assert sorted([*first.seen, *second.seen]) == [
        "later",
        *(f"order-{n}" for n in range(5)),
    ]


async def assigned(engine: Engine) -> None:
    """Wait until the group gave it partitions."""

    async def has_partitions() -> bool:
        return engine.consumer.is_assigned

    await until(has_partitions, "partitions are assigned")


async def test_while_a_batch_is_in_hand_nothing_counts_as_heard_though_the_broker_answers(
    toys_on_kafka: Toys,
) -> None:
    settings, gate = toys_on_kafka.settings("orders"), Gate()
    async with open_door(settings) as door, gated(settings, gate) as engine:
        await assigned(engine)
        await send(door, await door.record(an_order()))
        await gate.entered.wait()
        in_hand_at = engine.clocks.real()
        kafka = engine.consumer._subscriber.consumer

        async def goes_on() -> bool:
            answers = [kafka.last_poll_timestamp(each) or 0 for each in kafka.assignment()]
            return max(answers) > in_hand_at.timestamp() * 1000 + 1_000

        await until(goes_on, "the broker answers a second later")
        assert engine.consumer.heard_at() <= in_hand_at
        gate.opened.set()

        async def is_heard() -> bool:
            return engine.consumer.heard_at() > in_hand_at

        await until(is_heard, "all is heard once the batch is done")


async def test_a_cancellation_that_leaks_into_a_batch_does_not_end_the_consumer(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("orders")
    gate = Gate()
    gate.opened.set()
    gate.leaks = 2
    async with open_door(settings) as door, gated(settings, gate) as engine:
        await send(door, await door.record(an_order()))

        await handled(door, 1)

        assert engine.is_alive
        assert gate.leaks == 0


async def test_a_process_that_ends_while_a_batch_waits_gives_it_back(
    toys_on_kafka: Toys,
) -> None:
    settings: Any = toys_on_kafka.settings("counts")
    async with open_door(settings) as door:
        async with running(settings) as engine:
            engine.dead_letters.is_stopped = True
            await send(door, await door.record(a_filling()))
            await assigned(engine)
        assert await door.rows("counts") == []

        async with running(settings):
            await handled(door, 1)
