"""Harbor, a town that does not exist: everything the demo and the tests need, from one seed."""

from dataclasses import dataclass
from datetime import date

from deploy.local.town import district, families, partners, staff
from deploy.local.town.families import Family, Wanted
from deploy.local.town.names import phone_numbers
from deploy.local.town.partners import Partners
from services.plans.roster.records import (
    AssignmentRecord,
    Guardianship,
    Roster,
    StaffRecord,
    ZoneRecord,
)
from services.plans.roster.sessions import clock_start, first_of_september

STORY_FAMILIES = (
    Wanted(language="ht", grades=(3, 0), two_parents=False, zip="00101"),
    Wanted(language="ar", grades=(6, 2), zip="00103"),
    Wanted(language="es", grades=(3,), second_household=True, zip="00102"),
)


@dataclass(frozen=True, kw_only=True)
class Story:
    """A family the demo follows, and the need its case manager writes.

    `weekdays`, `from_hour` and `until_hour` are when the child is free, in school time.
    """

    code: str
    student_source_id: str
    guardian_source_id: str
    language: str
    category: str
    summary: str
    zone: str
    weekdays: tuple[str, ...]
    from_hour: int
    until_hour: int
    cost_limit: int
    transport_needed: bool


@dataclass(frozen=True, kw_only=True)
class Town:
    """All records of the town; `clock_start` is set while its schools have summer."""

    roster: Roster
    zones: tuple[ZoneRecord, ...]
    staff: tuple[StaffRecord, ...]
    assignments: tuple[AssignmentRecord, ...]
    partners: Partners
    stories: tuple[Story, ...]
    clock_start: date | None


def town(today: date, seed: int = 7) -> Town:
    """The town around a day; the same day and seed give the same town."""
    of_sessions = district.sessions(today)
    days = district.calendar_days(of_sessions)
    start = clock_start(of_sessions, days, today)
    phones = phone_numbers()
    members = staff.staff(phones)
    households = families.families(
        STORY_FAMILIES,
        grades_as_of=first_of_september(of_sessions[0].begins_on),
        phones=phones,
        seed=seed,
    )
    roster = Roster(
        district=district.DISTRICT,
        schools=district.SCHOOLS,
        sessions=of_sessions,
        calendar_days=days,
        students=tuple(each for family in households for each in family.students),
        contacts=tuple(each for family in households for each in family.contacts),
        student_contacts=tuple(each for family in households for each in family.links),
    )
    return Town(
        roster=roster,
        zones=district.ZONES,
        staff=members,
        assignments=staff.assignments(roster.students, members),
        partners=partners.partners(today=start or today, phones=phones, seed=seed),
        stories=_stories(households),
        clock_start=start,
    )


def _stories(households: list[Family]) -> tuple[Story, ...]:
    haitian, arabic, spanish = households[: len(STORY_FAMILIES)]
    return (
        _story(
            haitian,
            code="homework-in-kreyol",
            category="enrich.tutoring",
            summary="Reads below grade level; wants help with homework twice a week after school.",
            zone="harbor",
            weekdays=("MO", "TU", "WE", "TH"),
        ),
        _story(
            arabic,
            code="making-things",
            category="enrich.stem",
            summary="Takes things apart and builds them again; looks for a place to do so.",
            zone="east-side",
            weekdays=("TU", "TH"),
        ),
        _story(
            spanish,
            code="two-homes",
            category="enrich.after-school",
            summary="Lives in two homes; needs a place until six on school days.",
            zone="harbor",
            weekdays=("MO", "TU", "WE", "TH", "FR"),
        ),
    )


def _story(
    family: Family, *, code: str, category: str, summary: str, zone: str, weekdays: tuple[str, ...]
) -> Story:
    student = family.students[0]
    guardian = next(
        each
        for each in family.links
        if each.student_source_id == student.source_id and each.is_guardian is Guardianship.YES
    )
    return Story(
        code=code,
        student_source_id=student.source_id,
        guardian_source_id=guardian.contact_source_id,
        language=student.language or "en",
        category=category,
        summary=summary,
        zone=zone,
        weekdays=weekdays,
        from_hour=15,
        until_hour=18,
        cost_limit=0,
        transport_needed=True,
    )
