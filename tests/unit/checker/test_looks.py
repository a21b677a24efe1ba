from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.checker.looks import late_looks, looks
from deploy.checker.told import Told
from tests.unit.checker import builders

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def told(fact: str, number: int = 1, **value: Any) -> Told:
    return builders.told(fact, number, **{"offer_id": "o-1", "consent_id": "c-1"} | value)


def looked(number: int, minutes: float = 0, **value: Any) -> Told:
    return told("packet_viewed", number, viewed_at=NOON + timedelta(minutes=minutes), **value)


SIGNED = told("consent_given", expires_at=NOON + timedelta(days=1))
CLOSED = told("packet_closed", 3)
SHOWN = "the packet of o-1 was shown"
WRONG = [
    ([looked(2)], f"{SHOWN} without a signature"),
    ([SIGNED, looked(2, consent_id=None)], f"{SHOWN} without a signature"),
    ([SIGNED, looked(2, minutes=24 * 60)], f"{SHOWN} after the last day of its signature"),
    ([SIGNED, looked(4), CLOSED], f"{SHOWN} after it was closed"),
]


@pytest.mark.parametrize(("facts", "sentence"), WRONG)
def test_a_look_that_nobody_may_have_had_is_found(facts: list[Told], sentence: str) -> None:
    assert [*looks(facts)] == [sentence]


def test_a_look_under_a_signature_is_none_and_so_is_one_before_the_end() -> None:
    facts = [
        looked(2, minutes=24 * 60 - 1),
        CLOSED,
        SIGNED,
        told("packet_closed", 1, offer_id="o-2"),
    ]

    assert not [*looks(facts)]


def test_a_look_between_a_familys_word_and_its_arrival_is_counted_with_its_age() -> None:
    word = told("consent_revoked", revoked_at=NOON, of_all=True)
    facts = [
        SIGNED,
        looked(2, -1),
        looked(3, 0.5),
        looked(4, 0.05),
        word,
        looked(5, consent_id="c-2"),
    ]

    assert late_looks(facts) == [timedelta(seconds=3), timedelta(seconds=30)]
    assert not late_looks(
        [SIGNED, looked(2), told("consent_revoked", revoked_at=NOON, of_all=False)]
    )
