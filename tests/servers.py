"""Fixtures that give tests a real Kafka and a real MongoDB, shared, or one of their own.

`make test` starts one pair for all workers and names them in KAFKA_SERVERS and MONGO_URL; without
it each process of pytest starts its own pair when a test first asks.

On the shared pair a test has topics that are called after it (`unique`), and its databases from
`databases`: they are empty, and the collections and indexes of their services are there already.
`dropped` is for the few that another kind of database is for: one that several tests share, whose
indexes change, that something is to make anew, or whose processes are killed.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pymongo import MongoClient

from deploy.local import install
from deploy.local.given import Given
from deploy.local.process import Process, wait_until_ready
from deploy.local.servers import Kafka, Mongo
from tests.settings import Made, settings_of

READY_SECONDS = 60.0
AnyProcess = TypeVar("AnyProcess", bound=Process)
Client = MongoClient[dict[str, Any]]


@contextmanager
def running(process: AnyProcess) -> Iterator[AnyProcess]:
    """A process that is ready, and killed afterwards: nobody needs its data."""
    process.start()
    try:
        wait_until_ready(process, seconds=READY_SECONDS)
        yield process
    finally:
        process.kill()


@contextmanager
def dropped(mongo_url: str, name: str) -> Iterator[str]:
    """A database that is gone afterwards."""
    try:
        yield name
    finally:
        client: Client = MongoClient(mongo_url)
        with client:
            client.drop_database(name)


class Databases:
    """The databases that the tests of a worker have in turns, by the name of a service.

    Each is emptied when a test first asks for it, whatever an earlier one left there. To make its
    collections and indexes anew took ten times as long as that, and mostly longer than the test.
    """

    def __init__(self, client: Client, begins: str) -> None:
        self._client = client
        self._begins = begins
        self._given: set[str] = set()

    def __call__(self, service: str) -> str:
        """The name of a database, the same each time that this test asks."""
        name = f"{self._begins}-{service}"
        if name not in self._given:
            self._given.add(name)
            empty(self._client, name)
        return name


def empty(client: Client, name: str) -> None:
    """Delete all that a database holds; its collections and indexes stay."""
    for collection in client[name].list_collection_names():
        client[name][collection].delete_many({})


@pytest.fixture(scope="session")
def kafka_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of the Kafka that all tests share."""
    given = Given.from_environment()
    if given.kafka_servers:
        yield given.kafka_servers
        return
    install.install(given)
    with running(Kafka(tmp_path_factory.mktemp("kafka"))) as kafka:
        yield kafka.servers


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The connection string of the MongoDB that all tests share."""
    given = Given.from_environment()
    if given.mongo_url:
        yield given.mongo_url
        return
    install.install(given)
    with running(Mongo(tmp_path_factory.mktemp("mongo"))) as mongo:
        yield mongo.url


@pytest.fixture
def unique() -> str:
    """A name that no other test, worker or run has."""
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def mongo_client(mongo_url: str) -> Iterator[Client]:
    """A client for what tests do beside the services."""
    client: Client = MongoClient(mongo_url)
    with client:
        yield client


@pytest.fixture(scope="session")
def database_names(mongo_client: Client) -> Iterator[str]:
    """What the names of those databases begin with that the tests of a worker have in turns."""
    begins = f"test-{secrets.token_hex(6)}"
    yield begins
    for name in mongo_client.list_database_names():
        if name.startswith(begins):
            mongo_client.drop_database(name)


@pytest.fixture
def databases(mongo_client: Client, database_names: str) -> Databases:
    """Gives the database of a service, empty: `databases("plans")`."""
    return Databases(mongo_client, database_names)


@pytest.fixture
def settings_for(mongo_url: str, unique: str, databases: Databases) -> Made:
    """Gives the settings of a service on these, and without Kafka: `settings_for("plans")`."""
    return partial(settings_of, mongo_url=mongo_url, unique=unique, databases=databases)


@pytest.fixture
def topic_prefix(unique: str) -> str:
    """What the names of a test's own topics begin with."""
    return f"{unique}."


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A Kafka that the test may kill, freeze and start again."""
    install.install(Given())
    with running(Kafka(tmp_path / "own-kafka")) as kafka:
        yield kafka


@pytest.fixture
def own_mongo(tmp_path: Path) -> Iterator[Mongo]:
    """A MongoDB that the test may kill, freeze and start again."""
    install.install(Given())
    with running(Mongo(tmp_path / "own-mongo")) as mongo:
        yield mongo
