"""Which school and grade a student is in, from enrolments, else from attendance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.plans.roster.records import LAST_GRADE, PRE_KINDERGARTEN

AGE_IN_KINDERGARTEN = 5
AGE_IN_PRE_KINDERGARTEN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """One stretch at one school, as a file states it."""

    school_source_id: str
    entered_on: date | None
    left_on: date | None
    is_primary: bool
    grade: int | None


def current(enrolments: Iterable[Enrolment], today: date) -> Enrolment | None:
    """The enrolment in force: the primary one, then the one entered last; else the next one."""
    live = [each for each in enrolments if each.left_on is None or each.left_on >= today]
    begun = [each for each in live if (each.entered_on or today) <= today]
    return max(begun, key=_entered, default=None) or min(live, key=_to_enter, default=None)


def _entered(each: Enrolment) -> tuple[bool, date, str]:
    return each.is_primary, each.entered_on or date.min, each.school_source_id


def _to_enter(each: Enrolment) -> tuple[bool, date, str]:
    return not each.is_primary, each.entered_on or date.min, each.school_source_id


def derived_grade(birth_date: date, as_of: date) -> int | None:
    """The grade by age: the age on a day, less five; nothing outside pre-kindergarten to 12."""
    had_birthday = (as_of.month, as_of.day) >= (birth_date.month, birth_date.day)
    age = as_of.year - birth_date.year - (0 if had_birthday else 1)
    if AGE_IN_PRE_KINDERGARTEN <= age < AGE_IN_KINDERGARTEN:
        return PRE_KINDERGARTEN
    grade = age - AGE_IN_KINDERGARTEN
    return grade if 0 <= grade <= LAST_GRADE else None
