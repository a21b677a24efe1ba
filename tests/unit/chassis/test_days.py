from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.days import (
    Calendar,
    Session,
    Span,
    after,
    all_days,
    elapsed,
    partner_calendar,
    school_calendar,
    weekdays_only,
)

BOSTON = "America/New_York"
ZONES = (BOSTON, "UTC", "Pacific/Honolulu", "America/Sao_Paulo", "Asia/Kathmandu")


def at(text: str, zone: str = BOSTON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def days(*texts: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)


def span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


def the_long_way(start: datetime, n: int, calendar: Calendar) -> datetime:
    """The same rule, hour by hour: 17:00 local of counted days after the start's own day."""
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone)
    begun = local.date() if local.time() <= time(17) else local.date() + timedelta(days=1)
    day = begun
    while n:
        day += timedelta(days=1)
        is_open = (
            day.weekday() in calendar.weekdays
            and (
                calendar.seasons is None or any(s.first <= day <= s.last for s in calendar.seasons)
            )
            and day not in calendar.closed
            and not any(s.first <= day <= s.last for s in calendar.away)
        )
        n -= day in calendar.named or is_open
    return datetime(day.year, day.month, day.day, 17, tzinfo=zone).astimezone(UTC)


a_day = st.dates(date(2026, 8, 1), date(2027, 7, 31))
a_span = st.builds(lambda d, n: Span(d, d + timedelta(days=n)), a_day, st.integers(0, 20))
a_calendar = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    named=st.frozensets(a_day, max_size=10),
    closed=st.frozensets(a_day, max_size=40),
    away=st.lists(a_span, max_size=3).map(tuple),
)
FIRST = datetime(2026, 8, 1, tzinfo=UTC)
a_start = st.integers(0, 364 * 24 * 3600).map(lambda seconds: FIRST + timedelta(seconds=seconds))


@given(start=a_start, n=st.integers(1, 25), calendar=a_calendar)
def test_counting_agrees_with_counting_the_long_way(
    start: datetime, n: int, calendar: Calendar
) -> None:
    assert after(start, n, calendar) == the_long_way(start, n, calendar)


@given(start=a_start, n=st.integers(1, 25), calendar=a_calendar)
def test_n_days_are_over_at_their_end_and_not_before(
    start: datetime, n: int, calendar: Calendar
) -> None:
    end = after(start, n, calendar)
    assert end is not None
    assert elapsed(start, end, calendar) == n
    assert elapsed(start, end - timedelta(milliseconds=1), calendar) == n - 1


def test_one_working_day_from_friday_morning_ends_on_monday_at_five() -> None:
    end = after(at("2026-11-20T10:00"), 1, partner_calendar(BOSTON))
    assert end == at("2026-11-23T17:00")


def test_five_o_clock_is_still_today_and_a_second_later_is_tomorrow() -> None:
    calendar = partner_calendar(BOSTON)
    assert after(at("2026-11-16T17:00"), 1, calendar) == at("2026-11-17T17:00")
    assert after(at("2026-11-16T17:00:01"), 1, calendar) == at("2026-11-18T17:00")


def test_federal_holidays_closed_and_away_days_do_not_count_for_a_partner() -> None:
    calendar = partner_calendar(
        BOSTON, closed=days("2026-11-27"), away=[span("2026-11-30", "2026-12-01")]
    )
    # 26 November 2026 is Thanksgiving
    assert after(at("2026-11-25T09:00"), 1, calendar) == at("2026-12-02T17:00")


def test_a_holiday_on_a_weekend_is_kept_on_the_day_it_is_observed() -> None:
    # 4 July 2026 is a Saturday, observed on Friday
    assert after(at("2026-07-02T09:00"), 1, partner_calendar(BOSTON)) == at("2026-07-06T17:00")


def test_a_clock_stands_still_off_season_and_goes_on_with_the_next() -> None:
    summer = partner_calendar(BOSTON, seasons=[span("2026-06-01", "2026-08-31")])
    assert after(at("2026-09-10T09:00"), 2, summer) is None
    both = partner_calendar(
        BOSTON, seasons=[span("2026-06-01", "2026-08-31"), span("2027-06-01", "2027-08-31")]
    )
    assert after(at("2026-08-31T09:00"), 2, both) == at("2027-06-02T17:00")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-06T12:00", "2026-03-09T17:00"),  # clocks go forward on the 8th
        ("2026-10-30T12:00", "2026-11-02T17:00"),  # and back on 1 November
    ],
)
def test_five_o_clock_stays_five_o_clock_when_clocks_change(start: str, end: str) -> None:
    found = after(at(start), 1, weekdays_only(BOSTON))
    assert found == at(end)
    assert found.astimezone(ZoneInfo(BOSTON)).time() == time(17)


def test_the_day_of_a_start_is_that_of_the_place_not_of_utc() -> None:
    late = datetime(2026, 11, 17, 2, tzinfo=UTC)  # Monday 21:00 in Boston
    assert after(late, 1, all_days(BOSTON)) == at("2026-11-18T17:00")


def test_named_days_count_alone_once_they_are_nine_in_ten_of_the_session() -> None:
    year = span("2026-09-01", "2026-09-14")  # ten weekdays
    nine = days(*(f"2026-09-{n:02}" for n in (1, 2, 3, 4, 8, 9, 10, 11, 14)))
    explicit = school_calendar(BOSTON, [Session(span=year, total_days=10, dates=nine)])
    assert not explicit.counts(date(2026, 9, 7))
    few = Session(span=year, total_days=11, dates=nine)
    assert school_calendar(BOSTON, [few]).counts(date(2026, 9, 7))


def test_a_session_without_named_days_takes_its_weekdays_less_no_school() -> None:
    session = Session(
        span=span("2026-09-01", "2026-09-14"),
        weekdays=frozenset({0, 1, 2, 3}),
        no_school=days("2026-09-07"),
    )
    calendar = school_calendar(BOSTON, [session])
    assert after(at("2026-09-03T09:00"), 1, calendar) == at("2026-09-08T17:00")
    assert after(at("2026-09-14T09:00"), 1, calendar) is None


def test_no_calendar_means_monday_to_friday_and_says_so() -> None:
    calendar = school_calendar(BOSTON, [])
    assert calendar.is_assumed
    assert after(at("2026-07-03T09:00"), 1, calendar) == at("2026-07-06T17:00")


def test_a_clock_of_no_days_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one day or more"):
        after(at("2026-07-03T09:00"), 0, all_days(BOSTON))
