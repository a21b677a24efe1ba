import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.checker.history import Answered, Header, History, opened
from deploy.simulator.browser import Door
from deploy.simulator.fate import Fate
from deploy.simulator.people import Clock, Town
from services.chassis.settings import real_time

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LONG_SECONDS = 30.0


@pytest.fixture
def town(path: Path) -> Iterator[Town]:
    header = Header(size="town", seed=7, speed=1, started_at=NOON, today=NOON.date(), port=8000)
    with History(path) as history:
        history.write(header)
        clock = Clock(start=NOON, anchor=real_time(), speed=1)
        yield Town(door=Door(""), clock=clock, fate=Fate(7), history=history)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


async def test_whoever_asked_hears_the_answer_and_whoever_waits_is_not_waited_for(
    town: Town, path: Path
) -> None:
    is_asked = asyncio.Event()

    async def ask() -> Any:
        is_asked.set()
        await asyncio.sleep(0.05)
        return SimpleNamespace(status=303, tries=1)

    async def somebody() -> None:
        await town.act("need_identified", "n-1", "k", cast("Any", ask))
        await town.later_by(24)

    async with asyncio.timeout(LONG_SECONDS / 2):
        town.begin(town.later_by(24))
        town.begin(somebody())
        await is_asked.wait()
        await town.rest(LONG_SECONDS)

    assert isinstance(opened(path)[1][-1], Answered)


async def test_an_answer_that_never_comes_is_not_waited_for_longer_than_that(town: Town) -> None:
    is_asked = asyncio.Event()

    async def ask() -> Any:
        is_asked.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(LONG_SECONDS):
        town.begin(cast("Any", town.act("need_identified", "n-1", "k", ask)))
        await is_asked.wait()
        await town.rest(0.05)


async def test_whoever_waits_for_a_day_that_is_leapt_over_waits_no_longer(town: Town) -> None:
    waiting = asyncio.create_task(town.later_by(24))
    await asyncio.sleep(0)

    town.leap(Clock(start=NOON + timedelta(hours=25), anchor=real_time(), speed=1))

    async with asyncio.timeout(LONG_SECONDS):
        await waiting
    assert town.now() >= NOON + timedelta(hours=25)


async def test_whoever_waits_longer_than_a_leap_waits_on(town: Town) -> None:
    waiting = asyncio.create_task(town.later_by(24))
    await asyncio.sleep(0)

    town.leap(Clock(start=NOON + timedelta(hours=23), anchor=real_time(), speed=1))

    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
