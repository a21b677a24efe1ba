"""Sessions and their days: which is in force, and where the clock of a past year starts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.chassis.days import Session, Span
from services.chassis.years import distance, plus_years, years_to_nearest
from services.plans.roster.records import CalendarDayRecord, SessionRecord

MONTH_A_SCHOOL_YEAR_STARTS = 7
CLOCK_STARTS_ON_DAY = 20


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How a past file was laid next to today: by whole years, and the clock with it."""

    years: int = 0
    clock_start: date | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a banner says; nothing if nothing was moved."""
        years = "1 year" if self.years == 1 else f"{self.years} years"
        moved = f"Session and birth dates of this roster were moved forward by {years}."
        clock = f"School is out today, so the clock starts on {self.clock_start}."
        return (moved,) * bool(self.years) + (clock,) * bool(self.clock_start)


def nearest_session(sessions: Iterable[SessionRecord], today: date) -> SessionRecord | None:
    """The session in force, or the one closest by; of two as close, the later."""
    return min(
        sessions,
        key=lambda each: (
            distance(each.begins_on, each.ends_on, today),
            -each.begins_on.toordinal(),
            each.school_source_id,
        ),
        default=None,
    )


def first_of_september(day: date) -> date:
    """1 September of the school year in which a day lies."""
    return date(day.year if day.month >= MONTH_A_SCHOOL_YEAR_STARTS else day.year - 1, 9, 1)


def instructional_days(session: SessionRecord, named: Iterable[CalendarDayRecord]) -> list[date]:
    """The days of a session, in order, by what its school's calendar names."""
    inside = [
        each
        for each in named
        if each.school_source_id == session.school_source_id
        and session.begins_on <= each.day <= session.ends_on
    ]
    counted = Session(
        span=Span(session.begins_on, session.ends_on),
        total_days=session.instructional_days,
        dates=frozenset(each.day for each in inside if each.is_instructional),
        no_school=frozenset(each.day for each in inside if not each.is_instructional),
    )
    return sorted(counted.days())


def clock_start(
    sessions: Iterable[SessionRecord], named: Iterable[CalendarDayRecord], today: date
) -> date | None:
    """The 20th instructional day of the nearest session, if none is in force; else nothing."""
    session = nearest_session(sessions, today)
    if session is None or distance(session.begins_on, session.ends_on, today) == 0:
        return None
    days = instructional_days(session, named) or [session.begins_on]
    return days[min(CLOCK_STARTS_ON_DAY, len(days)) - 1]


def move(
    sessions: Sequence[SessionRecord], named: Iterable[CalendarDayRecord], today: date
) -> Moved:
    """How far sessions lie from today, and the day the clock starts if none is in force then."""
    if not sessions:
        return Moved()
    begins_on = min(each.begins_on for each in sessions)
    ends_on = max(each.ends_on for each in sessions)
    years = years_to_nearest(begins_on, ends_on, today)
    start = clock_start(sessions, named, plus_years(today, -years))
    return Moved(years=years, clock_start=start and plus_years(start, years))
