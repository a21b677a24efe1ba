"""What coordinators type, read and checked field by field; a page shows all mistakes at once."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

from fastapi import Form

from services.referrals.domain.answers import DECLINE_CODES
from services.referrals.domain.seats import LARGEST

Text = Annotated[str, Form(max_length=50_000)]  # what is too long is told at its field
TEXT_LENGTH: Final = 1_000
FURTHEST_DAYS: Final = 400
CHOOSE_DATE: Final = "Choose the first day, or leave it empty if it is not agreed yet."
PAST_DATE: Final = "The first day cannot be in the past."
FAR_DATE: Final = "The first day is too far away."
CHOOSE_REASON: Final = "Choose why you cannot take this referral."
SAY_REASON: Final = "Say in a few words what the reason is."
LONG_TEXT: Final = "Use at most 1,000 characters."
NUMBER: Final = "Give a whole number from 0 to 10,000."
TOO_MANY: Final = "More places are occupied than there are."


@dataclass(kw_only=True)
class Given:
    """Fields as typed and what is wrong with them: (field, English sentence)."""

    values: dict[str, str]
    errors: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, name: str, sentence: str) -> None:
        """Note a mistake."""
        self.errors.append((name, sentence))


def first_day(given: Given, today: date) -> date | None:
    """The first day, if one was given."""
    text = given.values["starts_on"].strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        given.wrong("starts_on", CHOOSE_DATE)
        return None
    if day < today:
        given.wrong("starts_on", PAST_DATE)
    elif (day - today).days > FURTHEST_DAYS:
        given.wrong("starts_on", FAR_DATE)
    return day


def reason(given: Given) -> tuple[str, str]:
    """Code and text of a decline."""
    code, text = given.values["code"], given.values["text"].replace("\r\n", "\n").strip()
    if code not in DECLINE_CODES:
        given.wrong("code", CHOOSE_REASON)
    elif code == "other" and not text:
        given.wrong("text", SAY_REASON)
    if len(text) > TEXT_LENGTH:
        given.wrong("text", LONG_TEXT)
    return code, text


def figures(given: Given) -> tuple[int | None, int]:
    """Places there are (empty: unknown) and places taken by others."""
    maximum = _number(given, "maximum")
    occupied = _number(given, "occupied_outside") or 0
    if not given.errors and maximum is not None and occupied > maximum:
        given.wrong("occupied_outside", TOO_MANY)
    return maximum, occupied


def _number(given: Given, name: str) -> int | None:
    text = given.values[name].strip()
    if not text:
        return None
    digits = text.lstrip("0") or text[:1]  # of thousands of digits Python makes no number
    is_number = text.isascii() and text.isdigit() and len(digits) <= len(str(LARGEST))
    if not is_number or int(digits) > LARGEST:
        given.wrong(name, NUMBER)
        return None
    return int(digits)
