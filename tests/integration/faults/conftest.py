"""Servers shared, a world of each module's own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import pytest_asyncio
from pymongo import MongoClient

from deploy.local import install
from deploy.local.given import Given
from deploy.local.servers import Mail, Mongo
from tests.integration.faults.filling import KINDS, fill
from tests.integration.faults.people import NEEDS, People
from tests.integration.faults.world import ROWS, World
from tests.servers import running

STUDENTS: Final = NEEDS * len(KINDS)  # a round for each kind of help
SHORT: Final = {"transactionLifetimeLimitSeconds": "2"}


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of these tests' own, which ends the open transaction of a killed process after 2 s.

    Not the shared one: on a busy machine other tests' transactions last longer than that.
    """
    install.install(Given())
    with running(Mongo(tmp_path_factory.mktemp("mongo"), parameters=SHORT)) as mongo:
        yield mongo.url


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mail]:
    """A real SMTP server that keeps what it gets."""
    with running(Mail(tmp_path_factory.mktemp("mail") / "kept")) as server:
        yield server


def drop(mongo_url: str, unique: str) -> None:
    """Remove the databases of a world."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        for name in (*ROWS, "platform"):
            client.drop_database(f"{unique}-{name}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(
    kafka_servers: str,
    mongo_url: str,
    mail: Mail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[People]:
    """A district with all three services running, for the tests of a module."""
    world = World(
        kafka_servers=kafka_servers,
        mongo_url=mongo_url,
        folder=tmp_path_factory.mktemp("faults"),
        smtp_port=mail.port,
    )
    async with living(world, students=STUDENTS) as found:
        yield found


@asynccontextmanager
async def living(world: World, *, students: int = NEEDS) -> AsyncIterator[People]:
    """A world that is filled and runs, until the block ends."""
    async with filled(world, lambda: fill(world, students=students)):
        known = await world.rows("plans", "students")
        yield People(world=world, students=[row["_id"] for row in known])


@asynccontextmanager
async def filled(world: World, fill_it: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """The same, filled in any way."""
    with running(world.sms):
        try:
            await world.create_topics()
            await fill_it()
            for service in ROWS:
                world.start(service)
            await world.ready()
            yield
        finally:
            world.kill()
            await world.close()
            drop(world.mongo_url, world.unique)
