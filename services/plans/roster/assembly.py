"""The roster of a draft: schools, grades, flags and languages decided, dates moved."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from services.chassis.years import plus_years
from services.plans.roster import enrolment, sessions
from services.plans.roster.draft import Draft
from services.plans.roster.languages import Languages
from services.plans.roster.people import Participation
from services.plans.roster.records import (
    Answer,
    ContactRecord,
    Enrolled,
    Roster,
    StudentContactRecord,
    StudentRecord,
)
from services.plans.roster.sessions import Moved


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a roster; `moves` lays a past year next to today (demo only).

    `region` is the country whose phone numbers stand without its code; without a time zone
    the district keeps the one that it has.
    """

    today: date
    region: str = "US"
    time_zone: str | None = None
    languages: Languages = field(default_factory=Languages)
    moves: bool = False


def assemble(
    draft: Draft, links: list[StudentContactRecord], moved: Moved, reading: Reading
) -> Roster:
    """All records of a draft.

    Schools, grades and flags are decided in the file's own time and moved afterwards, birth dates
    with them: so ages, grades and schools fit together as they did when the file was made.
    """
    then = plus_years(moved.clock_start or reading.today, -moved.years)
    session = sessions.nearest_session(draft.sessions.values(), then)
    grades_as_of = sessions.first_of_september(session.begins_on if session else then)
    languages, years = reading.languages, moved.years
    return Roster(
        district=next(iter(draft.districts.values())),
        schools=tuple(draft.schools.values()),
        sessions=tuple(
            replace(
                each,
                begins_on=plus_years(each.begins_on, years),
                ends_on=plus_years(each.ends_on, years),
            )
            for each in draft.sessions.values()
        ),
        calendar_days=tuple(
            replace(each, day=plus_years(each.day, years)) for each in draft.calendar_days.values()
        ),
        students=tuple(
            _placed(
                draft,
                each,
                then,
                grades_as_of,
                language=languages.students.get(each.source_id),
                birth_date=each.birth_date and plus_years(each.birth_date, years),
            )
            for each in draft.students.values()
        ),
        contacts=_speaking(draft.contacts.values(), links, languages),
        student_contacts=tuple(links),
        providers=tuple(draft.providers.values()),
    )


def _placed(
    draft: Draft,
    student: StudentRecord,
    then: date,
    grades_as_of: date,
    *,
    language: str | None,
    birth_date: date | None,
) -> StudentRecord:
    """A student as decided in the file's own time, with the birth date moved afterwards."""
    school_id, enrolled, grade = _school(draft, student.source_id, then)
    derived = None
    if grade is None and student.birth_date is not None:
        derived = enrolment.derived_grade(student.birth_date, grades_as_of)
    live = [
        each
        for each in draft.participations.get(student.source_id, ())
        if each.ended_on is None or each.ended_on > then
    ]
    return replace(
        student,
        school_source_id=school_id,
        enrolled=enrolled,
        grade=derived if grade is None else grade,
        grade_derived=derived is not None,
        flags=frozenset(each.flag for each in live if each.flag is not None),
        iep=_iep(live) if draft.has_programs else Answer.UNKNOWN,
        language=language,
        birth_date=birth_date,
    )


def _school(draft: Draft, student_id: str, then: date) -> tuple[str | None, Enrolled, int | None]:
    enrolments = draft.enrolments.get(student_id)
    if enrolments:
        found = enrolment.current(enrolments, then)
        if found is None:
            return None, Enrolled.NO_SCHOOL, None
        return found.school_source_id, Enrolled.ENROLMENT, found.grade
    if student_id in draft.attended:
        return draft.attended[student_id][1], Enrolled.ATTENDANCE, None
    return None, Enrolled.NO_SCHOOL, None


def _iep(live: Iterable[Participation]) -> Answer:
    return Answer.YES if any(each.flag is None for each in live) else Answer.NO


def _speaking(
    contacts: Iterable[ContactRecord], links: list[StudentContactRecord], languages: Languages
) -> tuple[ContactRecord, ...]:
    """Contacts with their own language, else that of a student of theirs, else unknown."""
    through: dict[str, str] = {}
    for link in links:
        if link.student_source_id in languages.students:
            language = languages.students[link.student_source_id]
            through.setdefault(link.contact_source_id, language)
    spoken = {**through, **languages.contacts}
    return tuple(
        replace(each, language=spoken[each.source_id]) if each.source_id in spoken else each
        for each in contacts
    )
