"""A roster while its files are read: what each row adds, and what refers to what."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from services.chassis.findings import Row, Tally
from services.plans.roster import descriptors, people, schools
from services.plans.roster.enrolment import Enrolment
from services.plans.roster.interchange import Node
from services.plans.roster.records import (
    CalendarDayRecord,
    ContactRecord,
    DistrictRecord,
    ProviderRecord,
    SchoolRecord,
    SessionRecord,
    StudentContactRecord,
    StudentRecord,
)

K = TypeVar("K")
R = TypeVar("R")
SITE = ("SchoolReference", "SchoolIdentity", "SchoolId")
EVENT_DATE = ("AttendanceEvent", "EventDate")


@dataclass(kw_only=True)
class Draft:
    """Rows read so far. Files come in the order of `edfi.KINDS`, so references look back."""

    region: str
    time_zone: str | None
    districts: dict[str, DistrictRecord] = field(default_factory=dict)
    schools: dict[str, SchoolRecord] = field(default_factory=dict)
    sessions: dict[tuple[str, str, date], SessionRecord] = field(default_factory=dict)
    calendar_days: dict[tuple[str, date, str], CalendarDayRecord] = field(default_factory=dict)
    students: dict[str, StudentRecord] = field(default_factory=dict)
    contacts: dict[str, ContactRecord] = field(default_factory=dict)
    contact_of_xml_id: defaultdict[str, dict[Tally, str]] = field(  # by the file that has the id
        default_factory=lambda: defaultdict(dict)
    )
    links: list[tuple[StudentContactRecord, str, Row]] = field(default_factory=list)
    enrolments: defaultdict[str, list[Enrolment]] = field(default_factory=lambda: defaultdict(list))
    attended: dict[str, tuple[date, str]] = field(default_factory=dict)
    participations: defaultdict[str, list[people.Participation]] = field(
        default_factory=lambda: defaultdict(list)
    )
    providers: dict[str, ProviderRecord] = field(default_factory=dict)
    has_programs: bool = False

    def add(self, node: Node, row: Row) -> None:
        """Take in one row."""
        ELEMENTS[node.name](self, node, row)

    def contact_meant(self, unique_id: str, xml_id: str, row: Row) -> str:
        """The contact of a link: by unique id, else by an XML id, which counts in its own file.

        One that its own file lacks may stand in another, if in one alone.
        """
        if unique_id:
            return unique_id
        by_file = self.contact_of_xml_id.get(xml_id, {})
        only = next(iter(by_file.values())) if len(by_file) == 1 else ""
        return by_file.get(row.tally, only)

    def known_student(self, node: Node, row: Row) -> str | None:
        """The row's student, or nothing and the finding `student_unknown`."""
        student_id = node.get(*people.STUDENT_ID)
        if student_id in self.students:
            return student_id
        row.reject(
            "StudentUniqueId", "student_unknown", "No file of this roster names the student."
        )
        return None


def _district(draft: Draft, node: Node, row: Row) -> None:
    found = schools.district(node, row, region=draft.region, time_zone=draft.time_zone)
    if found is None:
        return
    if draft.districts and found.source_id not in draft.districts:
        sentence = "A roster is of one district: the first one named. This one is left out."
        row.reject("LocalEducationAgencyId", "district_second", sentence)
        return
    _once(draft.districts, found.source_id, found, row)


def _school(draft: Draft, node: Node, row: Row) -> None:
    found = schools.school(node, row, region=draft.region, time_zone=draft.time_zone)
    if found is not None:
        _once(draft.schools, found.source_id, found, row)


def _provider(draft: Draft, node: Node, row: Row) -> None:
    found = schools.provider(node, row)
    if found is not None:
        _once(draft.providers, found.source_id, found, row)


def _session(draft: Draft, node: Node, row: Row) -> None:
    found = schools.session(node, row, draft.schools)
    if found is not None:
        key = (found.school_source_id, found.name, found.begins_on)
        _once(draft.sessions, key, found, row)


def _calendar_day(draft: Draft, node: Node, row: Row) -> None:
    found = schools.calendar_day(node, row, draft.schools)
    if found is not None:
        _once(draft.calendar_days, (found.school_source_id, found.day, found.event), found, row)


def _student(draft: Draft, node: Node, row: Row) -> None:
    found = people.student(node, row)
    if found is not None:
        _once(draft.students, found.source_id, found, row)


def _contact(draft: Draft, node: Node, row: Row) -> None:
    found = people.contact(node, row, region=draft.region)
    if found is None:
        return
    _once(draft.contacts, found.source_id, found, row)
    xml_id = node.attributes.get("id")
    if xml_id:
        draft.contact_of_xml_id[xml_id].setdefault(row.tally, found.source_id)


def _link(draft: Draft, node: Node, row: Row) -> None:
    draft.links.append((people.link(node, row), people.xml_reference(node), row))


def _enrolment(draft: Draft, node: Node, row: Row) -> None:
    student_id, found = draft.known_student(node, row), people.enrolment(node)
    if found.school_source_id not in draft.schools:
        row.reject("SchoolId", "school_unknown", "No file of this roster names this school.")
    elif student_id is not None:
        draft.enrolments[student_id].append(found)


def _attendance(draft: Draft, node: Node, row: Row) -> None:
    student_id, school_id = draft.known_student(node, row), node.get(*SITE)
    day = descriptors.day(node.get(*EVENT_DATE))
    if school_id not in draft.schools:
        row.reject("SchoolId", "school_unknown", "No file of this roster names this school.")
    elif day is None:
        row.reject("EventDate", "date_unreadable", "The date cannot be read; write YYYY-MM-DD.")
    elif student_id is not None:
        attended = (day, school_id)
        draft.attended[student_id] = max(draft.attended.get(student_id, attended), attended)


def _participation(draft: Draft, node: Node, row: Row) -> None:
    student_id = draft.known_student(node, row)
    found = people.participation(node, row)
    if student_id is not None and found is not None:
        draft.participations[student_id].append(found)


def _once(records: dict[K, R], key: K, found: R, row: Row) -> None:
    """Keep the first of a key; an equal one changes nothing, another is rejected."""
    if records.setdefault(key, found) != found:
        row.reject("", "repeated", "An earlier row has the same id but says something else.")


ELEMENTS: Mapping[str, Callable[[Draft, Node, Row], None]] = {
    "LocalEducationAgency": _district,
    "School": _school,
    "CommunityProvider": _provider,
    "Session": _session,
    "CalendarDate": _calendar_day,
    "Student": _student,
    "Contact": _contact,
    "StudentContactAssociation": _link,
    "StudentSchoolAssociation": _enrolment,
    "StudentSchoolAttendanceEvent": _attendance,
    "StudentProgramAssociation": _participation,
    "StudentSpecialEducationProgramAssociation": _participation,
    "StudentLanguageInstructionProgramAssociation": _participation,
    "StudentHomelessProgramAssociation": _participation,
}
"""Top-level elements, and what each adds."""

FIELDS = frozenset(
    {
        *("Address", "AddressType", "AttendanceEvent", "BeginDate", "BirthData", "BirthDate"),
        *("CalendarEvent", "CalendarIdentity", "CalendarReference", "CommunityProviderId"),
        *("ContactIdentity", "ContactPriority", "ContactReference", "ContactRestrictions"),
        *("ContactUniqueId", "Date", "ElectronicMail", "ElectronicMailAddress"),
        *("ElectronicMailType", "EmergencyContactStatus", "EndDate", "EntryDate"),
        *("EntryGradeLevel", "EventDate", "ExitWithdrawDate", "FirstName", "GradeLevel"),
        *("InstitutionTelephone", "InstitutionTelephoneNumberType", "LastSurname"),
        *("LegalGuardian", "LivesWith", "LocalEducationAgencyId", "Name", "NameOfInstitution"),
        *("OrderOfPriority", "PostalCode", "PreferredFirstName", "PrimaryContactStatus"),
        *("PrimarySchool", "ProgramIdentity", "ProgramReference", "ProgramType", "Relation"),
        *("SchoolCategory", "SchoolId", "SchoolIdentity", "SchoolReference", "SessionName"),
        *("StudentIdentity", "StudentReference", "StudentUniqueId", "Telephone"),
        *("TelephoneNumber", "TelephoneNumberType", "TextMessageCapabilityIndicator"),
        *("TotalInstructionalDays",),
    }
)
"""All that is ever held of a top-level element: what is not named here leaves no trace."""
