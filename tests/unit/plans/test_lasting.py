"""How long a consent lasts, and how long a book remembers it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.plans.domain.consents import KEPT
from services.plans.domain.lasting import AFTER_SERVICE, end_of, last_day
from tests.unit.plans.builders import NOW, a_book, a_consent


@given(signed=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_consent_lasts_to_september_after_the_school_year_and_a_year_at_most(
    signed: date,
) -> None:
    last = last_day(signed)

    assert signed < last <= date(signed.year + 1, signed.month, min(signed.day, 28)) + timedelta(3)
    at_most = (signed.month, signed.day) in {(last.month, last.day), (2, 29)}
    assert (last.month, last.day) == (9, 30) or at_most


@pytest.mark.parametrize(
    ("signed", "ends", "last"),
    [
        (date(2026, 11, 23), None, date(2027, 9, 30)),
        (date(2027, 6, 30), None, date(2027, 9, 30)),
        (date(2027, 7, 1), None, date(2028, 7, 1)),
        (date(2026, 11, 23), date(2027, 1, 31), date(2027, 1, 31) + AFTER_SERVICE),
        (date(2026, 11, 23), date(2027, 12, 31), date(2027, 11, 23)),
    ],
)
def test_the_last_day_of_a_consent(signed: date, ends: date | None, last: date) -> None:
    assert last_day(signed, ends) == last


def test_a_consent_ends_with_its_last_day_at_the_place() -> None:
    assert end_of(date(2027, 9, 30), "America/New_York") == datetime(2027, 10, 1, 4, tzinfo=UTC)


FILLING = {
    "open": a_consent(state="asked"),
    "never answered": a_consent(state="asked", open_until=NOW),
    "refused": a_consent(state="refused"),
    "revoked": a_consent(0, state="revoked"),
    "run out": a_consent(0, expires_at=NOW),
}


@given(
    names=st.lists(st.sampled_from(tuple(FILLING)), min_size=150, max_size=150),
    signed=st.integers(0, 20),
)
def test_a_live_permission_outlasts_whatever_is_asked_later(names: list[str], signed: int) -> None:
    book = a_book()
    for number, name in enumerate(names):
        if number == signed:
            book = book.put(a_consent(0), NOW)
        book = book.put(replace(FILLING[name], consent_id=f"consent {number}"), NOW)

    assert book.find("consent") == a_consent(0)
    assert len(book.consents) == KEPT
    assert book.consents[-1].consent_id == "consent 149"


def test_what_ran_out_goes_before_a_no_and_a_no_before_an_open_question() -> None:
    names = ("open", "refused", "run out")
    book = a_book(a_consent(0), *(replace(FILLING[each], consent_id=each) for each in names))
    left = []
    for number in range(KEPT):
        book = book.put(a_consent(0, consent_id=f"live {number}"), NOW)
        left.append([name for name in ("consent", *names) if book.find(name)])

    assert [each for n, each in enumerate(left) if each != left[n - 1]] == [
        ["consent", "open", "refused", "run out"],
        ["consent", "open", "refused"],
        ["consent", "open"],
        ["consent"],
    ]
