"""Toy services on real servers, once per driver; `doors` need MongoDB alone."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from services.chassis.settings import Settings
from tests.toy.door import Door, open_door
from tests.toy.running import create_topics, settings_of

NO_KAFKA = "127.0.0.1:9"  # for settings of tests that never ask it


@pytest.fixture(params=["motor", "pymongo"])
def driver(request: pytest.FixtureRequest) -> str:
    """Both drivers, through the same door."""
    return str(request.param)


class Toys:
    """Settings of toy services that share one test's databases, topics and groups."""

    def __init__(self, unique: str, **given: Any) -> None:
        self.unique = unique
        self.given = given

    def settings(self, service: str, **given: Any) -> Settings:
        """The settings of one process."""
        return settings_of(service, unique=self.unique, **{**self.given, **given})


@pytest.fixture
def toys(unique: str, driver: str, mongo_url: str) -> Iterator[Toys]:
    """Toys without Kafka; their databases are dropped afterwards."""
    yield Toys(unique, kafka_servers=NO_KAFKA, mongo_url=mongo_url, mongo_driver=driver)
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        for name in ("boxes", "counts", "orders", "platform"):
            client.drop_database(f"{unique}-{name}")


@pytest.fixture
async def toys_on_kafka(toys: Toys, kafka_servers: str) -> Toys:
    """Toys with topics of their own."""
    await create_topics(kafka_servers, toys.unique)
    toys.given["kafka_servers"] = kafka_servers
    return toys


@pytest.fixture
async def boxes(toys: Toys) -> AsyncIterator[Door]:
    """The door of the service that fills boxes."""
    async with open_door(toys.settings("boxes")) as door:
        yield door


@pytest.fixture
async def counts(toys: Toys) -> AsyncIterator[Door]:
    """The door of the service that counts things."""
    async with open_door(toys.settings("counts")) as door:
        yield door


@pytest.fixture
async def orders(toys: Toys) -> AsyncIterator[Door]:
    """The door of the service that takes orders."""
    async with open_door(toys.settings("orders")) as door:
        yield door


@pytest.fixture
async def second_boxes(toys: Toys, boxes: Door) -> AsyncIterator[Door]:
    """Another process of the same service."""
    async with open_door(toys.settings("boxes"), clock=boxes.clock) as door:
        yield door


@pytest.fixture
async def second_counts(toys: Toys, counts: Door) -> AsyncIterator[Door]:
    """Another process of the same service."""
    async with open_door(toys.settings("counts"), clock=counts.clock) as door:
        yield door


@pytest.fixture
async def second_orders(toys: Toys, orders: Door) -> AsyncIterator[Door]:
    """Another process of the same service."""
    async with open_door(toys.settings("orders"), clock=orders.clock) as door:
        yield door
