from datetime import UTC, datetime, timedelta
from itertools import islice

from tests.chaos.crowds import NEED_EVERY, steady
from tests.integration.faults.filling import addresses_of, names
from tests.integration.plans.rosters import a_source

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def test_needs_come_at_the_same_pace_by_day_and_by_night() -> None:
    found = list(islice(steady(3, lambda: NOON), 2_000))

    assert [each.number for each in found] == [*range(1, 2_001)]
    pace = (found[-1].at - NOON) / len(found)
    assert 0.9 < pace / NEED_EVERY < 1.1


def test_what_reaches_families_alone_is_looked_for_in_a_town_of_rounds() -> None:
    found = addresses_of(a_source(names=names(100)))

    assert b"+16175550100" in found
    assert not {b"+16175550199", b"+16175550190"} & found  # of a school, and of its staff


def test_nobody_writes_in_days_that_are_leapt_over() -> None:
    now = NOON
    needs = steady(3, lambda: now)
    next(needs)

    now += timedelta(days=4)

    assert all(each.at > now for each in islice(needs, 20))
