from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from services.chassis.mongo import Database, Driver
from services.chassis.sessions import COLLECTION, Bounds, Sessions
from tests.integration.chassis.platforms import Turned, a_platform
from tests.servers import Databases


@pytest.fixture(params=["motor", "pymongo"])
async def platform(
    request: pytest.FixtureRequest, mongo_url: str, databases: Databases
) -> AsyncIterator[Database]:
    async with a_platform(mongo_url, databases("platform"), cast("Driver", request.param)) as made:
        yield made


def some_sessions(platform: Database, clock: Turned, sort: str = "staff") -> Sessions:
    return Sessions(platform, sort, real_time=clock, bounds=Bounds(idle=timedelta(hours=2)))


async def test_a_session_is_found_by_its_token_alone(platform: Database) -> None:
    sessions = some_sessions(platform, Turned())
    token = await sessions.open("ana", {"role": "teacher"})
    found = await sessions.find(token)
    assert found is not None
    assert (found.subject, found.facts) == ("ana", {"role": "teacher"})
    assert await sessions.find(token[:-1] + "x") is None
    assert await sessions.find(None) is None


async def test_a_stolen_database_opens_no_session(platform: Database) -> None:
    sessions = some_sessions(platform, Turned())
    token = await sessions.open("ana")
    (row,) = await platform.collection(COLLECTION).find({})
    assert token.encode() not in row["_id"]
    assert token not in str(row)


async def test_a_new_sign_in_ends_the_session_before(platform: Database) -> None:
    sessions = some_sessions(platform, Turned())
    before = await sessions.open("ana")
    assert await sessions.find(before)
    after = await sessions.open("ana", instead_of=before)
    assert await sessions.find(before) is None
    assert await sessions.find(after)


async def test_an_ended_session_is_gone_and_ending_it_twice_is_once(platform: Database) -> None:
    sessions = some_sessions(platform, Turned())
    token = await sessions.open("ana")
    assert await sessions.find(token)
    await sessions.end(token)
    await sessions.end(token)
    assert await sessions.find(token) is None


async def test_all_sessions_of_a_person_end_at_once_and_no_other(platform: Database) -> None:
    sessions = some_sessions(platform, Turned())
    anas = [await sessions.open("ana") for _ in range(2)]
    other = await sessions.open("ben")
    assert await sessions.end_all("ana") == 2
    assert [await sessions.find(token) for token in anas] == [None, None]
    assert await sessions.find(other)


async def test_a_session_unused_for_two_hours_is_over(platform: Database) -> None:
    clock = Turned()
    sessions = some_sessions(platform, clock)
    token = await sessions.open("ana")
    clock.forward(hours=1, minutes=59)
    assert await sessions.find(token)
    clock.forward(hours=1, minutes=59)
    assert await sessions.find(token)
    clock.forward(hours=2)
    assert await sessions.find(token) is None


async def test_a_session_is_over_after_twelve_hours_however_busy(platform: Database) -> None:
    clock = Turned()
    sessions = some_sessions(platform, clock)
    token = await sessions.open("ana")
    for _ in range(11):
        clock.forward(hours=1)
        assert await sessions.find(token)
    clock.forward(hours=1)
    assert await sessions.find(token) is None


async def test_a_session_ended_by_another_process_is_honoured_two_seconds_at_most(
    platform: Database,
) -> None:
    clock = Turned()
    here, there = some_sessions(platform, clock), some_sessions(platform, clock)
    token = await here.open("ana")
    assert await here.find(token)
    await there.end(token)
    clock.forward(seconds=2)
    assert await here.find(token) is None


async def test_a_token_of_one_sort_is_nothing_to_the_other(platform: Database) -> None:
    clock = Turned()
    token = await some_sessions(platform, clock, "family").open("link-1")
    assert await some_sessions(platform, clock).find(token) is None
