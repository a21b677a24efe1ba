"""Values of offers as the templates say them; the words themselves go through `_()` there."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from schemas.codes import CATEGORY_WORDS
from schemas.envelope import Erased
from schemas.plans import CostLimit, PreviewFacts, Window
from services.chassis.languages import named
from services.referrals.domain.referral import Referral
from services.referrals.domain.rules import dollars, grade_word

SOON_DAYS: Final = 1
WEEKDAYS: Final = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class TimeLeft:
    """How long an answer may take: whole days until the local day on which it ends."""

    at: datetime
    zone: str
    days: int
    is_over: bool

    @property
    def kind(self) -> str:
        """How urgent it looks; the words say it too."""
        if self.days <= 0:
            return "stop"
        return "wait" if self.days <= SOON_DAYS else "plain"


def today(now: datetime, zone: str) -> date:
    """The day that it is there."""
    return now.astimezone(ZoneInfo(zone)).date()


def time_left(ends: datetime | None, now: datetime, zone: str) -> TimeLeft | None:
    """The time left until an answer is due."""
    if ends is None:
        return None
    days = (today(ends, zone) - today(now, zone)).days
    return TimeLeft(ends, zone, days, is_over=ends <= now)


def preview_of(referral: Referral) -> PreviewFacts | None:
    """What may be seen before accepting; nothing once the student is erased."""
    return None if isinstance(referral.facts, Erased) else referral.facts.preview


def category(code: str) -> str:
    """A kind of help in English, the key of its translation."""
    return CATEGORY_WORDS.get(code, "")  # type: ignore[call-overload, no-any-return]


def language(code: str) -> str:
    """A language as partners know it."""
    return named(code)


def band(code: str) -> str:
    """A grade band with a proper dash."""
    return code.replace("-", "–")


def area(code: str) -> str:
    """An area as people say it; its id is made of its name."""
    return code.replace("-", " ").title()


def windows(found: tuple[Window, ...]) -> list[tuple[list[str], str, str]]:
    """When a child is free: weekdays that share the same hours, in order."""
    ordered = sorted(found, key=lambda each: (each.starts, each.ends, each.weekday))
    return [
        (
            [WEEKDAYS[each.weekday] for each in group],
            f"{hours[0]:%H:%M}",
            f"{hours[1]:%H:%M}",
        )
        for hours, group in groupby(ordered, key=lambda each: (each.starts, each.ends))
    ]


def price(limit: CostLimit) -> str:
    """The most that a family can pay in a week."""
    return dollars(limit.cents_a_week or 0)


def grade(number: int) -> str:
    """A grade as people write it."""
    return grade_word(number)
