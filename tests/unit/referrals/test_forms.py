"""What coordinators type, whatever it is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.answers import DECLINE_CODES
from services.referrals.domain.seats import LARGEST
from services.referrals.pages import forms
from services.referrals.pages.forms import Given

TODAY = date(2026, 11, 24)


def typed(**values: str) -> Given:
    return Given(values=values)


@pytest.mark.parametrize(
    ("maximum", "occupied", "found", "wrong"),
    [
        ("12", "3", (12, 3), []),
        ("", "", (None, 0), []),
        (" 007 ", "0", (7, 0), []),
        ("3", "4", (3, 4), ["occupied_outside"]),
        ("-1", "0", (None, 0), ["maximum"]),
        ("١٢", "0", (None, 0), ["maximum"]),
        ("10001", "1.5", (None, 0), ["maximum", "occupied_outside"]),
        ("9" * 5_000, "0", (None, 0), ["maximum"]),  # more digits than Python makes a number of
        ("0" * 5_000, "0", (0, 0), []),
    ],
)
def test_places_are_whole_numbers_of_a_size(
    maximum: str, occupied: str, found: tuple[int | None, int], wrong: list[str]
) -> None:
    said = typed(maximum=maximum, occupied_outside=occupied)

    assert forms.figures(said) == found
    assert [name for name, _ in said.errors] == wrong


@given(st.text(max_size=50), st.text(max_size=50))
def test_whatever_is_typed_gives_figures_or_a_sentence(maximum: str, occupied: str) -> None:
    said = typed(maximum=maximum, occupied_outside=occupied)
    most, taken = forms.figures(said)
    assert said.errors or 0 <= taken <= (LARGEST if most is None else most) <= LARGEST


@given(st.text(max_size=20) | st.dates().map(str))
def test_whatever_is_typed_gives_a_first_day_near_enough_or_a_sentence(text: str) -> None:
    said = typed(starts_on=text)
    day = forms.first_day(said, TODAY)
    assert said.errors or day is None or 0 <= (day - TODAY).days <= forms.FURTHEST_DAYS


@given(st.text(max_size=20) | st.sampled_from(sorted(DECLINE_CODES)), st.text(max_size=50))
def test_whatever_is_typed_gives_a_known_reason_or_a_sentence(code: str, text: str) -> None:
    said = typed(code=code, text=text)
    given_code, words = forms.reason(said)
    assert said.errors or (given_code in DECLINE_CODES and words == text.strip())
