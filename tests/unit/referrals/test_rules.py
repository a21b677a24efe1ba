from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from schemas.codes import RULE_SENTENCES, RULES, Outcome
from schemas.plans import Window
from services.referrals.domain import rules
from services.referrals.domain.memory import Tried, memory
from services.referrals.domain.rules import asked_of
from services.referrals.domain.seats import capacity
from tests.unit.referrals.builders import (
    NOW,
    TODAY,
    a_service,
    an_agreement,
    an_offering,
    need_facts,
    seats,
)

MONDAY = Window(weekday=1, starts=time(15), ends=time(17))
EARLY = Window(weekday=1, starts=time(14), ends=time(16))
LATE = Window(weekday=1, starts=time(16), ends=time(18))
SUNDAY = Window(weekday=7, starts=time(0), ends=time(23, 59))
ENDED = an_agreement(ends_on=date(2026, 11, 23))
LAST_DAY = an_agreement(ends_on=TODAY)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "pass"),
        ({"agreement": LAST_DAY}, "pass"),
        ({"agreement": ENDED}, "no-agreement"),
        ({"agreement": None}, "no-agreement"),
        ({"is_suspended": True}, "suspended"),
    ],
)
def test_a_partner_needs_an_agreement_that_is_live_today(given: dict[str, Any], code: str) -> None:
    assert rules.partner(an_offering(**given), TODAY).code == f"partner.{code}"


def test_a_service_that_ended_is_not_offered() -> None:
    ended = an_offering(a_service(is_active=False))
    assert rules.partner(ended, TODAY).code == "partner.inactive"


@pytest.mark.parametrize(
    ("bounds", "years", "code"),
    [
        ((6, 9), 6, "pass"),
        ((6, 9), 9, "pass"),
        ((6, 9), 5, "fail"),
        ((6, 9), 10, "fail"),
        ((6, None), 17, "pass"),
        ((None, 9), 3, "pass"),
        ((6, 9), None, "student-unknown"),
    ],
)
def test_ages_are_whole_years_with_both_ends(
    bounds: tuple[int | None, int | None], years: int | None, code: str
) -> None:
    offering = an_offering(a_service(age_min=bounds[0], age_max=bounds[1]))
    assert rules.age(offering, years).code == f"age.{code}"


def test_a_service_by_grade_asks_no_age_and_one_by_age_no_grade() -> None:
    by_age = a_service(age_min=6, grade_min=None, grade_max=None)
    assert rules.age(an_offering(), 8).code == "age.by-grade"
    assert rules.grade(an_offering(by_age), 3).code == "grade.by-age"


def test_a_service_without_limits_is_unknown_in_both() -> None:
    bare = an_offering(a_service(grade_min=None, grade_max=None))
    assert rules.age(bare, 8).outcome == rules.grade(bare, 3).outcome == "unknown"


def test_grades_are_said_as_people_write_them() -> None:
    said = rules.grade(an_offering(a_service(grade_min=0, grade_max=1)), -1)
    assert (said.code, said.values) == ("grade.fail", {"min": "K", "max": "1", "grade": "PK"})


@pytest.mark.parametrize(
    ("given", "wanted", "code"),
    [
        ({}, "harbor", "pass"),
        ({"areas": ("Harbor",)}, "harbor", "pass"),
        ({}, "hill", "fail"),
        ({}, None, "student-unknown"),
        ({"areas": ()}, "harbor", "unknown"),
        ({"areas": (), "is_online": True}, None, "online"),
    ],
)
def test_a_service_serves_its_areas_or_is_online(
    given: dict[str, Any], wanted: str | None, code: str
) -> None:
    assert rules.area(an_offering(a_service(**given)), wanted).code == f"area.{code}"


@pytest.mark.parametrize(
    ("given", "wanted", "code"),
    [
        ({}, ("es",), "pass"),
        ({}, ("ht", "en"), "pass"),
        ({}, ("ht",), "fail"),
        ({"interprets": True}, ("ht",), "interpreter"),
        ({"languages": ()}, ("ht",), "unknown"),
        ({}, (), "student-unknown"),
        ({"languages": ("es-MX",)}, ("es",), "pass"),
    ],
)
def test_one_language_of_the_family_is_enough(
    given: dict[str, Any], wanted: tuple[str, ...], code: str
) -> None:
    said = rules.languages(an_offering(a_service(**given)), (wanted, False))
    assert (said.code, said.hard) == (f"languages.{code}", False)


def test_languages_are_hard_only_where_required() -> None:
    assert rules.languages(an_offering(), (("ht",), True)).hard


@pytest.mark.parametrize(
    ("given", "windows", "outcome"),
    [
        ({}, (MONDAY,), "pass"),
        ({}, (LATE,), "fail"),
        ({}, (EARLY,), "fail"),
        ({}, (EARLY, LATE), "fail"),
        ({}, (LATE, MONDAY), "pass"),
        ({}, (SUNDAY,), "fail"),
        ({"weekdays": ()}, (MONDAY,), "unknown"),
        ({"starts": None}, (MONDAY,), "unknown"),
    ],
)
def test_a_whole_session_must_fit_a_window(
    given: dict[str, Any], windows: tuple[Window, ...], outcome: Outcome
) -> None:
    assert rules.schedule(an_offering(a_service(**given)), windows).outcome == outcome


@pytest.mark.parametrize(
    ("kind", "cents", "limit", "code", "hard"),
    [
        ("free", None, ("free", None), "free", True),
        ("free", None, None, "free", False),
        ("amount", 1000, ("free", None), "fail", True),
        ("amount", 1000, ("amount", 1000), "pass", True),
        ("amount", 1001, ("amount", 1000), "fail", True),
        ("amount", 1000, ("any", None), "any", False),
        ("unknown", None, ("free", None), "unknown", True),
        ("unknown", None, None, "unknown", False),
    ],
)
def test_cost_is_hard_only_where_there_is_a_limit(
    *, kind: str, cents: int | None, limit: tuple[str, int | None] | None, code: str, hard: bool
) -> None:
    said = rules.cost(an_offering(a_service(cost_kind=kind, cents_a_week=cents)), limit)
    assert (said.code, said.hard) == (f"cost.{code}", hard)


@pytest.mark.parametrize(
    ("given", "code", "hard"),
    [
        ({}, "pass", True),
        ({"held": 2}, "full", True),
        ({"held": 1, "taken": 1}, "full", True),
        ({"occupied_outside": 5}, "full", True),
        ({"held": 2, "accepts_waitlist": True}, "waitlist", True),
        ({"is_taking": False}, "closed", True),
        ({"maximum": None}, "unknown", False),
        ({"updated_on": date(2026, 11, 10)}, "pass", True),
        ({"updated_on": date(2026, 11, 9), "held": 2}, "stale", False),
    ],
)
def test_unknown_and_old_figures_block_nothing(
    *, given: dict[str, Any], code: str, hard: bool
) -> None:
    said = capacity(seats(**given), TODAY)
    assert (said.code, said.hard) == (f"capacity.{code}", hard)


@pytest.mark.parametrize(
    ("code", "days", "outcome"),
    [
        ("no-capacity", 300, "fail"),
        ("no-response", 29, "fail"),
        ("no-response", 30, "pass"),
        ("other", 59, "fail"),
        ("other", 60, "pass"),
        ("documents-missing", 0, "pass"),
        ("consent-missing", 0, "pass"),
    ],
)
def test_memory_keeps_a_service_out_as_long_as_its_code_says(
    code: str, days: int, outcome: Outcome
) -> None:
    tried = Tried(service_id="s1", code=code, on=date.fromordinal(TODAY.toordinal() - days))
    assert memory(tried, TODAY).outcome == outcome


def test_a_child_is_as_old_as_when_the_service_is_wanted() -> None:
    born = need_facts(age_months=95, age_as_of=date(2026, 11, 1))
    assert asked_of(born, NOW).age == 7
    assert asked_of(born.model_copy(update={"wanted_from": date(2026, 12, 1)}), NOW).age == 8


def test_a_waived_rule_is_not_asked() -> None:
    asked = asked_of(need_facts(waived_rules=("area", "documents")), NOW)
    assert "area" not in {each.name for each in rules.rules_for(asked)}
    everything = asked_of(need_facts(), NOW)
    assert "area" in {each.name for each in rules.rules_for(everything)}


def test_every_word_of_a_rule_is_in_the_catalogue() -> None:
    offering = an_offering()
    said = [
        rules.partner(offering, TODAY),
        rules.category(offering, "enrich.arts"),
        rules.category(an_offering(replace(a_service(), categories=())), "enrich.arts"),
        rules.age(offering, 8),
        rules.grade(offering, 9),
        rules.area(offering, "hill"),
        rules.languages(offering, (("es",), True)),
        rules.schedule(offering, (MONDAY,)),
        rules.cost(an_offering(a_service(cost_kind="amount", cents_a_week=1050)), ("free", None)),
        capacity(seats(updated_on=date(2026, 1, 1)), TODAY),
        memory(Tried(service_id="s1", code="no-response", on=TODAY), TODAY),
    ]
    for each in said:
        assert RULE_SENTENCES[each.code].format(**each.values)
        assert each.rule in RULES
