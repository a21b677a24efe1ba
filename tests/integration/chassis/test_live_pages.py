import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import httpx2
import pytest

from deploy.checker.outside import until
from services.chassis.live import COLLECTION, KEPT, change
from services.chassis.mongo import Database
from services.chassis.settings import real_time
from tests.forking import Victim
from tests.integration.chassis.live_site import serve
from tests.integration.chassis.platforms import a_platform
from tests.servers import Databases

DEADLINE = 20.0  # seconds
EVENT_STREAM = {"accept": "text/event-stream"}


@pytest.fixture
async def rows(mongo_url: str, databases: Databases) -> AsyncIterator[Database]:
    async with a_platform(mongo_url, databases("live"), "motor") as made:
        yield made


@pytest.fixture
def address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
async def site(
    mongo_url: str, databases: Databases, address: str, tmp_path: Path
) -> AsyncIterator[Victim]:
    port = int(address.rpartition(":")[2])
    process = Victim("site", tmp_path / "site.log", serve, mongo_url, databases("live"), port)
    process.start()
    try:
        await answers(address)
        yield process
    finally:
        process.kill()


async def answers(address: str) -> None:
    async with asyncio.timeout(DEADLINE), httpx2.AsyncClient() as client:
        for _ in count():
            try:
                await client.get(f"{address}/livez")
                return
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)


async def until_told(lines: AsyncIterator[str], rows: Database, *ids: str) -> list[str]:
    """Write changes until one is told; gives the lines of that event."""
    hearing = asyncio.create_task(one_event(lines))
    for number in count():
        await rows.collection(COLLECTION).insert_many([change(number, ids, real_time())])
        if (await asyncio.wait([hearing], timeout=0.2))[0]:
            break
    return await hearing


async def one_event(lines: AsyncIterator[str]) -> list[str]:
    said: list[str] = []
    async with asyncio.timeout(DEADLINE):
        async for line in lines:
            if line.startswith(("event:", "data:", "id:")):
                said.append(line)
            elif said and not line:
                return said
    return said


@pytest.mark.usefixtures("site")
async def test_an_open_page_is_told_ids_of_its_own_and_nothing_else(
    rows: Database, address: str
) -> None:
    place = f"{address}/toys/live?ids=a,secret"
    async with (
        httpx2.AsyncClient(timeout=DEADLINE) as browser,
        browser.stream("GET", place, headers=EVENT_STREAM) as page,
    ):
        assert page.headers["content-type"].startswith("text/event-stream")
        told = await until_told(page.aiter_lines(), rows, "a", "secret", "other")
    assert told[:2] == ["event: a", "data: a"]
    assert told[2].startswith("id: 1")


@pytest.mark.usefixtures("site")
async def test_a_page_that_comes_back_hears_what_it_missed(rows: Database, address: str) -> None:
    at = real_time()
    await rows.collection(COLLECTION).insert_many([change(1, ["a"], at)])
    since = {"last-event-id": str(round(at.timestamp() * 1000))}
    async with (
        httpx2.AsyncClient(timeout=DEADLINE) as browser,
        browser.stream("GET", f"{address}/toys/live?ids=a,b", headers=EVENT_STREAM | since) as page,
    ):
        assert (await one_event(page.aiter_lines()))[0] == "event: a"


@pytest.mark.usefixtures("site")
async def test_a_page_that_slept_longer_than_changes_are_kept_looks_at_all_it_shows(
    address: str,
) -> None:
    long_ago = real_time() - KEPT
    place = f"{address}/toys/live?ids=a,b,secret&since={round(long_ago.timestamp() * 1000)}"
    async with (
        httpx2.AsyncClient(timeout=DEADLINE) as browser,
        browser.stream("GET", place, headers=EVENT_STREAM) as page,
    ):
        lines = page.aiter_lines()
        told = [(await one_event(lines))[0] for _ in range(2)]
    assert told == ["event: a", "event: b"]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("ids", ["secret", "", "%0Aevent:a"])
async def test_what_a_person_may_not_see_cannot_be_watched(address: str, ids: str) -> None:
    async with httpx2.AsyncClient() as browser:
        refused = await browser.get(f"{address}/toys/live?ids={ids}", headers=EVENT_STREAM)
    assert refused.status_code == 404


async def test_a_server_told_to_end_does_not_wait_for_open_pages(
    site: Victim, address: str
) -> None:
    async with (
        httpx2.AsyncClient(timeout=DEADLINE) as browser,
        browser.stream("GET", f"{address}/toys/live?ids=a", headers=EVENT_STREAM) as page,
    ):
        lines = page.aiter_lines()
        assert await anext(lines) == ": watching"
        site.send(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE):
            assert [line async for line in lines if line.startswith("event:")] == []

        async def has_ended() -> bool:
            return not site.is_alive

        await until(has_ended, "the server has ended", DEADLINE)
