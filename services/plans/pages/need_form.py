"""The form of a need: its fields as they were filled in, and what is wrong with them."""

import re
from datetime import date, time
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.codes import CATEGORIES
from schemas.plans import Window
from services.plans.domain.students import Student

SUMMARY_AT_MOST: Final = 500
NEVER_KEPT: Final = re.compile(
    r"\b(immigra\w*|citizen\w*|visa|undocumented|deport\w*|green card|birth ?place|"
    r"ssn|social security|religio\w*|race|ethnic\w*|income|salary|migrant)\b",
    re.IGNORECASE,
)
"""Words of what is never asked, stored or shared."""
STARTS: Final = "15:00"
ENDS: Final = "18:00"
"""What the form opens with; without a day that is ticked they say nothing."""
FURTHEST_DAYS: Final = 400
MONEY: Final = re.compile(r"\d{1,4}([.,]\d{1,2})?")


def one_newline(text: str) -> str:
    """Text as it was typed: browsers send two signs for the end of a line, and count one."""
    return text.replace("\r\n", "\n")


PASTED: Final = 50_000
TYPED: Final = 200
"""What still gets an answer beside its field; more is no longer somebody's typing."""


class Filled(BaseModel):
    """What somebody filled in, as it came."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    category: str = Field(default="", max_length=64)
    summary: Annotated[str, AfterValidator(one_newline)] = Field(default="", max_length=PASTED)
    urgency: str = Field(default="routine", max_length=20)
    weekdays: list[str] = Field(default_factory=list, max_length=7)
    starts: str = Field(default="", max_length=TYPED)
    ends: str = Field(default="", max_length=TYPED)
    cost: str = Field(default="", max_length=10)
    amount: str = Field(default="", max_length=TYPED)
    transport: str = Field(default="", max_length=10)
    language_required: str = Field(default="", max_length=5)
    insurance: str = Field(default="", max_length=20)
    wanted_from: str = Field(default="", max_length=TYPED)
    restricted: str = Field(default="", max_length=5)
    keep_words: str = Field(default="", max_length=5)

    def asked(self) -> dict[str, Any]:
        """The fields of the command; only of a form without errors."""
        cents = round(float(self.amount.replace(",", ".")) * 100) if self.cost == "amount" else None
        return {
            "category": self.category,
            "summary": self.summary.strip(),
            "urgency": "urgent" if self.urgency == "urgent" else "routine",
            "is_restricted": self.restricted == "yes",
            "windows": tuple(
                Window(
                    weekday=int(day),
                    starts=time.fromisoformat(self.starts),
                    ends=time.fromisoformat(self.ends),
                )
                for day in self.weekdays
            ),
            "cost": self.cost or None,
            "cents_a_week": cents,
            "transport_needed": {"yes": True, "no": False}.get(self.transport),
            "language_required": self.language_required == "yes",
            "insurance": self.insurance or None,
            "wanted_from": date.fromisoformat(self.wanted_from) if self.wanted_from else None,
        }


def prefilled(student: Student) -> Filled:
    """The form as it opens: what the record of the student says already."""
    speaks_other = bool(student.language) and not (student.language or "").startswith("en")
    return Filled(starts=STARTS, ends=ENDS, language_required="yes" if speaks_other else "")


def checked(filled: Filled, today: date) -> list[tuple[str, str]]:
    """What is wrong: name of the field and an English sentence."""
    return [
        *_of_words(filled),
        *_of_times(filled),
        *_of_cost(filled),
        *_of_choices(filled),
        *_of_day(filled, today),
    ]


def _of_words(filled: Filled) -> list[tuple[str, str]]:
    summary, errors = filled.summary.strip(), []
    if not summary:
        errors.append(("summary", "Say what is needed, in your own words"))
    if len(summary) > SUMMARY_AT_MOST:
        errors.append(("summary", "Say it in 500 letters or fewer"))
    if NEVER_KEPT.search(summary) and filled.keep_words != "yes":
        sentence = (
            "This text may hold what we never keep, such as immigration, religion or income. "
            "Leave it out, or tick below that it says nothing of the kind"
        )
        errors.append(("summary", sentence))
    return errors


def _of_times(filled: Filled) -> list[tuple[str, str]]:
    if not filled.weekdays:
        is_untouched = filled.starts in {"", STARTS} and filled.ends in {"", ENDS}
        sentence = "Choose the days for these times, or leave both times empty"
        return [] if is_untouched else [("weekdays", sentence)]
    if not set(filled.weekdays) <= set("1234567"):
        return [("weekdays", "Choose days from the list")]
    starts, ends = _time(filled.starts), _time(filled.ends)
    if starts is None:
        return [("starts", "Give a time such as 15:00")]
    if ends is None:
        return [("ends", "Give a time such as 18:00")]
    return [("ends", "The end must be after the beginning")] if ends <= starts else []


def _of_cost(filled: Filled) -> list[tuple[str, str]]:
    amount = filled.amount.strip()
    if filled.cost not in {"", "free", "amount", "any"}:
        return [("cost", "Choose what the family can pay")]
    if filled.cost == "amount":
        sentence = "Give dollars a week, such as 10"
        return [] if MONEY.fullmatch(amount) else [("amount", sentence)]
    sentence = "Choose that the family can pay up to an amount, or leave the dollars empty"
    return [("cost", sentence)] if amount else []


def _of_choices(filled: Filled) -> list[tuple[str, str]]:
    errors = []
    if filled.category not in CATEGORIES:
        errors.append(("category", "Choose what kind of help is needed"))
    if filled.insurance not in {"", "medicaid-chip", "private", "none"}:
        errors.append(("insurance", "Choose an insurance from the list"))
    return errors


def _of_day(filled: Filled, today: date) -> list[tuple[str, str]]:
    """A year too far away would make a student too old for everything."""
    if not filled.wanted_from:
        return []
    day = _day(filled.wanted_from)
    if day is None:
        return [("wanted_from", "Give a day such as 2026-11-30")]
    if day < today:
        return [("wanted_from", "This day is in the past")]
    is_far = (day - today).days > FURTHEST_DAYS
    return [("wanted_from", "This day is too far away")] if is_far else []


def _time(text: str) -> time | None:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo else found  # all times are those of the school


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
