from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.checker.holds import unsigned_after_hold
from deploy.checker.told import Told
from tests.unit.checker import builders

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(fact: str, number: int = 1, **value: Any) -> Told:
    plain = {"student_id": "s-1", "referral_id": "r-1", "offer_id": f"o-{number}"}
    return builders.told(fact, number, **plain | value)


def recalled(number: int = 2, code: str = "consent-missing") -> Told:
    return told("offer_recalled", number, code=code, recalled_at=NOON)


def made(number: int = 3, hours: int = 2, **value: Any) -> Told:
    return told("offer_made", number, made_at=NOON + hours * HOUR, **value)


def signed(hours: int = 1, **value: Any) -> Told:
    plain = {"consent_id": "c-1", "expires_at": NOON + 100 * HOUR}
    return told("consent_given", 1, given_at=NOON + hours * HOUR, **plain | value)


REVOKED = told("consent_revoked", 2, consent_id="c-1", of_all=True, revoked_at=NOON - HOUR)
WRONG: list[list[Told]] = [
    [recalled(), made()],
    [recalled(code="consent-withdrawn"), made()],
    [recalled(), made(), signed(hours=3)],
    [recalled(), made(), signed(hours=-5, expires_at=NOON)],
    [recalled(), made(), signed(student_id="s-2")],
    [recalled(code="consent-withdrawn"), made(), signed(hours=-5), REVOKED],
]


@pytest.mark.parametrize("facts", WRONG)
def test_an_offer_that_nobody_signed_for_after_a_hold_is_found(facts: list[Told]) -> None:
    sentence = "offer o-3 went out on hold, and nobody had signed"
    assert [*unsigned_after_hold(facts)] == [sentence]


@pytest.mark.parametrize(
    "facts",
    [
        [made()],
        [made(number=1), recalled()],
        [recalled(code="family-declined"), made()],
        [recalled(), made(referral_id="r-2")],
        [recalled(), made(), signed()],
        [recalled(), made(), signed(expires_at=NOON + 1.5 * HOUR)],  # the hold is over with it
        [recalled(code="consent-withdrawn"), made(), signed(hours=-5)],  # of another partner
    ],
)
def test_an_offer_that_no_hold_was_before_or_somebody_signed_for_is_none(
    facts: list[Told],
) -> None:
    assert not [*unsigned_after_hold(facts)]
