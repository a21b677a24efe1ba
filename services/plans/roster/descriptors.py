"""Ed-Fi values as plain ones: descriptors, dates, booleans, grades, lines."""

import re
from collections.abc import Mapping
from datetime import date

from services.plans.roster.records import PRE_KINDERGARTEN, Flag, GradeBand, Line

YEARS_READ = range(1900, 2101)

GRADES: Mapping[str, int] = {
    "infant/toddler": PRE_KINDERGARTEN,
    "early education": PRE_KINDERGARTEN,
    "preschool/prekindergarten": PRE_KINDERGARTEN,
    "transitional kindergarten": 0,
    "kindergarten": 0,
    "first grade": 1,
    "second grade": 2,
    "third grade": 3,
    "fourth grade": 4,
    "fifth grade": 5,
    "sixth grade": 6,
    "seventh grade": 7,
    "eighth grade": 8,
    "ninth grade": 9,
    "tenth grade": 10,
    "eleventh grade": 11,
    "twelfth grade": 12,
}

BANDS: Mapping[str, GradeBand] = {
    "elementary school": GradeBand.ELEMENTARY,
    "middle school": GradeBand.MIDDLE,
    "junior high school": GradeBand.MIDDLE,
    "high school": GradeBand.HIGH,
}

LINES: Mapping[str, Line] = {
    "mobile": Line.MOBILE,
    "home": Line.HOME,
    "home/personal": Line.HOME,
    "work": Line.WORK,
    "organization": Line.WORK,
    "fax": Line.FAX,
}

FLAGS: Mapping[str, Flag] = {
    "homeless": Flag.HOMELESS,
    "foster care": Flag.FOSTER,
    "bilingual": Flag.LANGUAGE,
    "bilingual summer": Flag.LANGUAGE,
    "english as a second language (esl)": Flag.LANGUAGE,
    "title iii": Flag.LANGUAGE,
}

IEP_PROGRAM = "special education"

NEVER_KEPT_PROGRAMS: Mapping[str, str] = {
    "migrant education": "migrant",
    "migrant": "migrant",
    "immigrant": "immigration",
    "immigrant education": "immigration",
    "economic disadvantaged": "income",
}


def word(descriptor: str) -> str:
    """A descriptor's code value in lower case: what stands after the `#`, or all of it."""
    return descriptor.rpartition("#")[2].strip().lower()


def day(text: str) -> date | None:
    """An ISO date of a sensible year, or nothing."""
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return found if found.year in YEARS_READ else None


def yes_no(text: str) -> bool | None:
    """An XML boolean; anything else is unknown."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())


def number(text: str) -> int | None:
    """A whole number of at most six digits, or nothing."""
    return int(text) if re.fullmatch(r"\d{1,6}", text.strip(), re.ASCII) else None


def zip_code(text: str) -> str | None:
    """The five digits of a ZIP code; the rest would name a street."""
    found = re.match(r"\d{5}(?!\d)", text.strip(), re.ASCII)
    return found.group() if found else None
