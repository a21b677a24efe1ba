"""Where the town of Harbor is: a made-up district, its areas, schools and school year."""

from datetime import date, timedelta

from services.chassis.years import distance
from services.plans.roster.records import (
    CalendarDayRecord,
    DistrictRecord,
    GradeBand,
    SchoolRecord,
    SessionRecord,
    ZoneRecord,
)

TIME_ZONE = "America/New_York"

DISTRICT = DistrictRecord(
    source_id="harbor", name="Harbor Public Schools", time_zone=TIME_ZONE, phone="+16175550100"
)

# ZIP codes below 00501 were never given out: no real street lies in this town.
ZONES = (
    ZoneRecord(
        source_id="harbor", name="Harbor", zips=("00101", "00102"), neighbours=("east-side",)
    ),
    ZoneRecord(
        source_id="east-side",
        name="East Side",
        zips=("00103",),
        neighbours=("harbor", "hillside"),
    ),
    ZoneRecord(source_id="hillside", name="Hillside", zips=("00104",), neighbours=("east-side",)),
    ZoneRecord(source_id="north-point", name="North Point", zips=("00105",)),
)

ELEMENTARY = SchoolRecord(
    source_id="harbor-elementary",
    name="Harbor Elementary",
    time_zone=TIME_ZONE,
    band=GradeBand.ELEMENTARY,
    grade_min=0,
    grade_max=5,
    phone="+16175550101",
    zip="00101",
)
MIDDLE = SchoolRecord(
    source_id="harbor-middle",
    name="Harbor Middle School",
    time_zone=TIME_ZONE,
    band=GradeBand.MIDDLE,
    grade_min=6,
    grade_max=8,
    phone="+16175550102",
    zip="00103",
)
HIGH = SchoolRecord(
    source_id="harbor-high",
    name="Harbor High School",
    time_zone=TIME_ZONE,
    band=GradeBand.HIGH,
    grade_min=9,
    grade_max=12,
    phone="+16175550103",
    zip="00104",
)
SCHOOLS = (ELEMENTARY, MIDDLE, HIGH)

MONDAY, THURSDAY, FRIDAY = 0, 3, 4


def school_of(grade: int) -> SchoolRecord:
    """The school that holds a grade."""
    return next(each for each in SCHOOLS if grade <= (each.grade_max or 0))


def sessions(today: date) -> tuple[SessionRecord, ...]:
    """Both halves, at every school, of the school year next to a day; summer alone is out."""
    years = [_year(each) for each in (today.year - 1, today.year)]
    first, half, last = min(years, key=lambda year: distance(year[0], year[2], today))
    spring = half + timedelta(days=3)  # half ends on a Friday
    return tuple(
        SessionRecord(
            school_source_id=school.source_id,
            name=name,
            begins_on=begins_on,
            ends_on=ends_on,
            instructional_days=len(_instructional(begins_on, ends_on)),
        )
        for school in SCHOOLS
        for name, begins_on, ends_on in (
            (f"Fall {first.year}", first, half),
            (f"Spring {last.year}", spring, last),
        )
    )


def calendar_days(of: tuple[SessionRecord, ...]) -> tuple[CalendarDayRecord, ...]:
    """Every instructional day of every session, by name."""
    return tuple(
        CalendarDayRecord(
            school_source_id=session.school_source_id,
            day=day,
            is_instructional=True,
            event="instructional day",
        )
        for session in of
        for day in _instructional(session.begins_on, session.ends_on)
    )


def _year(year: int) -> tuple[date, date, date]:
    """First day, end of the first half, last day."""
    return (
        _nth_weekday(year, 8, MONDAY, 4),
        _nth_weekday(year + 1, 1, FRIDAY, 4),
        _nth_weekday(year + 1, 6, FRIDAY, 3),
    )


def _instructional(begins_on: date, ends_on: date) -> list[date]:
    days = (begins_on + timedelta(days=n) for n in range((ends_on - begins_on).days + 1))
    closed = _closed(begins_on.year) | _closed(ends_on.year)
    return [each for each in days if each.weekday() <= FRIDAY and each not in closed]


def _closed(year: int) -> set[date]:
    thanksgiving = _nth_weekday(year, 11, THURSDAY, 4)
    spring_break = _nth_weekday(year, 4, MONDAY, 3)
    return {
        _nth_weekday(year, 9, MONDAY, 1),
        _nth_weekday(year, 10, MONDAY, 2),
        date(year, 11, 11),
        thanksgiving,
        thanksgiving + timedelta(days=1),
        *(date(year, 12, day) for day in range(24, 32)),
        date(year, 1, 1),
        _nth_weekday(year, 1, MONDAY, 3),
        *(_nth_weekday(year, 2, MONDAY, 3) + timedelta(days=n) for n in range(5)),
        *(spring_break + timedelta(days=n) for n in range(5)),
    }


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
