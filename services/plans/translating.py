"""A roster's records as states of this service: pure, the same records give the same states."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from schemas import plans as told
from schemas.plans import StaffCard
from services.chassis.days import Session, Span, school_calendar
from services.plans.caseloads import Manager, Placed, caseloads
from services.plans.domain.districts import District, School, StaffMember
from services.plans.domain.students import Contact, ContactFacts, Student, StudentFacts
from services.plans.pseudonyms import Pseudonyms
from services.plans.roster.records import (
    AssignmentRecord,
    CalendarDayRecord,
    Channel,
    ContactRecord,
    Line,
    Roster,
    SchoolRecord,
    SessionRecord,
    StaffRecord,
    StaffRole,
    StudentContactRecord,
    StudentRecord,
    ZoneRecord,
)
from services.plans.search import NameMarks

LAST: Final = 99  # the rank of a channel without one


@dataclass(frozen=True, kw_only=True)
class Source:
    """All that one import brings."""

    roster: Roster
    staff: tuple[StaffRecord, ...] = ()
    assignments: tuple[AssignmentRecord, ...] = ()
    zones: tuple[ZoneRecord, ...] = ()  # none: where students live is not known


@dataclass(kw_only=True)
class Translation:
    """How the records of one source become states; ids follow from source ids."""

    source: Source
    ids: Pseudonyms
    marks: NameMarks
    time_zone: str  # of the district
    known_managers: Sequence[Manager] = ()  # of earlier imports
    known_students: Mapping[str, Placed] = field(default_factory=dict)  # of earlier imports, by id
    _by_student: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._contacts = {each.source_id: each for each in self.source.roster.contacts}
        self._links: dict[str, list[StudentContactRecord]] = defaultdict(list)
        for link in self.source.roster.student_contacts:
            self._links[link.student_source_id].append(link)
        self._zones = {zip: each.source_id for each in self.source.zones for zip in each.zips}
        self._by_student = self._managers()

    @property
    def district_id(self) -> str:
        """The district that all this is of."""
        return self.ids.district_id

    def district(self) -> District:
        """The district."""
        record = self.source.roster.district
        return District(
            district_id=self.district_id,
            district=self.district_id,
            name=record.name,
            time_zone=self.time_zone,
        )

    def schools(self) -> list[School]:
        """Every school with its calendar."""
        roster = self.source.roster
        days: dict[str, list[CalendarDayRecord]] = defaultdict(list)
        for day in roster.calendar_days:
            days[day.school_source_id].append(day)
        sessions: dict[str, list[SessionRecord]] = defaultdict(list)
        for session in roster.sessions:
            sessions[session.school_source_id].append(session)
        return [
            self._school(each, sessions[each.source_id], days[each.source_id])
            for each in roster.schools
        ]

    def _school(
        self,
        record: SchoolRecord,
        sessions: Sequence[SessionRecord],
        days: Sequence[CalendarDayRecord],
    ) -> School:
        return School(
            school_id=self.ids.of("school", record.source_id),
            district=self.district_id,
            name=record.name,
            phone=record.phone,
            calendar=school_calendar(
                record.time_zone or self.time_zone, [_session(each, days) for each in sessions]
            ),
        )

    def staff(self) -> list[StaffMember]:
        """Every member of staff; a case manager of no school of the roster gets some."""
        placed = {each.staff_id: each.school_ids for each in self._placed()}
        return [self._member(each, placed) for each in self.source.staff]

    def _member(self, record: StaffRecord, placed: Mapping[str, tuple[str, ...]]) -> StaffMember:
        staff_id = self.ids.of("staff", record.source_id)
        return StaffMember(
            staff_id=staff_id,
            district=self.district_id,
            role=record.role.value,
            school_ids=placed.get(staff_id, self._schools_of(record)),
            facts=StaffCard(
                name=f"{record.first_name} {record.surname}",
                email=record.email,
                work_phone=record.phone,
            ),
        )

    def _schools_of(self, record: StaffRecord) -> tuple[str, ...]:
        known = {each.source_id for each in self.source.roster.schools}
        return tuple(
            self.ids.of("school", each) for each in record.school_source_ids if each in known
        )

    def students(self) -> Iterable[Student]:
        """Every student with all contacts."""
        return (self._student(each) for each in self.source.roster.students)

    def _student(self, record: StudentRecord) -> Student:
        links = self._links[record.source_id]
        student_id = self.ids.of("student", record.source_id)
        names = [record.first_name, record.preferred_name or "", record.surname]
        school = record.school_source_id
        return Student(
            student_id=student_id,
            district=self.district_id,
            school_id=school and self.ids.of("school", school),
            case_manager_id=self._by_student.get(record.source_id),
            grade=record.grade,
            language=record.language or self._spoken(links),
            area=self._area(links),
            flags=frozenset(each.value for each in record.flags),
            name_marks=self.marks.of_name(names),
            contacts=tuple(
                self._contact(each, self._contacts[each.contact_source_id])
                for each in links
                if each.contact_source_id in self._contacts
            ),
            facts=StudentFacts(
                first_name=record.first_name,
                surname=record.surname,
                preferred_name=record.preferred_name,
                birth_date=record.birth_date,
            ),
        )

    def _contact(self, link: StudentContactRecord, record: ContactRecord) -> Contact:
        return Contact(
            contact_id=self.ids.of("contact", record.source_id),
            is_guardian=link.is_guardian.value,
            notify=link.notify.value,
            rank=link.rank,
            lives_with=link.lives_with,
            restrictions=frozenset(each.value for each in link.restrictions),
            facts=ContactFacts(
                name=f"{record.preferred_name or record.first_name} {record.surname}",
                relation=link.relation,
                language=record.language,
                channels=tuple(map(_channel, _usable(record.channels))),
            ),
        )

    def _spoken(self, links: Sequence[StudentContactRecord]) -> str | None:
        spoken = (self._contacts[each.contact_source_id].language for each in self._at_home(links))
        return next((each for each in spoken if each), None)

    def _area(self, links: Sequence[StudentContactRecord]) -> str | None:
        zips = (self._contacts[each.contact_source_id].zip for each in self._at_home(links))
        return next((self._zones[zip] for zip in zips if zip in self._zones), None)

    def _at_home(self, links: Sequence[StudentContactRecord]) -> list[StudentContactRecord]:
        """Whom the student lives with first, then the others as they stand."""
        known = [each for each in links if each.contact_source_id in self._contacts]
        return sorted(known, key=lambda each: not (each.lives_with or each.is_primary))

    def _placed(self) -> list[Manager]:
        """Case managers with their schools; those of no school share the schools without one."""
        records = [each for each in self.source.staff if each.role is StaffRole.CASE_MANAGER]
        own = [
            Manager(
                staff_id=self.ids.of("staff", each.source_id), school_ids=self._schools_of(each)
            )
            for each in records
        ]
        schools = [self.ids.of("school", each.source_id) for each in self.source.roster.schools]
        cared_for = {school for each in (*own, *self._unlisted()) for school in each.school_ids}
        left = [each for each in schools if each not in cared_for]
        free = [each for each in own if not each.school_ids]
        shared = {each.staff_id: tuple(left[n :: len(free)]) for n, each in enumerate(free)}
        return [
            Manager(staff_id=each.staff_id, school_ids=each.school_ids or shared[each.staff_id])
            for each in own
        ]

    def _unlisted(self) -> Sequence[Manager]:
        """Case managers of earlier imports; a list of staff says all there is to say."""
        return () if self.source.staff else self.known_managers

    def _managers(self) -> dict[str, str]:
        """The case manager of each student: as assigned, else as the caseloads of the school go."""
        assigned = {
            each.student_source_id: self.ids.of("staff", each.staff_source_id)
            for each in self.source.assignments
            if each.role is StaffRole.CASE_MANAGER
        }
        placed = {
            each.source_id: self._placed_so_far(each)
            for each in sorted(self.source.roster.students, key=lambda each: each.source_id)
            if each.source_id not in assigned
        }
        return assigned | caseloads(placed, self._managers_by_school())

    def _placed_so_far(self, record: StudentRecord) -> Placed:
        known = self.known_students.get(self.ids.of("student", record.source_id), Placed())
        school = record.school_source_id
        return replace(known, school_id=self.ids.of("school", school)) if school else known

    def _managers_by_school(self) -> dict[str, Sequence[str]]:
        by_school: dict[str, dict[str, None]] = defaultdict(dict)
        for manager in (*self._placed(), *self._unlisted()):
            for school in manager.school_ids:
                by_school[school][manager.staff_id] = None
        return {school: list(managers) for school, managers in by_school.items()}


def _session(record: SessionRecord, days: Iterable[CalendarDayRecord]) -> Session:
    inside = [each for each in days if record.begins_on <= each.day <= record.ends_on]
    return Session(
        span=Span(record.begins_on, record.ends_on),
        total_days=record.instructional_days,
        dates=frozenset(each.day for each in inside if each.is_instructional),
        no_school=frozenset(each.day for each in inside if not each.is_instructional),
    )


def _usable(channels: Iterable[Channel]) -> list[Channel]:
    usable = (each for each in channels if each.line not in {Line.FAX, Line.WORK})
    return sorted(usable, key=lambda each: LAST if each.rank is None else each.rank)


def _channel(record: Channel) -> told.Channel:
    return told.Channel(kind=record.medium.value, value=record.value, may_text=record.takes_texts)
