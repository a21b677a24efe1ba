"""Counting days on a calendar given as data: school days, partners' working days, all days.

n days end at 17:00 local on the n-th day that counts after the start; a start after 17:00 is one
of the next day. Where no day counts (out of session, off-season) a clock stands still: None.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import holidays

END_OF_DAY: Final = time(17)
HORIZON: Final = timedelta(days=800)  # nobody plans a calendar further ahead
DEFAULT_ZONE: Final = "America/New_York"  # where the school, and so its zone, is not known
WORKDAYS: Final = frozenset(range(5))  # Monday to Friday
EVERY_DAY: Final = frozenset(range(7))
EXPLICIT_SHARE: Final = 0.90  # of a session's days must be named before the named ones count
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both in."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Which days count: named ones, and of the rest the weekdays in season that are not closed."""

    zone: str  # IANA
    weekdays: frozenset[int] = WORKDAYS  # Monday is 0
    named: frozenset[date] = frozenset()
    seasons: tuple[Span, ...] | None = None  # None: all year
    closed: frozenset[date] = frozenset()
    away: tuple[Span, ...] = ()
    has_federal_holidays: bool = False
    is_assumed: bool = False  # nobody gave a calendar; shown as such

    def counts(self, day: date) -> bool:
        """Whether a day counts."""
        if day in self.named:
            return True
        return day.weekday() in self.weekdays and self.is_in_season(day) and not self._is_off(day)

    def is_in_season(self, day: date) -> bool:
        """Whether a day lies in a season or session."""
        return self.seasons is None or any(day in season for season in self.seasons)

    def _is_off(self, day: date) -> bool:
        return (
            day in self.closed
            or any(day in span for span in self.away)
            or (self.has_federal_holidays and day in federal_holidays(day.year))
        )


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session of a school year, as it was given."""

    span: Span
    total_days: int | None = None
    dates: frozenset[date] = frozenset()  # instructional days named one by one
    weekdays: frozenset[int] = WORKDAYS
    no_school: frozenset[date] = frozenset()

    @property
    def is_explicit(self) -> bool:
        """Whether the named dates alone count; without a total, any name does."""
        if not self.dates:
            return False
        return not self.total_days or len(self.dates) >= EXPLICIT_SHARE * self.total_days

    def days(self) -> frozenset[date]:
        """The instructional days."""
        if self.is_explicit:
            return self.dates
        length = (self.span.last - self.span.first).days + 1
        inside = (self.span.first + timedelta(days=n) for n in range(length))
        return frozenset(d for d in inside if d.weekday() in self.weekdays) - self.no_school


def is_zone(name: str) -> bool:
    """Whether a name is a time zone's of the IANA, and of a place: `EST` knows no summer."""
    return "/" in name and name in available_timezones()


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """Federal holidays of a year, observed days too.

    The first call in a process loads the country and takes half a second: call it at start.
    """
    return frozenset(holidays.country_holidays("US", years=year))


def school_calendar(zone: str, sessions: Sequence[Session]) -> Calendar:
    """A school's instructional days; without any session Monday to Friday, marked as assumed."""
    if not sessions:
        return Calendar(zone=zone, is_assumed=True)
    named = frozenset(day for session in sessions for day in session.days())
    spans = tuple(session.span for session in sessions)
    return Calendar(zone=zone, weekdays=frozenset(), named=named, seasons=spans)


def partner_calendar(
    zone: str,
    *,
    closed: Collection[date] = (),
    seasons: Sequence[Span] | None = None,
    away: Sequence[Span] = (),
) -> Calendar:
    """An organization's working days: Monday to Friday less closed, holidays, off-season, away."""
    return Calendar(
        zone=zone,
        seasons=None if seasons is None else tuple(seasons),
        closed=frozenset(closed),
        away=tuple(away),
        has_federal_holidays=True,
    )


def all_days(zone: str) -> Calendar:
    """Every day counts."""
    return Calendar(zone=zone, weekdays=EVERY_DAY)


def weekdays_only(zone: str) -> Calendar:
    """Monday to Friday: what counts for urgent and restricted needs out of session."""
    return Calendar(zone=zone)


def after(start: datetime, days: int, calendar: Calendar) -> datetime | None:
    """When `days` (1 or more) counted days after the start are over, in UTC; None: it stands still.

    Raises:
        ValueError: fewer than 1 day.
    """
    if days < 1:
        raise ValueError("a clock runs one day or more")
    for passed, day in enumerate(_counted(first_day(start, calendar), calendar), start=1):
        if passed == days:
            return end_of(day, calendar)
    return None


def elapsed(start: datetime, now: datetime, calendar: Calendar) -> int:
    """How many counted days are over since the start; `after(start, n)` is not after now."""
    first = first_day(start, calendar)
    last = _local(now, calendar).date()
    if now < end_of(last, calendar):
        last -= ONE_DAY
    days = (last - first).days
    return sum(calendar.counts(first + timedelta(days=n)) for n in range(1, days + 1))


def first_day(start: datetime, calendar: Calendar) -> date:
    """The day that a start belongs to: the next one after 17:00."""
    local = _local(start, calendar)
    return local.date() + ONE_DAY if local.time() > END_OF_DAY else local.date()


def end_of(day: date, calendar: Calendar) -> datetime:
    """17:00 local of a day, in UTC."""
    return datetime.combine(day, END_OF_DAY, ZoneInfo(calendar.zone)).astimezone(UTC)


def _counted(start: date, calendar: Calendar) -> Iterator[date]:
    day = start
    while day < start + HORIZON:
        day += ONE_DAY
        if calendar.counts(day):
            yield day


def _local(at: datetime, calendar: Calendar) -> datetime:
    return at.astimezone(ZoneInfo(calendar.zone))
