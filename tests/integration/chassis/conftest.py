"""Toy services on real servers, once per driver; `doors` need MongoDB alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.settings import Settings
from tests.servers import Databases
from tests.settings import create_topics, settings_of
from tests.toy.door import Door, open_door
from tests.toy.running import PARTITIONS, TOPICS


@pytest.fixture(params=["motor", "pymongo"])
def driver(request: pytest.FixtureRequest) -> str:
    """Both drivers, through the same door."""
    return str(request.param)


class Toys:
    """Settings of toy services that share one test's databases, topics and groups."""

    def __init__(self, **given: Any) -> None:
        self.given = given

    def settings(self, service: str, **given: Any) -> Settings:
        """The settings of one process."""
        return settings_of(service, **{**self.given, **given})


@pytest.fixture
def toys(unique: str, driver: str, mongo_url: str, databases: Databases) -> Toys:
    """Toys without Kafka."""
    return Toys(unique=unique, mongo_url=mongo_url, mongo_driver=driver, databases=databases)


@pytest.fixture
async def toys_on_kafka(toys: Toys, kafka_servers: str) -> Toys:
    """Toys with topics of their own."""
    await create_topics(kafka_servers, toys.given["unique"], TOPICS, partitions=PARTITIONS)
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
