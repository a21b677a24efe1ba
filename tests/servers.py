"""Fixtures that give tests a real Kafka and a real MongoDB, shared, or one of their own.

`make test` starts one pair for all workers and names them in KAFKA_SERVERS and MONGO_URL; without
it each process of pytest starts its own pair when a test first asks.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pymongo import MongoClient

from deploy.local import install
from deploy.local.given import Given
from deploy.local.process import Process, wait_until_ready
from deploy.local.servers import Kafka, Mongo

READY_SECONDS = 60.0
AnyProcess = TypeVar("AnyProcess", bound=Process)


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
        client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
        with client:
            client.drop_database(name)


def empty(mongo_url: str, name: str) -> None:
    """Delete all that a database holds; its collections and indexes take long to make, and stay."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        for collection in client[name].list_collections():
            client[name][collection["name"]].delete_many({})


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


@pytest.fixture
def database(mongo_url: str, unique: str) -> Iterator[str]:
    """The name of a database of the test's own, dropped afterwards."""
    with dropped(mongo_url, unique) as name:
        yield name


@pytest.fixture(scope="session")
def database_names(mongo_url: str) -> Iterator[str]:
    """What the names of the databases begin with that the tests of a worker have in turns."""
    begins = f"test-{secrets.token_hex(6)}"
    yield begins
    with MongoClient[dict[str, Any]](mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(begins):
                client.drop_database(name)


@pytest.fixture
def databases(mongo_url: str, database_names: str) -> Iterator[str]:
    """The same, and they are empty: what collections there are took longer to make than a test."""
    yield database_names
    with MongoClient[dict[str, Any]](mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(database_names):
                empty(mongo_url, name)


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
