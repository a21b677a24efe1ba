from datetime import date, timedelta

import pytest

from services.plans.roster.records import CalendarDayRecord, SessionRecord
from services.plans.roster.sessions import (
    Moved,
    first_of_september,
    instructional_days,
    move,
    nearest_session,
)


def a_session(begins: str, ends: str, days: int | None = None) -> SessionRecord:
    return SessionRecord(
        school_source_id="s",
        name=begins,
        begins_on=date.fromisoformat(begins),
        ends_on=date.fromisoformat(ends),
        instructional_days=days,
    )


def a_day(day: date, *, is_instructional: bool, school: str = "s") -> CalendarDayRecord:
    return CalendarDayRecord(school_source_id=school, day=day, is_instructional=is_instructional)


FALL = a_session("2021-08-23", "2021-12-17", 81)
SPRING = a_session("2022-01-04", "2022-05-27", 88)
YEAR = [FALL, SPRING]


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2021, 10, 1), 0),
        (date(2026, 11, 22), 5),
        (date(2027, 1, 20), 5),
        (date(2026, 6, 20), 4),
        (date(2026, 8, 1), 5),
        (date(2020, 1, 1), 0),
    ],
)
def test_a_past_year_moves_by_whole_years_next_to_today(today: date, years: int) -> None:
    assert move(YEAR, (), today).years == years


def test_within_a_session_the_clock_is_left_alone() -> None:
    assert move(YEAR, (), date(2026, 11, 22)) == Moved(years=5)


def test_out_of_session_the_clock_starts_on_the_20th_instructional_day() -> None:
    assert move(YEAR, (), date(2026, 8, 1)).clock_start == date(2026, 9, 17)


def test_a_roster_without_sessions_is_not_moved() -> None:
    assert move([], (), date(2026, 8, 1)) == Moved()


def test_no_school_days_named_are_not_instructional() -> None:
    closed = a_day(date(2021, 9, 6), is_instructional=False)
    elsewhere = a_day(date(2021, 9, 7), is_instructional=False, school="other")

    days = instructional_days(FALL, [closed, elsewhere])

    assert closed.day not in days
    assert elsewhere.day in days
    assert all(each.weekday() < 5 for each in days)


def test_named_days_count_alone_once_they_are_nine_tenths_of_the_total() -> None:
    week = a_session("2021-08-23", "2021-09-03", 10)
    named = [a_day(week.begins_on + timedelta(days=n), is_instructional=True) for n in range(9)]

    assert instructional_days(week, named) == [each.day for each in named]
    assert len(instructional_days(week, named[:8])) == 10


def test_the_nearest_session_is_the_one_in_force_then_the_closest() -> None:
    assert nearest_session(YEAR, date(2022, 3, 1)) == SPRING
    assert nearest_session(YEAR, date(2021, 12, 20)) == FALL
    assert nearest_session(YEAR, date(2022, 1, 3)) == SPRING
    assert nearest_session([], date(2022, 1, 3)) is None


def test_a_school_year_has_one_first_of_september() -> None:
    assert first_of_september(date(2021, 8, 23)) == date(2021, 9, 1)
    assert first_of_september(date(2022, 5, 27)) == date(2021, 9, 1)


def test_a_banner_says_both_what_moved_and_where_the_clock_starts() -> None:
    moved = Moved(years=1, clock_start=date(2026, 9, 17))

    assert moved.sentences == (
        "Session and birth dates of this roster were moved forward by 1 year.",
        "School is out today, so the clock starts on 2026-09-17.",
    )
    assert Moved().sentences == ()
