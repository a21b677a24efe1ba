"""Small Ed-Fi files as text: each function gives one element, `a_roster` the files around them."""

import io
from datetime import date

from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.records import Roster
from services.plans.roster.report import RosterImport

TODAY = date(2021, 11, 22)

DISTRICT = """<LocalEducationAgency><NameOfInstitution>Harbor</NameOfInstitution>
<LocalEducationAgencyId>1</LocalEducationAgencyId></LocalEducationAgency>"""


def a_school(school_id: str = "10", inside: str = "") -> str:
    return f"""<School><NameOfInstitution>School {school_id}</NameOfInstitution>{inside}
    <SchoolId>{school_id}</SchoolId></School>"""


def school_reference(school_id: str) -> str:
    return f"""<SchoolReference><SchoolIdentity><SchoolId>{school_id}</SchoolId>
    </SchoolIdentity></SchoolReference>"""


def student_reference(student_id: str) -> str:
    return f"""<StudentReference><StudentIdentity><StudentUniqueId>{student_id}</StudentUniqueId>
    </StudentIdentity></StudentReference>"""


def a_session(begins: str, ends: str, school_id: str = "10", days: str = "81") -> str:
    return f"""<Session><SessionName>{begins}</SessionName><BeginDate>{begins}</BeginDate>
    <EndDate>{ends}</EndDate><TotalInstructionalDays>{days}</TotalInstructionalDays>
    {school_reference(school_id)}</Session>"""


def a_day(day: str, event: str, school_id: str = "10") -> str:
    return f"""<CalendarDate><Date>{day}</Date><CalendarEvent>uri://x#{event}</CalendarEvent>
    <CalendarReference><CalendarIdentity>{school_reference(school_id)}</CalendarIdentity>
    </CalendarReference></CalendarDate>"""


def a_student(student_id: str = "s1", born: str = "2014-11-13", inside: str = "") -> str:
    return f"""<Student><StudentUniqueId>{student_id}</StudentUniqueId><Name>
    <FirstName>Ada</FirstName><LastSurname>Tidewell</LastSurname></Name><BirthData><BirthDate>{born}</BirthDate></BirthData>
    {inside}</Student>"""


def a_contact(contact_id: str = "c1", inside: str = "") -> str:
    return f"""<Contact id="X_{contact_id}"><ContactUniqueId>{contact_id}</ContactUniqueId>
    <Name><FirstName>Alma</FirstName><LastSurname>Tidewell</LastSurname></Name>{inside}</Contact>"""


def a_phone(number: str, kind: str = "Mobile", rank: str = "1", inside: str = "") -> str:
    return f"""<Telephone><TelephoneNumber>{number}</TelephoneNumber>
    <TelephoneNumberType>uri://x#{kind}</TelephoneNumberType>
    <OrderOfPriority>{rank}</OrderOfPriority>{inside}</Telephone>"""


def an_email(value: str, kind: str = "Home/Personal") -> str:
    return f"""<ElectronicMail><ElectronicMailAddress>{value}</ElectronicMailAddress>
    <ElectronicMailType>uri://x#{kind}</ElectronicMailType></ElectronicMail>"""


def an_address(zip_code: str, kind: str = "Home") -> str:
    return f"""<Address><StreetNumberName>12 Quay Street</StreetNumberName>
    <PostalCode>{zip_code}</PostalCode><AddressType>uri://x#{kind}</AddressType></Address>"""


def a_link(
    student_id: str = "s1", contact_id: str = "c1", relation: str = "Mother", inside: str = ""
) -> str:
    return f"""<StudentContactAssociation>{student_reference(student_id)}
    <ContactReference ref="X_{contact_id}"/><Relation>uri://x#{relation}</Relation>{inside}
    </StudentContactAssociation>"""


def an_enrolment(student_id: str = "s1", school_id: str = "10", inside: str = "") -> str:
    return f"""<StudentSchoolAssociation>{student_reference(student_id)}
    {school_reference(school_id)}{inside}</StudentSchoolAssociation>"""


def an_absence(day: str, student_id: str = "s1", school_id: str = "10") -> str:
    return f"""<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>{day}</EventDate>
    </AttendanceEvent>{student_reference(student_id)}{school_reference(school_id)}
    </StudentSchoolAttendanceEvent>"""


def a_program(
    name: str, student_id: str = "s1", inside: str = "", element: str = "StudentProgramAssociation"
) -> str:
    return f"""<{element}>{student_reference(student_id)}<ProgramReference><ProgramIdentity>
    <ProgramType>uri://x#{name}</ProgramType></ProgramIdentity></ProgramReference>{inside}</{element}>"""


def a_file(root: str, *elements: str) -> tuple[str, io.BytesIO]:
    text = f'<?xml version="1.0"?>\n<{root} xmlns="http://ed-fi.org/5.2.0">{"".join(elements)}</{root}>'
    return f"{root}.xml", io.BytesIO(text.encode())


def an_import(
    *,
    students: tuple[str, ...] = (a_student(),),
    schools: tuple[str, ...] = (a_school(),),
    contacts: tuple[str, ...] = (),
    calendar: tuple[str, ...] = (),
    enrolments: tuple[str, ...] = (),
    attendance: tuple[str, ...] = (),
    programs: tuple[str, ...] | None = None,
    reading: Reading | None = None,
) -> RosterImport:
    files = [
        a_file("InterchangeContact", *contacts),
        a_file("InterchangeStudentEnrollment", *enrolments),
        a_file("InterchangeStudentAttendance", *attendance),
        a_file("InterchangeStudent", *students),
        a_file("InterchangeEducationOrgCalendar", *calendar),
        a_file("InterchangeEducationOrganization", DISTRICT, *schools),
    ]
    if programs is not None:
        files.append(a_file("InterchangeStudentProgram", *programs))
    return read_edfi(files, reading or Reading(today=TODAY))


def read(found: RosterImport) -> Roster:
    assert found.roster is not None, found.refusals
    return found.roster


def codes(found: RosterImport) -> list[str]:
    return [finding.code for report in found.files for finding in report.findings]
