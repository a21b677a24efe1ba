"""A process as it starts, is watched, and ends."""

import asyncio
import gc
from typing import Any

import pytest

from deploy.checker.outside import until
from services.chassis import hopeless
from services.chassis.telemetry import Telemetry
from tests.integration.chassis.conftest import Toys
from tests.toy.boxes import FILL
from tests.toy.builders import to_fill
from tests.toy.running import engine_of, running


@pytest.fixture
def driver() -> str:
    """The drivers make no difference here."""
    return "motor"


async def test_a_process_that_ends_while_it_joins_its_group_leaves_nothing_open(
    toys_on_kafka: Toys,
) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: complaints.append(said))
    async with running(toys_on_kafka.settings("boxes")) as engine:
        async with asyncio.timeout(30):
            while getattr(engine.consumer._subscriber, "consumer", None) is None:  # noqa: ASYNC110
                await asyncio.sleep(0)  # the very next turn: joining takes but a few
        assert not engine.consumer.is_assigned
    del engine
    gc.collect()

    assert complaints == []


async def test_a_process_that_waits_for_its_broker_is_alive(toys: Toys) -> None:
    async with running(toys.settings("boxes")) as engine:

        async def has_tried() -> bool:
            return engine.consumer._subscriber is not None

        await until(has_tried, "it has asked for the broker")
        assert engine.is_alive
        assert (await engine.watch.readiness())["assigned"] == "no partitions yet"


async def test_a_task_beside_the_engine_that_breaks_off_begins_anew(toys: Toys) -> None:
    engine = engine_of(toys.settings("boxes", roles="sender"))
    begun: list[str] = []

    async def breaks_once() -> None:
        begun.append("sender")
        if len(begun) == 1:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    engine.beside("sender", breaks_once)
    async with engine.running():

        async def is_back() -> bool:
            return len(begun) > 1

        await until(is_back, "it has begun anew")
        assert engine.is_alive
    await engine.database.close()


async def test_a_task_beside_the_engine_that_ended_is_no_life(toys: Toys) -> None:
    engine = engine_of(toys.settings("boxes", roles="sender"))

    async def ends() -> None:
        return

    engine.beside("sender", ends)
    async with engine.running():

        async def is_dead() -> bool:
            return not engine.is_alive

        await until(is_dead, "it is no more alive")
    await engine.database.close()


async def test_a_task_beside_the_engine_that_has_no_memory_ends_the_process(
    toys: Toys, endings: list[str]
) -> None:
    hopeless.watch_tasks()
    engine = engine_of(toys.settings("boxes", roles="sender"))

    async def starves() -> None:
        raise MemoryError

    engine.beside("sender", starves)
    async with engine.running():

        async def has_ended() -> bool:
            return bool(endings)

        await until(has_ended, "it has ended")
    await engine.database.close()


async def test_a_task_of_another_role_is_left_to_other_processes(toys: Toys) -> None:
    engine = engine_of(toys.settings("boxes", roles="web"))
    begun: list[str] = []

    async def begins() -> None:
        begun.append("sender")

    engine.beside("sender", begins)
    async with engine.running():
        await engine.committer.submit(to_fill(), FILL)
        assert engine.is_alive
    await engine.database.close()

    assert begun == []


async def test_what_is_watched_over_is_measured(toys_on_kafka: Toys) -> None:
    telemetry = Telemetry("boxes")
    async with (
        running(toys_on_kafka.settings("counts")),
        running(toys_on_kafka.settings("boxes"), telemetry=telemetry) as engine,
    ):
        await engine.database.collection("parked").insert_many([{"_id": "1", "topic": "t"}])
        await engine.committer.submit(to_fill(), FILL)

        async def is_measured() -> bool:
            told = telemetry.exposition().decode().splitlines()
            values = dict(line.rsplit(" ", 1) for line in told if not line.startswith("#"))
            return (
                float(values["wraparound_parked_rows"]) == 1
                and float(values["wraparound_batch_seconds_count"]) >= 1
                and float(values["wraparound_event_age_seconds_count"]) >= 1
                and 0 < float(values["wraparound_consumer_poll_age_seconds"]) < 30
            )

        await until(is_measured, "rows, batches, ages and the poll are measured")
