from datetime import date, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from deploy.simulator.arrivals import HOURS, OFTEN, Arrival, arrivals

MONDAY = date(2026, 11, 30)
ZONE = "America/New_York"


def weeks(seed: int, count: int, needs_a_day: float = 10) -> list[Arrival]:
    ends = MONDAY + timedelta(weeks=count)
    plan = arrivals(seed, first_day=MONDAY, zone=ZONE, needs_a_day=needs_a_day)
    return [*takewhile(lambda each: each.at.astimezone(ZoneInfo(ZONE)).date() < ends, plan)]


@given(st.integers(), st.integers(1, 3))
def test_a_seed_brings_the_same_needs_again_in_the_hours_of_schools(seed: int, count: int) -> None:
    found = weeks(seed, count)

    assert found == weeks(seed, count)
    assert [each.number for each in found] == [*range(1, len(found) + 1)]
    assert found == sorted(found, key=lambda each: each.at)
    for each in found:
        local = each.at.astimezone(ZoneInfo(ZONE))
        assert local.weekday() < 5
        assert HOURS[0] <= local.hour + local.minute / 60 <= HOURS[1]
        assert 0 <= each.manager < 1
        assert 0 <= each.student < 1


def test_there_are_as_many_as_a_district_of_the_size_has() -> None:
    found = weeks(7, 20, needs_a_day=50)

    assert abs(len(found) / (20 * 5) - 50) < 3
    often = sum(each.category in OFTEN for each in found) / len(found)
    assert abs(often - sum(OFTEN.values())) < 0.05
