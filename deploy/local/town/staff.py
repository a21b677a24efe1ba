"""The staff of Harbor's schools, and who looks after whom."""

from collections.abc import Iterator, Sequence

from deploy.local.town import district
from deploy.local.town.names import address
from services.plans.roster.records import (
    AssignmentRecord,
    StaffRecord,
    StaffRole,
    StudentRecord,
)

MAIL = "schools.harbor.example"

EVERYWHERE: tuple[str, ...] = ()
ELEMENTARY = (district.ELEMENTARY.source_id,)
MIDDLE = (district.MIDDLE.source_id,)
HIGH = (district.HIGH.source_id,)

# role, first name, surname, schools, languages
PEOPLE = (
    (StaffRole.CASE_MANAGER, "Nora", "Harborlight", ELEMENTARY, ("en", "es", "ht")),
    (StaffRole.CASE_MANAGER, "Theo", "Windermast", ELEMENTARY, ("en", "pt")),
    (StaffRole.CASE_MANAGER, "Maya", "Coralstone", MIDDLE, ("en", "ar")),
    (StaffRole.CASE_MANAGER, "Luis", "Remolargo", HIGH, ("en", "es")),
    (StaffRole.SUPERVISOR, "Judith", "Captainsgate", EVERYWHERE, ("en",)),
    (StaffRole.PRIVACY_OFFICER, "Oscar", "Lockwater", EVERYWHERE, ("en",)),
    (StaffRole.LIAISON, "Wilma", "Safeharbor", EVERYWHERE, ("en", "es")),
    (StaffRole.DISTRICT_ADMIN, "Ravi", "Chartwell", EVERYWHERE, ("en",)),
)

# one homeroom teacher per grade, from kindergarten
TEACHERS = (
    ("Amy", "Sandpiper"),
    ("Bo", "Starfish"),
    ("Cora", "Seahorse"),
    ("Dev", "Cormorant"),
    ("Edie", "Plover"),
    ("Fred", "Sandcastle"),
    ("Gita", "Lagoon"),
    ("Hank", "Breakwater"),
    ("Ida", "Sextant"),
    ("Joel", "Gangplank"),
    ("Kim", "Mainsail"),
    ("Lars", "Spindrift"),
    ("Mona", "Halyard"),
)

GRADES_OF_FIRST_ELEMENTARY_MANAGER = range(3, 6)


def staff(phones: Iterator[str]) -> tuple[StaffRecord, ...]:
    """Everybody: leaders and case managers first, then a teacher per grade."""
    teachers = tuple(
        (StaffRole.TEACHER, *name, (district.school_of(grade).source_id,), ("en",))
        for grade, name in enumerate(TEACHERS)
    )
    return tuple(
        StaffRecord(
            source_id=f"T-{number:02}",
            first_name=first_name,
            surname=surname,
            role=role,
            email=address(first_name, surname, at=MAIL),
            phone=next(phones),
            school_source_ids=schools,
            languages=languages,
        )
        for number, (role, first_name, surname, schools, languages) in enumerate(
            (*PEOPLE, *teachers), 1
        )
    )


def assignments(
    students: Sequence[StudentRecord], members: Sequence[StaffRecord]
) -> tuple[AssignmentRecord, ...]:
    """One case manager and one homeroom teacher for every student at a school."""
    managers = [each for each in members if each.role is StaffRole.CASE_MANAGER]
    teachers = [each for each in members if each.role is StaffRole.TEACHER]
    return tuple(
        AssignmentRecord(
            student_source_id=student.source_id, staff_source_id=who.source_id, role=who.role
        )
        for student in students
        if student.school_source_id is not None and student.grade is not None
        for who in (_manager(student, managers), teachers[student.grade])
    )


def _manager(student: StudentRecord, managers: Sequence[StaffRecord]) -> StaffRecord:
    own = [each for each in managers if student.school_source_id in each.school_source_ids]
    return own[0] if student.grade in GRADES_OF_FIRST_ELEMENTARY_MANAGER else own[-1]
