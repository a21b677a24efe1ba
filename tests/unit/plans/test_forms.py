"""What is wrong with what somebody typed, before anything is decided."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.plans.pages import need_form, partner_answer
from services.plans.pages.need_form import Filled
from tests.unit.plans.builders import a_student

TODAY = date(2026, 11, 24)


def wrong_times(starts: str, ends: str) -> list[str]:
    filled = Filled(
        category="enrich.arts", summary="Help", weekdays=["1"], starts=starts, ends=ends
    )
    return [name for name, _ in need_form.checked(filled, TODAY)]


@pytest.mark.parametrize(
    ("starts", "ends", "wrong"),
    [
        ("15:00", "18:00", []),
        ("15:00", "15:00", ["ends"]),
        ("soon", "18:00", ["starts"]),
        ("15:00Z", "18:00", ["starts"]),
        ("15:00", "18:00Z", ["ends"]),
        ("15:00+02", "18:00+02", ["starts"]),
    ],
)
def test_times_are_those_of_the_school_and_in_order(
    starts: str, ends: str, wrong: list[str]
) -> None:
    assert wrong_times(starts, ends) == wrong


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        ("", []),
        ("2026-11-24", []),
        ("2026-11-02", []),  # written down later
        ("2027-12-29", []),
        ("2027-12-30", ["starts_on"]),
        ("9999-12-31", ["starts_on"]),
        ("0001-01-01", ["starts_on"]),
        ("soon", ["starts_on"]),
    ],
)
def test_a_first_day_that_was_told_by_phone_is_a_day_near_enough_to_be_reckoned_with(
    day: str, wrong: list[str]
) -> None:
    said = partner_answer.Said(answer="accept", said_by="Somebody", channel="phone", starts_on=day)

    assert [name for name, _ in partner_answer.checked(said, TODAY)] == wrong


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        ("", []),
        ("2020-01-01", ["wanted_from"]),  # wanted for long
        ("2027-12-29", []),
        ("2062-11-24", ["wanted_from"]),
        ("soon", ["wanted_from"]),
    ],
)
def test_help_is_wanted_from_a_day_near_enough_to_be_found_for(day: str, wrong: list[str]) -> None:
    assert wrong_fields(wanted_from=day) == wrong


def wrong_fields(**typed: Any) -> list[str]:
    filled = need_form.prefilled(a_student()).model_copy(
        update={"category": "enrich.arts", "summary": "Help", **typed}
    )
    return [name for name, _ in need_form.checked(filled, TODAY)]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, []),  # the times as the form opens with them
        ({"starts": "", "ends": ""}, []),
        ({"starts": "16:00"}, ["weekdays"]),
        ({"ends": "17:00"}, ["weekdays"]),
        ({"ends": "17:00", "weekdays": ["2"]}, []),
    ],
)
def test_times_that_were_typed_are_not_dropped_for_want_of_a_day(
    typed: dict[str, Any], wrong: list[str]
) -> None:
    assert wrong_fields(**typed) == wrong


@pytest.mark.parametrize(
    ("cost", "amount", "wrong"),
    [
        ("", "10", ["cost"]),
        ("free", "10", ["cost"]),
        ("any", "10", ["cost"]),
        ("amount", "10", []),
        ("", " ", []),
        ("lots", "10", ["cost"]),
    ],
)
def test_dollars_that_were_typed_are_not_dropped_for_want_of_their_choice(
    cost: str, amount: str, wrong: list[str]
) -> None:
    assert wrong_fields(cost=cost, amount=amount) == wrong


TYPED = st.text(max_size=8)
ANYTHING = st.builds(
    Filled,
    category=st.sampled_from(["enrich.arts", "health.dental", ""]),
    summary=st.text(max_size=30),
    urgency=st.sampled_from(["routine", "urgent", "soon"]),
    weekdays=st.lists(st.sampled_from("1234567") | TYPED, max_size=7),
    starts=TYPED | st.times().map("{:%H:%M}".format),
    ends=TYPED | st.times().map("{:%H:%M}".format),
    cost=st.sampled_from(["", "free", "amount", "any", "gold"]),
    amount=TYPED | st.integers(0, 10_000).map(str),
    insurance=st.sampled_from(["", "none", "gold"]),
    wanted_from=TYPED | st.dates().map(str),
)


@given(ANYTHING)
def test_whatever_is_typed_makes_a_command_or_a_sentence(filled: Filled) -> None:
    if not need_form.checked(filled, TODAY):
        asked = filled.asked()
        assert all(each.starts < each.ends for each in asked["windows"])
        assert asked["cents_a_week"] is None or 0 <= asked["cents_a_week"] < 1_000_000


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"summary": "x" * 500}, []),
        ({"summary": "\r\n".join(["x" * 99] * 5)}, []),  # 499 as the browser counts
        ({"summary": "x" * 5_000}, ["summary"]),  # pasted
        ({"cost": "amount", "amount": "about twelve dollars"}, ["amount"]),
        ({"wanted_from": "20266-11-30"}, ["wanted_from"]),
        ({"wanted_from": "2026-11-23"}, ["wanted_from"]),
        ({"wanted_from": "2026-11-24"}, []),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field_and_nothing_typed_is_lost(
    typed: dict[str, str], wrong: list[str]
) -> None:
    filled = Filled.model_validate({"category": "enrich.arts", "summary": "Help", **typed})
    assert [name for name, _ in need_form.checked(filled, TODAY)] == wrong
