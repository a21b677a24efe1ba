"""What is told to end while it only begins: nothing stays open behind it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from faststream.kafka.schemas import Topic

from services.chassis.brokers import Brokers
from services.chassis.consumer import kafka_broker, started
from services.chassis.relay import kafka_producer
from services.chassis.waiting import begun
from tests.integration.chassis.conftest import Toys
from tests.toy.events import FILLINGS


@dataclass
class Held:
    """A Kafka whose answers, but for the first few, come only when a test lets them."""

    address: str
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def held(kafka_servers: str, *, after: int) -> AsyncIterator[Held]:
    """Stand between a client and Kafka, and hold every answer after so many."""
    host, port = kafka_servers.split(":")

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_read, to_write = await asyncio.open_connection(host, int(port))
        asking = asyncio.create_task(passed(reader, to_write))
        for _ in range(after):
            writer.write(await to_read.read(65_536))
        answer = await to_read.read(65_536)
        stage.is_asked.set()
        await stage.goes_on.wait()
        writer.write(answer)
        await passed(to_read, writer)
        await asking

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    stage = Held(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        yield stage


async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until the other side closes."""
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


async def a_producer(address: str, prefix: str) -> None:
    """As the relay begins."""
    del prefix
    producer = kafka_producer(Brokers(servers=address))
    await begun(producer.start, producer.stop)


async def a_consumer(address: str, prefix: str) -> None:
    """As a service begins to listen."""
    broker = kafka_broker(Brokers(servers=address))
    topic = Topic(prefix + FILLINGS, declare=False)
    broker.subscriber(topic, group_id=f"{prefix}listening", auto_offset_reset="earliest")(print)
    await started(broker)


@pytest.mark.parametrize("begin", [a_producer, a_consumer])
@pytest.mark.parametrize("after", [0, 1])
async def test_what_is_told_to_end_while_it_begins_leaves_no_connection_open(
    toys_on_kafka: Toys, begin: Callable[[str, str], Awaitable[None]], after: int
) -> None:
    settings = toys_on_kafka.settings("boxes")
    async with held(settings.kafka_servers, after=after) as kafka:
        beginning = asyncio.ensure_future(begin(kafka.address, settings.topic_prefix))
        await kafka.is_asked.wait()
        beginning.cancel()
        kafka.goes_on.set()

        with pytest.raises(asyncio.CancelledError):
            await beginning

    gc.collect()  # an open connection that nobody holds any more warns, and a warning is an error
