"""Servers go away and come back: all waits, nothing is parked, and it goes on by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.checker.outside import until
from deploy.local.process import Process, wait_until_ready
from deploy.local.servers import Kafka, Mongo
from services.chassis.engine import Engine
from services.chassis.kernel import Outage, TooBusy
from tests.servers import Databases
from tests.settings import create_topics, settings_of
from tests.toy.boxes import FILL
from tests.toy.builders import to_fill
from tests.toy.running import PARTITIONS, TOPICS, running

PATIENCE = 60.0  # consumers of a broker that comes back need their time


async def ready(server: Process) -> None:
    """Wait until a server answers, without holding up the loop."""
    await asyncio.to_thread(wait_until_ready, server, seconds=PATIENCE)


async def fill(engine: Engine, times: int) -> None:
    """So many things into one box."""
    await asyncio.gather(*(engine.committer.submit(to_fill(), FILL) for _ in range(times)))


async def copied(engine: Engine, times: int) -> None:
    """Wait until so many were counted by the other service and came back as a copy."""

    async def has_total() -> bool:
        rows = await engine.database.collection("tallies").find({})
        return sum(int(row["total"]) for row in rows) == times

    await until(has_total, f"{times} came back", PATIENCE)


async def refused(engine: Engine, by: type[Exception]) -> None:
    """Wait until commands are refused for now."""

    async def is_refused() -> bool:
        try:
            await engine.committer.submit(to_fill("another-box"), FILL)
        except by:
            return True
        return False

    await until(is_refused, f"commands get {by.__name__}", PATIENCE)


async def accepted(engine: Engine) -> None:
    """Wait until commands are taken again."""

    async def is_accepted() -> bool:
        try:
            await engine.committer.submit(to_fill("yet-another-box"), FILL)
        except Outage:
            return False
        return True

    await until(is_accepted, "commands are taken again", PATIENCE)


async def nothing_parked(*engines: Engine) -> None:
    """Nobody has to look after anything."""
    for engine in engines:
        assert await engine.database.collection("parked").count({}) == 0


@pytest.mark.parametrize(
    ("driver", "outage"), [("motor", Mongo.kill), ("pymongo", Mongo.freeze)], ids=["kill", "freeze"]
)
async def test_without_mongodb_commands_are_refused_records_wait_and_all_goes_on(
    own_mongo: Mongo,
    kafka_servers: str,
    unique: str,
    driver: str,
    outage: Callable[[Mongo], None],
) -> None:
    await create_topics(kafka_servers, unique, TOPICS, partitions=PARTITIONS)
    given: dict[str, Any] = {
        "kafka_servers": kafka_servers,
        "mongo_url": own_mongo.url,
        "mongo_driver": driver,
        "unique": unique,
    }
    boxes_settings, counts_settings = settings_of("boxes", **given), settings_of("counts", **given)
    async with running(boxes_settings) as boxes, running(counts_settings) as counts:
        await fill(boxes, 20)
        outage(own_mongo)
        await refused(boxes, Outage)
        assert (await boxes.watch.readiness())["database"] == "MongoDB cannot be written to"
        assert boxes.is_alive
        assert counts.is_alive

        await back(own_mongo)
        await accepted(boxes)
        await fill(boxes, 20)

        await agree(boxes, copied)
        await nothing_parked(boxes, counts)


async def back(server: Mongo) -> None:
    """Thaw it, or start it again on its data."""
    if server.is_alive:
        server.thaw()
    else:
        server.start()
    await ready(server)


async def agree(boxes: Engine, arrive: Callable[[Engine, int], Awaitable[None]]) -> None:
    """Whatever was accepted, is counted exactly once."""
    rows = await boxes.database.collection("boxes").find({})
    await arrive(boxes, sum(row["things"] for row in rows))


async def test_without_kafka_commands_are_taken_up_to_the_bound_and_all_arrives_later(
    own_kafka: Kafka, mongo_url: str, unique: str, databases: Databases
) -> None:
    await create_topics(own_kafka.servers, unique, TOPICS, partitions=PARTITIONS)
    given: dict[str, Any] = {
        "kafka_servers": own_kafka.servers,
        "mongo_url": mongo_url,
        "unique": unique,
        "databases": databases,
    }
    own_kafka.kill()
    async with (
        running(settings_of("boxes", outbox_rows=40, **given)) as boxes,
        running(settings_of("counts", **given)) as counts,
    ):
        for _ in range(30):
            await fill(boxes, 1)  # one row each
        assert (await boxes.watch.readiness())["assigned"] == "no partitions yet"
        for _ in range(11):
            await fill(boxes, 1)
        await refused(boxes, TooBusy)

        own_kafka.start()
        await ready(own_kafka)
        await agree(boxes, copied)
        await accepted(boxes)

        own_kafka.kill()
        await fill(boxes, 10)
        own_kafka.start()
        await ready(own_kafka)
        await agree(boxes, copied)
        await nothing_parked(boxes, counts)
        assert boxes.is_alive
        assert counts.is_alive


async def test_an_outbox_that_is_too_old_refuses_commands(
    own_kafka: Kafka, mongo_url: str, unique: str, databases: Databases
) -> None:
    given: dict[str, Any] = {
        "kafka_servers": own_kafka.servers,
        "mongo_url": mongo_url,
        "unique": unique,
        "databases": databases,
    }
    own_kafka.kill()
    async with running(settings_of("boxes", outbox_seconds=1.0, **given)) as boxes:
        await fill(boxes, 1)

        await refused(boxes, TooBusy)

        assert (await boxes.watch.readiness())["outbox"] == "events wait too long to be sent"
