"""How students, staff, schools and districts are stored."""

from datetime import date
from typing import Any, Final

from schemas.envelope import Erased
from schemas.plans import StaffCard
from services.chassis.days import Calendar, Span
from services.chassis.kinds import Document, Index, Kind
from services.chassis.vault import Keyring
from services.plans.domain import districts, students
from services.plans.domain.districts import District, School, StaffMember
from services.plans.domain.students import Contact, ContactFacts, Student, StudentFacts

STUDENTS_COLLECTION: Final = "students"
SCHOOLS_COLLECTION: Final = "schools"
STAFF_COLLECTION: Final = "staff"


def _schools_came_to_an_end(row: Document) -> Document:
    """Shape 1 to 2."""
    return {**row, "shape": 2, "is_between_schools": False}


def _student(student: Student, keys: Keyring) -> Document:
    return {
        "shape": 2,
        "school_id": student.school_id,
        "case_manager_id": student.case_manager_id,
        "grade": student.grade,
        "language": student.language,
        "area": student.area,
        "flags": sorted(student.flags),
        "name_marks": sorted(student.name_marks),
        "contacts": [_contact(each, keys) for each in student.contacts],
        "sealed": keys.seal_facts(student.student_id, student.facts),
        "is_known": student.is_known,
        "is_between_schools": student.is_between_schools,
    }


def _contact(contact: Contact, keys: Keyring) -> Document:
    return {
        "contact_id": contact.contact_id,
        "is_guardian": contact.is_guardian,
        "notify": contact.notify,
        "rank": contact.rank,
        "lives_with": contact.lives_with,
        "restrictions": sorted(contact.restrictions),
        "sealed": keys.seal_facts(contact.contact_id, contact.facts),
    }


def _student_of(row: Document, keys: Keyring) -> Student:
    return Student(
        student_id=row["_id"],
        district=row["district"],
        school_id=row["school_id"],
        case_manager_id=row["case_manager_id"],
        grade=row["grade"],
        language=row["language"],
        area=row["area"],
        flags=frozenset(row["flags"]),
        name_marks=frozenset(bytes(each) for each in row["name_marks"]),
        contacts=tuple(_contact_of(each, keys) for each in row["contacts"]),
        facts=keys.open_facts(row["_id"], StudentFacts, row["sealed"]),
        is_known=row["is_known"],
        is_between_schools=row["is_between_schools"],
    )


def _contact_of(row: Document, keys: Keyring) -> Contact:
    return Contact(
        contact_id=row["contact_id"],
        is_guardian=row["is_guardian"],
        notify=row["notify"],
        rank=row["rank"],
        lives_with=row["lives_with"],
        restrictions=frozenset(row["restrictions"]),
        facts=keys.open_facts(row["contact_id"], ContactFacts, row["sealed"]),
    )


def _persons(student: Student) -> list[str]:
    return [student.student_id, *(each.contact_id for each in student.contacts)]


STUDENTS: Kind[Student] = Kind(
    state=Student,
    collection=STUDENTS_COLLECTION,
    to_document=_student,
    from_document=_student_of,
    persons=_persons,
    watch=lambda student: (student.student_id,),
    blank=students.nobody,
    indexes=(
        Index((("district", 1), ("name_marks", 1))),
        Index((("district", 1), ("is_known", 1), ("_id", 1))),
        Index((("district", 1), ("case_manager_id", 1), ("_id", 1))),
        Index((("district", 1), ("school_id", 1), ("_id", 1))),
        Index((("district", 1), ("language", 1), ("grade", 1), ("area", 1))),
    ),
    shape=2,
    lifts=(_schools_came_to_an_end,),
)


def _staff(member: StaffMember, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "role": member.role,
        "school_ids": list(member.school_ids),
        "sealed": None
        if isinstance(member.facts, Erased)
        else keys.seal_facts(member.staff_id, member.facts),
    }


def _staff_of(row: Document, keys: Keyring) -> StaffMember:
    return StaffMember(
        staff_id=row["_id"],
        district=row["district"],
        role=row["role"],
        school_ids=tuple(row["school_ids"]),
        facts=keys.open_facts(row["_id"], StaffCard, row["sealed"]),
    )


STAFF: Kind[StaffMember] = Kind(
    state=StaffMember,
    collection=STAFF_COLLECTION,
    to_document=_staff,
    from_document=_staff_of,
    persons=lambda member: (member.staff_id,),
    blank=districts.nobody,
    indexes=(Index((("district", 1), ("role", 1))),),
)


def _school(school: School, keys: Keyring) -> Document:
    del keys
    return {
        "shape": 1,
        "name": school.name,
        "phone": school.phone,
        "calendar": _calendar(school.calendar),
    }


def _school_of(row: Document, keys: Keyring) -> School:
    del keys
    return School(
        school_id=row["_id"],
        district=row["district"],
        name=row["name"],
        phone=row["phone"],
        calendar=calendar_of(row["calendar"]),
    )


def _calendar(calendar: Calendar) -> Document:
    seasons = calendar.seasons
    return {
        "zone": calendar.zone,
        "weekdays": sorted(calendar.weekdays),
        "named": sorted(day.isoformat() for day in calendar.named),
        "seasons": None
        if seasons is None
        else [[each.first.isoformat(), each.last.isoformat()] for each in seasons],
        "is_assumed": calendar.is_assumed,
    }


def calendar_of(row: Document) -> Calendar:
    """A school's calendar from where it is stored."""
    seasons: Any = row["seasons"]
    return Calendar(
        zone=row["zone"],
        weekdays=frozenset(row["weekdays"]),
        named=frozenset(map(date.fromisoformat, row["named"])),
        seasons=None
        if seasons is None
        else tuple(Span(*map(date.fromisoformat, each)) for each in seasons),
        is_assumed=row["is_assumed"],
    )


SCHOOLS: Kind[School] = Kind(
    state=School,
    collection=SCHOOLS_COLLECTION,
    to_document=_school,
    from_document=_school_of,
    indexes=(Index((("district", 1), ("_id", 1))),),
)


def _offers_got_a_mode(row: Document) -> Document:
    """Shape 1 to 2."""
    return {**row, "shape": 2, "offer_mode": "assisted"}


def _district(district: District, keys: Keyring) -> Document:
    del keys
    return {
        "shape": 2,
        "name": district.name,
        "time_zone": district.time_zone,
        "offer_first": district.offer_first,
        "offer_mode": district.offer_mode,
    }


def _district_of(row: Document, keys: Keyring) -> District:
    del keys
    return District(
        district_id=row["_id"],
        district=row["district"],
        name=row["name"],
        time_zone=row["time_zone"],
        offer_first=row["offer_first"],
        offer_mode=row["offer_mode"],
    )


DISTRICTS: Kind[District] = Kind(
    state=District,
    collection="districts",
    to_document=_district,
    from_document=_district_of,
    shape=2,
    lifts=(_offers_got_a_mode,),
)
