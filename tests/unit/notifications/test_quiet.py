from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.quiet import day_began, is_quiet, next_morning
from tests.unit.notifications.builders import NEW_YORK

ZONES = st.sampled_from([NEW_YORK, "America/Los_Angeles", "Europe/Lisbon", "Asia/Kolkata"])
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES, ZONES)
def test_quiet_is_what_a_clock_on_the_wall_says(now: datetime, zone: str) -> None:
    local = now.astimezone(ZoneInfo(zone))
    minutes = local.hour * 60 + local.minute
    assert is_quiet(now, zone) == (minutes < 8 * 60 or minutes >= 20 * 60)


@given(TIMES, ZONES)
def test_the_next_morning_is_the_first_eight_o_clock_to_come(now: datetime, zone: str) -> None:
    morning = next_morning(now, zone)
    local = morning.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute, local.second) == (8, 0, 0)
    assert not is_quiet(morning, zone)
    assert timedelta() < morning - now <= timedelta(hours=25)  # a day may be an hour longer


@given(TIMES, ZONES)
def test_a_day_began_before_now_and_less_than_a_long_day_ago(now: datetime, zone: str) -> None:
    began = day_began(now, zone)
    assert began.astimezone(ZoneInfo(zone)).hour == 0
    assert timedelta() <= now - began < timedelta(hours=25)


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(7, 59, True), (8, 0, False), (19, 59, False), (20, 0, True)]
)
def test_the_day_is_from_eight_to_twenty(*, hour: int, minute: int, quiet: bool) -> None:
    now = datetime(2026, 11, 23, hour, minute, tzinfo=ZoneInfo(NEW_YORK))
    assert is_quiet(now, NEW_YORK) is quiet
