"""How a page speaks: its language, the reader's clock and zone, and codes in words."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.codes import (
    CATEGORY_WORDS,
    DECLINE_WORDS,
    RECALL_WORDS,
    REFERRAL_STATE_WORDS,
    REFUSALS,
    RESTRICTED_WORD,
    RULE_SENTENCES,
)
from schemas.envelope import Erased
from schemas.plans import NeedFacts
from schemas.referrals import RuleResult
from services.chassis import dates
from services.chassis.languages import named
from services.plans.pages.wording import DETAILS

SOON: Final = timedelta(days=1)
MOMENT: Final = timedelta.resolution
TABLES: Final[tuple[Mapping[Any, str], ...]] = (
    REFUSALS,
    REFERRAL_STATE_WORDS,
    DECLINE_WORDS,
    RECALL_WORDS,
    DETAILS,
)
DETAIL_WORDS: Final[dict[str, str]] = {
    str(code): words for each in TABLES for code, words in each.items()
}


@dataclass(frozen=True, kw_only=True)
class Speech:
    """Words for one reader at one moment."""

    say: Callable[[str], str]
    locale: str
    zone: str
    now: datetime
    masks: bool = False  # restricted needs show neither category nor partner

    @property
    def today(self) -> date:
        """The day that it is in the reader's zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def tell(self, sentence: str, **named: str) -> str:
        """A sentence with its names filled in; a name that is not known stays empty."""
        return self.say(sentence).format_map(defaultdict(str, named))

    def when(self, at: datetime) -> str:
        """A time as people say it: a distance while it is close, else the day."""
        if abs(at - self.now) < SOON:
            return dates.distance(at, self.now, self.locale)
        return dates.moment(at, self.locale, self.zone, "day")

    def moment(self, at: datetime) -> dict[str, str]:
        """A time for the `moment` part: words, machine form, exact form."""
        exact = dates.moment(at, self.locale, self.zone, "day_and_year")
        return {"when": self.when(at), "at": at.isoformat(), "exact": exact}

    def until(self, at: datetime) -> str:
        """A limit: day and time, as the school counts them."""
        return dates.moment(at, self.locale, self.zone, "weekday")

    def last_day(self, ends: datetime) -> str:
        """The last whole day before an end, as families and partners read it."""
        return self.day((ends.astimezone(ZoneInfo(self.zone)) - MOMENT).date())

    def day(self, day: date) -> str:
        """A day in words."""
        return dates.day(day, self.locale, "day_and_year")

    def detail(self, code: str | None) -> str:
        """A code in words; a code without words is not shown."""
        words = DETAIL_WORDS.get(code or "")
        return self.say(words) if words else ""

    def category(self, facts: NeedFacts | Erased, *, restricted: bool) -> str:
        """What a need is about, as far as this reader may know."""
        if isinstance(facts, Erased) or (restricted and self.masks):
            return self.say(RESTRICTED_WORD)
        return self.say(CATEGORY_WORDS[facts.category])

    def reason(self, result: RuleResult) -> dict[str, Any]:
        """A rule's result for the `reasons` part; what rules nothing out is only a note."""
        sentence = RULE_SENTENCES.get(result.code, "")
        values = dict(result.values)
        if category := values.get("category"):
            values["category"] = self.say(CATEGORY_WORDS.get(category, RESTRICTED_WORD))  # type: ignore[call-overload]
        if language := values.get("language"):
            values["language"] = self.language(language)
        is_note = result.outcome == "fail" and not result.hard
        return {
            "verdict": "note" if is_note else result.outcome,
            "text": self.tell(sentence, **values),
        }

    def grade(self, grade: int | None) -> str:
        """A grade in words."""
        if grade is None:
            return self.say("Grade not known")
        if grade < 0:
            return self.say("Pre-kindergarten")
        return self.tell("Grade {grade}", grade=str(grade)) if grade else self.say("Kindergarten")

    def language(self, tag: str | None) -> str:
        """A language in the reader's words; nothing where it is not known."""
        return self.say(named(tag)) if tag else ""
