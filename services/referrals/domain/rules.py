"""The rules of matching, each a pure function of one offering and what the need says of it.

One definition serves both the bit masks and the reasons people read. The table of all of them:
docs/explanation/matching.md.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final

from schemas.codes import Category, Outcome, Rule
from schemas.plans import CostLimit, NeedFacts, Window
from schemas.referrals import RuleResult
from services.chassis.languages import named
from services.referrals.domain.directory import Offering

OLDEST: Final = 21  # where a service names no upper age
LAST_GRADE: Final = 12
FIRST_GRADE: Final = -1
MONTHS: Final = 12
WEEKDAYS: Final = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What matching looks at in a need, on one day."""

    category: Category
    today: date
    age: int | None = None  # whole years when it starts
    grade: int | None = None
    area: str | None = None
    languages: tuple[str, ...] = ()
    language_required: bool = False
    windows: tuple[Window, ...] = ()
    cost_limit: tuple[str, int | None] | None = None
    interests: tuple[str, ...] = ()
    waived: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()  # organizations


def asked_of(facts: NeedFacts, now: datetime) -> Asked:
    """What matching looks at in the facts of a need."""
    today = now.date()
    return Asked(
        category=facts.category,
        today=today,
        age=_years(facts, today),
        grade=facts.grade,
        area=facts.area.lower() if facts.area else None,
        languages=tuple(primary(each) for each in facts.languages),
        language_required=facts.language_required,
        windows=facts.windows,
        cost_limit=_limit(facts.cost_limit),
        interests=tuple(dict.fromkeys(facts.interests)),
        waived=frozenset(facts.waived_rules),
        excluded=frozenset(facts.excluded_organizations),
    )


def primary(language: str) -> str:
    """The language of a BCP 47 tag without region and script."""
    return language.partition("-")[0].lower()


def _limit(limit: CostLimit | None) -> tuple[str, int | None] | None:
    return (limit.kind, limit.cents_a_week) if limit else None


def _years(facts: NeedFacts, today: date) -> int | None:
    if facts.age_months is None:
        return None
    start = max(facts.wanted_from or today, today)
    since = facts.age_as_of or today
    passed = (start.year - since.year) * MONTHS + start.month - since.month
    return max(0, facts.age_months + passed) // MONTHS


def result(rule: Rule, code: str, outcome: Outcome, *, hard: bool, **values: object) -> RuleResult:
    """One rule's word on one service; the same words are the same object."""
    return _said(rule, code, outcome, hard, tuple(values.items()))


@lru_cache(maxsize=16_384)
def _said(
    rule: Rule,
    code: str,
    outcome: Outcome,
    hard: bool,  # noqa: FBT001 - a cache knows no names
    values: tuple[tuple[str, object], ...],
) -> RuleResult:
    said = {name: str(value) for name, value in values}
    return RuleResult(rule=rule, outcome=outcome, code=f"{rule}.{code}", values=said, hard=hard)


# -- one function per rule -----------------------------------------------------------------------


def partner(offering: Offering, today: date) -> RuleResult:
    """Active, not suspended, under an agreement that is live."""
    organization = offering.organization
    if not offering.service.is_active:
        return result("partner", "inactive", "fail", hard=True)
    if organization.is_suspended:
        return result("partner", "suspended", "fail", hard=True)
    if organization.agreement is None or not organization.agreement.is_live(today):
        return result("partner", "no-agreement", "fail", hard=True)
    return result("partner", "pass", "pass", hard=True)


def category(offering: Offering, wanted: Category) -> RuleResult:
    """Offers this kind of help."""
    if not offering.service.categories:
        return result("category", "unknown", "unknown", hard=True, category=wanted)
    has = wanted in offering.service.categories
    code: Outcome = "pass" if has else "fail"
    return result("category", code, code, hard=True, category=wanted)


def age(offering: Offering, years: int | None) -> RuleResult:
    """Takes this age; passes if only grades are stated."""
    service = offering.service
    low, high = service.age_min, service.age_max
    if low is None and high is None:
        by_grade = service.grade_min is not None or service.grade_max is not None
        return _not_stated("age", "by-grade", by_grade)
    words = {"min": low or 0, "max": OLDEST if high is None else high}
    if years is None:
        return result("age", "student-unknown", "unknown", hard=True, **words)
    if _within(years, low, high):
        return result("age", "pass", "pass", hard=True, **words)
    return result("age", "fail", "fail", hard=True, age=years, **words)


def grade(offering: Offering, wanted: int | None) -> RuleResult:
    """Takes this grade; passes if only ages are stated."""
    service = offering.service
    low, high = service.grade_min, service.grade_max
    if low is None and high is None:
        by_age = service.age_min is not None or service.age_max is not None
        return _not_stated("grade", "by-age", by_age)
    words = {
        "min": grade_word(FIRST_GRADE if low is None else low),
        "max": grade_word(LAST_GRADE if high is None else high),
    }
    if wanted is None:
        return result("grade", "student-unknown", "unknown", hard=True, **words)
    if _within(wanted, low, high):
        return result("grade", "pass", "pass", hard=True, **words)
    return result("grade", "fail", "fail", hard=True, grade=grade_word(wanted), **words)


def _not_stated(rule: Rule, other: str, stated_otherwise: bool) -> RuleResult:  # noqa: FBT001
    if stated_otherwise:
        return result(rule, other, "pass", hard=True)
    return result(rule, "unknown", "unknown", hard=True)


def _within(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def grade_word(grade: int) -> str:
    """A grade as people write it: PK, K, 1 to 12."""
    return {-1: "PK", 0: "K"}.get(grade, str(grade))


def area(offering: Offering, wanted: str | None) -> RuleResult:
    """Serves where the student lives, or online."""
    service = offering.service
    if service.is_online:
        return result("area", "online", "pass", hard=True)
    if not service.areas:
        return result("area", "unknown", "unknown", hard=True)
    if wanted is None:
        return result("area", "student-unknown", "unknown", hard=True)
    served = wanted in {each.lower() for each in service.areas}
    code: Outcome = "pass" if served else "fail"
    return result("area", code, code, hard=True, area=wanted)


def languages(offering: Offering, wanted: tuple[tuple[str, ...], bool]) -> RuleResult:
    """Speaks one of the family's languages or has interpreters; hard only if required."""
    spoken, hard = wanted
    service = offering.service
    if not spoken:
        return result("languages", "student-unknown", "unknown", hard=hard)
    known = {primary(each) for each in service.languages}
    for each in spoken:
        if each in known:
            return result("languages", "pass", "pass", hard=hard, language=named(each))
    if service.interprets:
        return result("languages", "interpreter", "pass", hard=hard)
    if not known:
        return result("languages", "unknown", "unknown", hard=hard)
    return result("languages", "fail", "fail", hard=hard, language=named(spoken[0]))


def schedule(offering: Offering, windows: tuple[Window, ...]) -> RuleResult:
    """Meets on a day and at hours when the student is free; a whole session must fit."""
    service = offering.service
    if not service.weekdays or service.starts is None or service.ends is None:
        return result("schedule", "unknown", "unknown", hard=True)
    starts, ends = service.starts, service.ends
    days = sorted({w.weekday for w in windows if _holds(w, service.weekdays, starts, ends)})
    if not days:
        return result("schedule", "fail", "fail", hard=True)
    times = f"{', '.join(WEEKDAYS[day] for day in days)} {starts:%H:%M}–{ends:%H:%M}"
    return result("schedule", "pass", "pass", hard=True, times=times)


def _holds(window: Window, weekdays: tuple[int, ...], starts: time, ends: time) -> bool:
    return window.weekday in weekdays and window.starts <= starts and ends <= window.ends


def cost(offering: Offering, limit: tuple[str, int | None] | None) -> RuleResult:
    """Within what the family can pay; hard only if there is a limit."""
    service = offering.service
    kind, cents = limit or ("any", None)
    hard = kind != "any"
    if service.cost_kind == "free":
        return result("cost", "free", "pass", hard=hard)
    if service.cost_kind == "unknown" or service.cents_a_week is None:
        return result("cost", "unknown", "unknown", hard=hard)
    price = dollars(service.cents_a_week)
    if not hard:
        return result("cost", "any", "pass", hard=False, cost=price)
    most = cents or 0
    if kind == "amount" and service.cents_a_week <= most:
        return result("cost", "pass", "pass", hard=True, cost=price)
    return result("cost", "fail", "fail", hard=True, cost=price, limit=dollars(most))


def dollars(cents: int) -> str:
    """An amount as people write it here."""
    return f"${cents // 100}" if cents % 100 == 0 else f"${cents / 100:.2f}"


@dataclass(frozen=True)
class StaticRule:
    """A rule that only the directory and the need decide; `of` gives what it looks at."""

    name: Rule
    of: Callable[[Asked], Hashable]
    judge: Callable[[Offering, Any], RuleResult]
    applies: Callable[[Asked], bool] = lambda _: True


RULES: Final = (
    StaticRule("partner", lambda asked: asked.today, partner),
    StaticRule("category", lambda asked: asked.category, category),
    StaticRule("age", lambda asked: asked.age, age),
    StaticRule("grade", lambda asked: asked.grade, grade),
    StaticRule("area", lambda asked: asked.area, area),
    StaticRule("languages", lambda asked: (asked.languages, asked.language_required), languages),
    StaticRule(
        "schedule", lambda asked: asked.windows, schedule, lambda asked: bool(asked.windows)
    ),
    StaticRule("cost", lambda asked: asked.cost_limit, cost),
)
"""Those that are asked of every service, in the order that people read them."""


def rules_for(asked: Asked) -> list[StaticRule]:
    """The rules that apply to a need; a waived one is not asked."""
    return [each for each in RULES if each.applies(asked) and each.name not in asked.waived]
