"""Weekdays, times and dates of a program out of a directory's cells."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time

from services.chassis.csv_files import CsvRow
from services.chassis.findings import Row
from services.chassis.years import plus_years, years_to_upcoming
from services.referrals.directory.records import Schedule, Weekday

WEEKDAYS: Mapping[str, Weekday] = {
    **{day.name[:3]: day for day in Weekday},
    **{day.name: day for day in Weekday},
    "TUES": Weekday.TUESDAY,
    "THUR": Weekday.THURSDAY,
    "THURS": Weekday.THURSDAY,
}
TIME_FORMATS = ("%I:%M %p", "%H:%M", "%I %p")
YEARS_READ = range(1990, 2101)


def schedule(cells: CsvRow) -> Schedule:
    """When a program meets, as stated.

    Codes: `weekdays_unreadable`, `hours_unreadable`, `dates_unreadable`.
    """
    begins_at, ends_at = _hours(cells["start_time"], cells["end_time"], cells.row)
    begins_on, ends_on = _dates(cells["start_date"], cells["end_date"], cells.row)
    return Schedule(
        weekdays=_weekdays(cells["days_of_week"], cells.row),
        begins_at=begins_at,
        ends_at=ends_at,
        begins_on=begins_on,
        ends_on=ends_on,
    )


def upcoming(found: Schedule, today: date) -> Schedule:
    """A schedule whose dates are past, moved by the fewest whole years that end it after today."""
    if found.begins_on is None or found.ends_on is None:
        return found
    years = years_to_upcoming(found.ends_on, today)
    return replace(
        found,
        begins_on=plus_years(found.begins_on, years),
        ends_on=plus_years(found.ends_on, years),
        moved_years=found.moved_years + years,
    )


def _weekdays(text: str, row: Row) -> tuple[Weekday, ...]:
    words = [each.strip().upper() for each in text.replace(";", ",").split(",") if each.strip()]
    if any(each not in WEEKDAYS for each in words):
        sentence = "The weekdays cannot be read; kept as not given."
        row.warn("days_of_week", "weekdays_unreadable", sentence)
        return ()
    named = {WEEKDAYS[each] for each in words}
    return tuple(day for day in Weekday if day in named)


def _hours(begins: str, ends: str, row: Row) -> tuple[time | None, time | None]:
    first, last = _time(begins), _time(ends)
    unread = (begins and first is None) or (ends and last is None)
    if unread or (first is not None and last is not None and last <= first):
        sentence = "The hours cannot be read or run backwards; kept as not given."
        row.warn("start_time", "hours_unreadable", sentence)
        return None, None
    return first, last


def _dates(begins: str, ends: str, row: Row) -> tuple[date | None, date | None]:
    first, last = _date(begins), _date(ends)
    unread = (begins and first is None) or (ends and last is None)
    if unread or (first is not None and last is not None and last < first):
        sentence = "The dates cannot be read or run backwards; kept as not given."
        row.warn("start_date", "dates_unreadable", sentence)
        return None, None
    return first, last


def _time(text: str) -> time | None:
    for each in TIME_FORMATS:
        try:
            return datetime.strptime(text.upper(), each).time()  # noqa: DTZ007 (a time of day)
        except ValueError:
            continue
    return None


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS_READ else None
