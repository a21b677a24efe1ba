"""The families of Harbor: 300 students, their guardians, households and custody limits."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from deploy.local.town import district
from deploy.local.town.names import NAMES, Names, address, pick
from services.plans.roster.enrolment import AGE_IN_KINDERGARTEN
from services.plans.roster.guardians import guardianship, settle
from services.plans.roster.records import (
    LAST_GRADE,
    Answer,
    Channel,
    ContactRecord,
    Enrolled,
    Flag,
    Line,
    Medium,
    Restriction,
    StudentContactRecord,
    StudentRecord,
)

STUDENTS = 300
WITHOUT_SCHOOL = 2
LANGUAGES = ("en", "es", "en", "ht", "en", "pt", "es", "en", "kea", "en", "ar", "es", "en", "ht")
"""The languages of families in turn: every one stands in every small part of the town."""

ZIPS = tuple(each for zone in district.ZONES for each in zone.zips)
CUSTODY = (Restriction.NO_CONTACT, Restriction.NO_INFORMATION, Restriction.NO_PICKUP)
MAIL = "families.harbor.example"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one family is like; the first ones are the demo's own, see `stories`."""

    language: str
    grades: tuple[int, ...]
    two_parents: bool = True
    second_household: bool = False
    custody: Restriction | None = None
    phone: bool = True
    email: bool = True
    grandmother: bool = False
    zip: str = "00101"


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family's records."""

    students: tuple[StudentRecord, ...]
    contacts: tuple[ContactRecord, ...]
    links: tuple[StudentContactRecord, ...]


@dataclass(frozen=True, kw_only=True)
class _Making:
    """One family in the making."""

    wanted: Wanted
    number: int
    names: Names
    surname: str
    grades_as_of: date
    phones: Iterator[str]
    rng: random.Random


def families(
    first: tuple[Wanted, ...], *, grades_as_of: date, phones: Iterator[str], seed: int
) -> list[Family]:
    """Families until the town has its students, the given ones first."""
    rng = random.Random(seed)
    found: list[Family] = []
    left = STUDENTS
    while left:
        number = len(found)
        wanted = first[number] if number < len(first) else _wanted(number, rng)
        names = NAMES[wanted.language]
        making = _Making(
            wanted=replace(wanted, grades=wanted.grades[:left]),
            number=number,
            names=names,
            surname=pick(names.surnames, rng),
            grades_as_of=grades_as_of,
            phones=phones,
            rng=rng,
        )
        family = _family(making, students_before=STUDENTS - left)
        left -= len(family.students)
        found.append(family)
    return found


def _every(nth: int, number: int, *, first: int) -> bool:
    return number % nth == first


def _wanted(number: int, rng: random.Random) -> Wanted:
    eldest = rng.randint(0, LAST_GRADE)
    gaps = (0, rng.randint(1, 3), rng.randint(4, 5))
    grades = tuple(eldest - gap for gap in gaps[: rng.choice((1, 1, 2, 2, 3))] if eldest >= gap)
    second_household, custody = _every(10, number, first=3), _every(19, number, first=4)
    reachable = not _every(37, number, first=20)
    return Wanted(
        language=LANGUAGES[number % len(LANGUAGES)],
        grades=grades,
        two_parents=second_household or custody or not _every(3, number, first=1),
        second_household=second_household,
        custody=CUSTODY[number // 19 % len(CUSTODY)] if custody else None,
        phone=reachable and not _every(17, number, first=7),
        email=reachable and _every(2, number, first=0),
        grandmother=_every(29, number, first=11),
        zip=rng.choice(ZIPS),
    )


def _family(making: _Making, *, students_before: int) -> Family:
    grades = making.wanted.grades
    children = making.rng.sample(making.names.children, len(grades))
    students = tuple(
        _student(making, students_before + n, first_name, grade)
        for n, (first_name, grade) in enumerate(zip(children, grades, strict=True), 1)
    )
    relations = _relations(making.wanted)
    adults = [_adult(making, relation, place) for place, relation in enumerate(relations, 1)]
    links = [
        link
        for student in students
        for link in settle(
            [_link(making.wanted, student, adult, place) for place, adult in enumerate(adults, 1)]
        )
    ]
    return Family(students=students, contacts=tuple(adults), links=tuple(links))


def _student(making: _Making, number: int, first_name: str, grade: int) -> StudentRecord:
    # Half of the last grade is a year older: students who hold their own rights from the start.
    is_older = grade == LAST_GRADE and _every(2, number, first=1)
    age = grade + AGE_IN_KINDERGARTEN + is_older
    youngest = making.grades_as_of.replace(year=making.grades_as_of.year - age)
    has_school = number <= STUDENTS - WITHOUT_SCHOOL
    return StudentRecord(
        source_id=f"S-{number:04}",
        first_name=first_name,
        surname=making.surname,
        birth_date=youngest - timedelta(days=making.rng.randrange(364)),
        school_source_id=district.school_of(grade).source_id if has_school else None,
        enrolled=Enrolled.ENROLMENT if has_school else Enrolled.NO_SCHOOL,
        grade=grade,
        flags=_flags(number, making.wanted.language),
        iep=Answer.YES if _every(9, number, first=2) else Answer.NO,
        language=making.wanted.language,
    )


def _flags(number: int, language: str) -> frozenset[Flag]:
    flags = {
        Flag.HOMELESS: _every(41, number, first=6),
        Flag.FOSTER: _every(67, number, first=9),
        Flag.LANGUAGE: language != "en" and _every(2, number, first=1),
    }
    return frozenset(flag for flag, has in flags.items() if has)


def _relations(wanted: Wanted) -> tuple[str, ...]:
    if wanted.grandmother:
        return ("grandmother",)
    return ("mother", "father") if wanted.two_parents else ("mother",)


def _adult(making: _Making, relation: str, place: int) -> ContactRecord:
    wanted, names = making.wanted, making.names
    first_name = pick(names.fathers if relation == "father" else names.mothers, making.rng)
    channels = []
    if wanted.phone:
        # Every eighth family has only a line at home, which takes no texts.
        line = Line.HOME if _every(8, making.number, first=5) else Line.MOBILE
        channels.append(Channel(medium=Medium.PHONE, value=next(making.phones), line=line, rank=1))
    if wanted.email:
        value = address(first_name, making.surname, str(making.number), at=MAIL)
        channels.append(Channel(medium=Medium.EMAIL, value=value, line=Line.HOME))
    return ContactRecord(
        source_id=f"C-{making.number:04}-{place}",
        first_name=first_name,
        surname=making.surname,
        channels=tuple(channels),
        language=wanted.language,
        zip=wanted.zip if _lives_with(wanted, place) else _another_zip(wanted.zip),
    )


def _lives_with(wanted: Wanted, place: int) -> bool:
    return place == 1 or not (wanted.second_household or wanted.custody)


def _another_zip(zip_code: str) -> str:
    return ZIPS[(ZIPS.index(zip_code) + 2) % len(ZIPS)]


def _link(
    wanted: Wanted, student: StudentRecord, adult: ContactRecord, place: int
) -> StudentContactRecord:
    relation = _relations(wanted)[place - 1]
    limits = {wanted.custody} if wanted.custody and place > 1 else set()
    return StudentContactRecord(
        student_source_id=student.source_id,
        contact_source_id=adult.source_id,
        relation=relation,
        is_guardian=guardianship(relation, None),
        lives_with=_lives_with(wanted, place),
        is_primary=place == 1,
        is_emergency=True,
        rank=place,
        restrictions=frozenset(limits),
    )
