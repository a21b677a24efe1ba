"""Where a simulation begins, and where it goes on."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.checker.history import History, Passed
from deploy.local.failure import Failure
from deploy.local.supervisor import Ended
from deploy.simulator import run
from deploy.simulator.run import Options, begin, to_come

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=UTC)
SATURDAY = FRIDAY + timedelta(days=1)


def test_it_begins_on_the_morning_of_a_school_day(tmp_path: Path) -> None:
    begun = begin(Options(folder=tmp_path / "friday"), FRIDAY)
    later = begin(Options(folder=tmp_path / "saturday"), SATURDAY)

    assert begun.at == FRIDAY.replace(hour=11)
    assert later.at.isoweekday() == 1
    assert (begun.needs, begun.number) == (0, 0)


def test_the_same_again_goes_on_with_the_next_need(tmp_path: Path) -> None:
    options = Options(folder=tmp_path)
    first = begin(options, FRIDAY)
    came = first.at + timedelta(hours=30)
    with History(options.history) as history:
        history.asked(first.at + timedelta(hours=2), "need_identified", "n-1", "k")
        history.write(Passed(at=came, needs=3))

    begun = begin(options, SATURDAY)

    assert (begun.at, begun.needs, begun.number) == (came, 3, 1)
    assert next(to_come(begun)).number == 4
    assert next(to_come(first)).number == 1


def test_it_never_goes_on_with_another_one(tmp_path: Path) -> None:
    options = Options(folder=tmp_path)
    begin(options, FRIDAY)

    for other in (replace(options, seed=8), replace(options, size="S")):
        with pytest.raises(Failure, match=r"holds size town with seed 7"):
            begin(other, FRIDAY)


def test_begun_anew_it_knows_nothing(tmp_path: Path) -> None:
    options = Options(folder=tmp_path)
    begun = begin(options, FRIDAY)
    with History(options.history) as history:
        history.write(Passed(at=begun.at + timedelta(days=2), needs=30))

    assert begin(replace(options, fresh=True, seed=9), FRIDAY).needs == 0


async def test_whoever_asks_to_end_while_a_district_is_brought_in_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken_off, nothing = asyncio.Event(), cast("Any", SimpleNamespace(settings={}))

    async def filling_for_ever(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            broken_off.set()
            raise

    looks = iter([None, Ended()])

    def look() -> None:
        if asked := next(looks):
            raise asked

    monkeypatch.setattr(run, "fill", filling_for_ever)
    monkeypatch.setattr(run, "LOOK_SECONDS", 0.01)
    with pytest.raises(Ended):
        await run.bring_in(nothing, nothing, look)

    assert broken_off.is_set()
