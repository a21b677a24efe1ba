"""Age and grade limits out of free text: `6-14`, `Grades K-9`, `5+`; anything else is unknown."""

import re
from dataclasses import dataclass

from services.chassis.findings import Row

OLDEST = 25
LAST_GRADE = 12
NUMBER = r"(\d{1,2}|[Kk])"
ENDED = r"(?:\s*\((?:entering|completed)\))?"
RANGE = re.compile(rf"{NUMBER}\s*[-–]\s*{NUMBER}{ENDED}")
AT_LEAST = re.compile(rf"{NUMBER}\s*\+")
SINGLE = re.compile(NUMBER)
GRADE_WORD = re.compile(r"grades?\s+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Whole years of age, grades from 0 (kindergarten); None is not given."""

    age_min: int | None = None
    age_max: int | None = None
    grade_min: int | None = None
    grade_max: int | None = None


def limits(row: Row, *, age_min: str, age_max: str, grade_min: str, grade_max: str) -> Limits:
    """The limits of four cells; an age cell may hold a range, or a range of grades.

    Codes: `age_unreadable`, `grade_unreadable`, `limits_backwards`.
    """
    grades_as_ages = GRADE_WORD.match(age_min)
    ages = _pair("" if grades_as_ages else age_min, age_max, OLDEST)
    grades = _pair(
        age_min[grades_as_ages.end() :] if grades_as_ages else grade_min, grade_max, LAST_GRADE
    )
    if ages is None:
        row.warn("age_min", "age_unreadable", "The ages cannot be read; kept as not given.")
    if grades is None:
        column = "age_min" if grades_as_ages else "grades_min"
        row.warn(column, "grade_unreadable", "The grades cannot be read; kept as not given.")
    ages = _forwards(ages or (None, None), "age_min", row)
    grades = _forwards(grades or (None, None), "grades_min", row)
    return Limits(age_min=ages[0], age_max=ages[1], grade_min=grades[0], grade_max=grades[1])


_Pair = tuple[int | None, int | None]


def _pair(low: str, high: str, most: int) -> _Pair | None:
    """Both ends, or nothing if a cell says something that cannot be read."""
    found: _Pair | None
    if both := RANGE.fullmatch(low):
        found = (_number(both[1]), _number(both[2]))
    elif open_ended := AT_LEAST.fullmatch(low):
        found = (_number(open_ended[1]), _number(high))
    elif all(SINGLE.fullmatch(each) for each in (low, high) if each):
        found = (_number(low), _number(high))
    else:
        return None
    return found if all(each is None or each <= most for each in found) else None


def _number(text: str) -> int | None:
    if not SINGLE.fullmatch(text):
        return None
    return 0 if text in "Kk" else int(text)


def _forwards(pair: _Pair, column: str, row: Row) -> _Pair:
    low, high = pair
    if low is None or high is None or low <= high:
        return pair
    sentence = "The lower limit is above the upper one; both kept as not given."
    row.warn(column, "limits_backwards", sentence)
    return None, None
