import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest
from pymongo.errors import OperationFailure

from services.chassis.kernel import Outage
from services.chassis.kinds import Document
from services.chassis.live import COLLECTION, INDEXES, Live, Watcher, change
from services.chassis.mongo import Database, Driver
from services.chassis.settings import real_time
from services.chassis.telemetry import Telemetry
from tests.integration.chassis.platforms import a_platform
from tests.servers import Databases

DEADLINE = 15.0  # seconds


@pytest.fixture(params=["motor", "pymongo"])
async def rows(
    request: pytest.FixtureRequest, mongo_url: str, databases: Databases
) -> AsyncIterator[Database]:
    async with a_platform(mongo_url, databases("live"), cast("Driver", request.param)) as made:
        await made.prepare({COLLECTION: INDEXES})
        yield made


class Page:
    """What an open page hears."""

    def __init__(self, watcher: Watcher) -> None:
        self._changes = watcher.changes()

    async def hears(self) -> str:
        async with asyncio.timeout(DEADLINE):
            return await anext(self._changes)


async def heard(page: Page, rows: Database, *ids: str) -> str:
    """Write changes until one is heard: the stream of another process opens when it opens."""
    hearing = asyncio.create_task(page.hears())
    for number in count():
        await rows.collection(COLLECTION).insert_many([change(number, ids, real_time())])
        if (await asyncio.wait([hearing], timeout=0.2))[0]:
            break
    return await hearing


async def test_a_commit_of_this_process_is_told_at_once(rows: Database) -> None:
    live = Live(rows, Telemetry.off())
    async with live.watch(["a", "b"]) as watcher:
        live.publish(["b", "c"])
        assert await Page(watcher).hears() == "b"


async def test_a_commit_of_another_process_is_told_through_the_database(rows: Database) -> None:
    live = Live(rows, Telemetry.off())
    async with live.watch(["a"]) as watcher:
        assert await heard(Page(watcher), rows, "a", "z") == "a"


async def test_the_stream_is_open_only_while_somebody_watches(rows: Database) -> None:
    live = Live(rows, Telemetry.off())
    assert not live.is_streaming
    async with live.watch(["a"]):
        async with live.watch(["b"]):
            assert live.is_streaming
        assert live.is_streaming
    assert not live.is_streaming
    async with live.watch(["a"]) as again:
        assert await heard(Page(again), rows, "a") == "a"


async def test_a_page_hears_what_changed_since_it_was_made(rows: Database) -> None:
    made = real_time()
    earlier = change(1, ["a"], made - timedelta(minutes=1))
    await rows.collection(COLLECTION).insert_many([earlier, change(2, ["b"], made)])
    live = Live(rows, Telemetry.off())
    async with live.watch(["a", "b"], since=made) as watcher:
        live.publish(["z"])
        assert await Page(watcher).hears() == "b"


class Opening:
    """The changes of a database whose stream is slow to open: another process commits meanwhile.

    A catch-up that was begun before is read to its end first, so that the order is certain.
    """

    def __init__(self, rows: Database, *, fails: Sequence[Exception] = ()) -> None:
        self._rows = rows.collection(COLLECTION)
        self._fails = list(fails)
        self._is_read = asyncio.Event()
        self._is_read.set()

    def live(self) -> Live:
        return Live(cast("Database", self), Telemetry.off())

    def collection(self, name: str) -> "Opening":
        del name
        return self

    async def find(self, *wanted: Any, **given: Any) -> list[Document]:
        self._is_read.clear()
        found = await self._rows.find(*wanted, **given)
        self._is_read.set()
        return found

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[Document]]:
        await self._is_read.wait()
        if self._fails:
            raise self._fails.pop()
        await self._rows.insert_many([change(1, ["late"], real_time())])
        async with self._rows.changes() as changes:
            yield changes


async def test_a_page_hears_what_another_process_commits_while_the_stream_opens(
    rows: Database,
) -> None:
    live = Opening(rows).live()
    async with live.watch(["late", "b"], since=real_time()) as watcher:
        assert await Page(watcher).hears() == "late"


@pytest.mark.parametrize(
    "why",
    [Outage(), OperationFailure("the history was lost", 286), RuntimeError("a bug")],
    ids=["the database is away", "the server kept too little", "something nobody thought of"],
)
async def test_a_page_is_live_before_a_stream_that_fails_to_open_and_misses_nothing_of_it(
    rows: Database, why: Exception
) -> None:
    made = real_time()
    await rows.collection(COLLECTION).insert_many([change(0, ["a"], made)])
    live = Opening(rows, fails=[why]).live()
    async with asyncio.timeout(DEADLINE), live.watch(["a", "late", "z"], since=made) as watcher:
        page = Page(watcher)
        assert await page.hears() == "a"
        assert [await page.hears() for _ in range(3)] == ["a", "late", "z"]


async def test_a_stream_tells_what_is_written_between_its_opening_and_its_first_reading(
    rows: Database,
) -> None:
    changed = rows.collection(COLLECTION)
    async with changed.changes() as changes:
        await changed.insert_many([change(1, ["a"], real_time())])
        async with asyncio.timeout(DEADLINE):
            assert (await anext(changes))["_id"] == 1


async def test_nobody_waits_for_a_stream_once_watching_has_ended(rows: Database) -> None:
    live = Live(rows, Telemetry.off())
    live.close()
    async with asyncio.timeout(DEADLINE), live.watch(["a"], since=real_time()) as watcher:
        assert [each async for each in watcher.changes()] == []


async def test_a_watcher_keeps_no_more_than_it_shows(rows: Database) -> None:
    live = Live(rows, Telemetry.off())
    async with live.watch(["a"]) as watcher:
        page = Page(watcher)
        for number in range(1000):
            live.publish(["a", f"other-{number}"])
        assert await page.hears() == "a"
        live.publish(["a"])
        assert await page.hears() == "a"


async def test_closing_ends_every_watch(rows: Database) -> None:
    live = Live(rows, Telemetry.off())
    async with live.watch(["a"]) as watcher:
        live.close()
        async with asyncio.timeout(DEADLINE):
            assert [each async for each in watcher.changes()] == []
    assert not live.has_room


async def test_a_stream_that_broke_opens_again_and_everything_shown_is_looked_at_anew(
    rows: Database,
) -> None:
    live = Live(rows, Telemetry.off())
    async with live.watch(["a", "b"]) as watcher:
        page = Page(watcher)
        assert await heard(page, rows, "a") == "a"
        await rows.collection(COLLECTION).drop()  # the server ends the stream
        await rows.prepare({COLLECTION: INDEXES})
        while await page.hears() != "b":  # nobody wrote that b changed
            pass


def test_the_change_of_a_commit_names_each_id_once() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert change(7, ["b", "a", "b"], at) == {"_id": 7, "ids": ["a", "b"], "at": at}
