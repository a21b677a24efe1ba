"""What one node of a set has alone may be undone: nobody acts on it before a majority has it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final

import pytest
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from deploy.checker.outside import until
from deploy.local import install
from deploy.local.given import Given
from deploy.local.ports import LOOPBACK
from services.chassis.kernel import Outage
from services.chassis.mongo import Driver, connect
from services.chassis.sessions import COLLECTION, INDEXES, TOKEN_BYTES, Sessions
from services.chassis.settings import real_time
from tests.replica_set import Node, ReplicaSet, replica_set

ELECTION_MILLISECONDS: Final = 8_000  # for so long it stays primary without a word of others
SOON_SECONDS: Final = 4.0  # before the primary gives up
ROW: Final = {"_id": "r-1", "said": "told to nobody yet"}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    install.install(Given())
    with replica_set(
        tmp_path_factory.mktemp("set"),
        election_milliseconds=ELECTION_MILLISECONDS,
        parameters={},
    ) as made:
        yield made


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_what_a_majority_does_not_have_is_read_by_nobody(
    nodes: ReplicaSet, driver: Driver
) -> None:
    database = connect(nodes.url, f"majority-{driver}", driver)
    outbox = database.collection("outbox")

    async def written() -> None:
        async with database.transaction() as session:
            await outbox.insert_many([ROW], session=session)

    try:
        await database.prepare({"outbox": ()})
        with frozen(nodes.secondaries()):
            writing = asyncio.create_task(written())
            await until(partial(has_it, nodes.primary(), database.name), "one node has it")

            assert await outbox.find({}) == []
        with suppress(Outage):  # it took too long for whoever waits: that is no matter here
            await writing

        async def all_read_it() -> bool:
            return await outbox.find({}) == [ROW]

        await until(all_read_it, "a majority has it")
    finally:
        await database.close()


async def test_a_session_is_known_at_once_though_no_majority_is_known_to_have_it(
    nodes: ReplicaSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda length: "t" * length)
    database = connect(nodes.url, "majority-sessions", "motor")
    opened = Sessions(database, "staff", real_time=real_time)

    async def is_known() -> bool:
        return await opened.find("t" * TOKEN_BYTES) is not None

    try:
        await database.prepare({COLLECTION: INDEXES})
        with frozen(nodes.secondaries()):
            opening = asyncio.create_task(opened.open("ana"))
            await until(is_known, "whoever has signed in is known", SOON_SECONDS)
            assert await database.collection(COLLECTION).find({}) == []
        with suppress(Outage):
            await opening
    finally:
        await database.close()


@contextmanager
def frozen(nodes: Sequence[Node]) -> Iterator[None]:
    for each in nodes:
        each.freeze()
    try:
        yield
    finally:
        for each in nodes:
            each.thaw()


async def has_it(node: Node, database: str) -> bool:
    """Whether this node has the row, however many others do."""

    def read() -> Any:
        client: MongoClient[dict[str, Any]] = MongoClient(
            LOOPBACK, node.port, directConnection=True
        )
        with client:
            outbox = client[database].get_collection("outbox", read_concern=ReadConcern("local"))
            return outbox.find_one()

    return bool(await asyncio.to_thread(read) == ROW)
