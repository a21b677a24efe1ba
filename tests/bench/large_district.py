"""Writes the files of a large district that does not exist: an Ed-Fi roster and a CSV directory.

`python -m tests.bench.large_district FOLDER`; the same seed gives the same bytes.
Sizes: 76,000 students, 4,089 services.
"""

import csv
import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Final, TextIO

from deploy.local.town.names import NAMES, address, pick

STUDENTS: Final = 76_000
SERVICES: Final = 4_089
STUDENTS_A_SCHOOL: Final = 500
SERVICES_AN_ORGANIZATION: Final = 4
FIRST_DAY: Final = date(2026, 9, 2)
LAST_DAY: Final = date(2027, 6, 18)
YOUNGEST: Final = date(2021, 8, 1)
SCHOOL_AGES: Final = 13 * 365
FIRST_ZIP: Final = 100  # 00100 and on belong to nobody
ZIPS: Final = 60
PROGRAM_COLUMNS: Final = (
    *("program_id", "org_id", "program_name", "program_type", "grades_min", "grades_max"),
    *("age_min", "age_max", "start_date", "end_date", "days_of_week", "start_time", "end_time"),
    *("cost_per_week", "cost_raw", "transportation_provided", "activities", "site_city"),
)
ACTIVITIES: Final = ("arts", "music", "sports", "stem", "math", "academic support", "nature")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is written."""

    students: int = STUDENTS
    services: int = SERVICES

    @property
    def schools(self) -> list[str]:
        """Source ids of the schools."""
        return [f"{10_000 + each}" for each in range(-(-self.students // STUDENTS_A_SCHOOL))]


def write(folder: Path, size: Size, *, seed: int = 7) -> tuple[Path, Path]:
    """Write both; gives the folder of the roster and that of the directory."""
    rng = random.Random(seed)
    roster, directory = folder / "roster", folder / "directory"
    for each in (roster, directory):
        each.mkdir(parents=True, exist_ok=True)
    _write_schools(roster, size)
    _write_people(roster, size, rng)
    _write_directory(directory, size, rng)
    return roster, directory


# -- roster --------------------------------------------------------------------------------------


@contextmanager
def _interchange(folder: Path, kind: str) -> Iterator[TextIO]:
    with (folder / f"{kind}.xml").open("w", encoding="utf-8") as out:
        out.write(f'<?xml version="1.0"?>\n<Interchange{kind} xmlns="http://ed-fi.org/5.2.0">\n')
        yield out
        out.write(f"</Interchange{kind}>\n")


def _of_school(school: str) -> str:
    return (
        f"<SchoolReference><SchoolIdentity><SchoolId>{school}</SchoolId></SchoolIdentity>"
        "</SchoolReference>"
    )


def _of_student(student: str) -> str:
    return (
        f"<StudentReference><StudentIdentity><StudentUniqueId>{student}</StudentUniqueId>"
        "</StudentIdentity></StudentReference>"
    )


def _write_schools(folder: Path, size: Size) -> None:
    with _interchange(folder, "EducationOrganization") as out:
        out.write(
            "<LocalEducationAgency><NameOfInstitution>Large Harbor</NameOfInstitution>"
            "<LocalEducationAgencyId>1</LocalEducationAgencyId></LocalEducationAgency>\n"
        )
        for school in size.schools:
            out.write(
                f"<School><NameOfInstitution>School {school}</NameOfInstitution>"
                f"<SchoolId>{school}</SchoolId></School>\n"
            )
    with _interchange(folder, "EducationOrgCalendar") as out:
        for school in size.schools:
            out.writelines(_calendar(school))


def _calendar(school: str) -> Iterator[str]:
    yield (
        f"<Session><SessionName>Year</SessionName><BeginDate>{FIRST_DAY}</BeginDate>"
        f"<EndDate>{LAST_DAY}</EndDate><TotalInstructionalDays>180</TotalInstructionalDays>"
        f"{_of_school(school)}</Session>\n"
    )
    days = (FIRST_DAY + timedelta(n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    for day in (each for each in days if each.isoweekday() <= 5):
        yield (
            f"<CalendarDate><Date>{day}</Date><CalendarEvent>uri://x#Instructional day"
            f"</CalendarEvent><CalendarReference><CalendarIdentity>{_of_school(school)}"
            "</CalendarIdentity></CalendarReference></CalendarDate>\n"
        )


@dataclass(frozen=True, kw_only=True)
class Child:
    """A student with two parents."""

    source_id: str
    first_name: str
    surname: str
    parents: tuple[str, str]
    zip: str


def _children(size: Size, rng: random.Random) -> Iterator[Child]:
    languages = sorted(NAMES)
    for number in range(size.students):
        names = NAMES[rng.choice(languages)]
        surname = f"{pick(names.surnames, rng)}-{pick(names.surnames, rng)}"
        yield Child(
            source_id=f"{200_000 + number}",
            first_name=pick(names.children, rng),
            surname=surname,
            parents=(pick(names.mothers, rng), pick(names.fathers, rng)),
            zip=f"{FIRST_ZIP + rng.randrange(ZIPS):05}",
        )


def _write_people(folder: Path, size: Size, rng: random.Random) -> None:
    schools = size.schools
    with (
        _interchange(folder, "Student") as students,
        _interchange(folder, "Contact") as contacts,
        _interchange(folder, "StudentEnrollment") as enrolments,
    ):
        links: list[str] = []
        for number, child in enumerate(_children(size, rng)):
            born = YOUNGEST - timedelta(rng.randrange(SCHOOL_AGES))
            students.write(
                f"<Student><StudentUniqueId>{child.source_id}</StudentUniqueId><Name>"
                f"<FirstName>{child.first_name}</FirstName>"
                f"<LastSurname>{child.surname}</LastSurname></Name>"
                f"<BirthData><BirthDate>{born}</BirthDate></BirthData></Student>\n"
            )
            enrolments.write(
                f"<StudentSchoolAssociation>{_of_student(child.source_id)}"
                f"{_of_school(schools[number // STUDENTS_A_SCHOOL])}"
                f"<EntryDate>{FIRST_DAY}</EntryDate></StudentSchoolAssociation>\n"
            )
            for parent, relation in enumerate(("Mother", "Father")):
                contacts.write(_contact(child, parent, rng))
                links.append(_link(child, parent, relation))
        contacts.writelines(links)


def _contact(child: Child, parent: int, rng: random.Random) -> str:
    name = child.parents[parent]
    phone = f"({rng.randrange(200, 1_000)}) 555 01{rng.randrange(100):02}"  # kept for fiction
    email = address(name, child.surname, child.source_id, at="families.example")
    return (
        f'<Contact id="C{child.source_id}-{parent}">'
        f"<ContactUniqueId>{child.source_id}-{parent}</ContactUniqueId>"
        f"<Name><FirstName>{name}</FirstName><LastSurname>{child.surname}</LastSurname></Name>"
        f"<Address><StreetNumberName>1 Quay</StreetNumberName><PostalCode>{child.zip}</PostalCode>"
        "<AddressType>uri://x#Home</AddressType></Address>"
        f"<Telephone><TelephoneNumber>{phone}</TelephoneNumber><TelephoneNumberType>uri://x#Mobile"
        "</TelephoneNumberType><OrderOfPriority>1</OrderOfPriority></Telephone>"
        f"<ElectronicMail><ElectronicMailAddress>{email}</ElectronicMailAddress>"
        "<ElectronicMailType>uri://x#Home/Personal</ElectronicMailType></ElectronicMail>"
        "</Contact>\n"
    )


def _link(child: Child, parent: int, relation: str) -> str:
    is_first = str(not parent).lower()
    return (
        f"<StudentContactAssociation>{_of_student(child.source_id)}"
        f'<ContactReference ref="C{child.source_id}-{parent}"/>'
        f"<Relation>uri://x#{relation}</Relation>"
        f"<PrimaryContactStatus>{is_first}</PrimaryContactStatus><LivesWith>true</LivesWith>"
        "</StudentContactAssociation>\n"
    )


# -- directory -----------------------------------------------------------------------------------


def _write_directory(folder: Path, size: Size, rng: random.Random) -> None:
    ids = [f"o{each:05}" for each in range(-(-size.services // SERVICES_AN_ORGANIZATION))]
    words = sorted({word for names in NAMES.values() for word in names.surnames})
    partners = [(each, f"{rng.choice(words)} {rng.choice(words)} House", "Harbor") for each in ids]
    _table(folder / "organizations.csv", ("org_id", "org_name", "city"), partners)
    offered = (
        _program(number, partner, rng) for number, partner in zip(range(size.services), cycle(ids))
    )
    _table(folder / "programs.csv", PROGRAM_COLUMNS, offered)


def _program(number: int, partner: str, rng: random.Random) -> tuple[str, ...]:
    youngest = rng.randrange(5, 12)
    grade = str(youngest - 5) if youngest > 5 else "K"
    cost = rng.choice(("", "0", "25", "120"))
    days = rng.choice(("Mon,Wed", "Tue,Thu", "Mon,Tue,Wed,Thu,Fri"))
    return (
        *(f"p{number:05}", partner, f"Program {number}", rng.choice(("camp", "afterschool"))),
        *(grade, str(youngest), str(youngest), str(youngest + 5), "2026-09-07", "2027-06-11"),
        *(days, "15:00", "17:30", cost, "", rng.choice(("yes", "no", ""))),
        *(rng.choice(ACTIVITIES), rng.choice(("Harbor", "Hill", "East", ""))),
    )


def _table(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(columns)
        lines.writerows(rows)


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]), Size()):
        sys.stdout.write(f"{path}\n")
