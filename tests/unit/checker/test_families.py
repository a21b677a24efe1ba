from typing import Any

import pytest

from deploy.checker.families import families_told
from deploy.checker.told import Told
from tests.unit.checker import builders


def told(fact: str, **value: Any) -> Told:
    return builders.told(fact, **{"student_id": "s-1", "need_id": "n-1"} | value)


def heard(
    template: str, fact: str = "message_queued", recipient: str = "family", **value: Any
) -> Told:
    return told(fact, message_id=f"m {template}", template=template, recipient=recipient, **value)


ASKED = told("consent_requested", consent_id="c-1")
SIGNED = told("consent_given", consent_id="c-1")
ACCEPTED = told("offer_accepted", offer_id="o-1")
RELEASED = told("packet_released", offer_id="o-1", consent_id="c-1")
DUE = [
    ([ASKED], "consent-needed"),
    ([told("packet_pending", offer_id="o-1")], "place-kept"),
    ([told("packet_withheld", offer_id="o-1", code="consent-missing")], "place-lost"),
    ([RELEASED, ACCEPTED], "accepted"),
]


@pytest.mark.parametrize(("facts", "template"), DUE, ids=[template for _, template in DUE])
def test_a_family_that_heard_nothing_is_found(facts: list[Told], template: str) -> None:
    missing = [f"need n-1: 1 {template} due, and its family heard 0"]

    assert [*families_told(facts)] == missing
    assert [*families_told([*facts, heard(template, recipient="partner")])] == missing
    assert [*families_told([*facts, heard("step-up-code")])] == missing
    assert not [*families_told([*facts, heard(template)])]
    assert not [*families_told([*facts, heard(template, "message_suppressed")])]


SENT = heard("accepted", "message_sent")
RECALLED = told("offer_recalled", offer_id="o-1", code="staff-decision")


def test_a_family_that_was_written_to_of_a_place_hears_that_it_is_gone() -> None:
    facts = [RELEASED, ACCEPTED, heard("accepted"), SENT]
    missing = ["need n-1: 1 offer-recalled due, and its family heard 0"]
    unsigned = told("offer_recalled", offer_id="o-1", code="consent-missing")
    another = told("packet_released", offer_id="o-2", consent_id="c-1")

    assert [*families_told([*facts, RECALLED])] == missing
    assert [*families_told([*facts, RECALLED, heard("offer-recalled", recipient="partner")])] == (
        missing
    )
    assert not [*families_told([*facts, RECALLED, heard("offer-recalled")])]
    assert not [*families_told(facts)]
    assert not [*families_told([RELEASED, ACCEPTED, heard("accepted"), RECALLED])]
    assert not [*families_told([*facts, unsigned])]
    assert not [*families_told([*facts, another, RECALLED])]


def test_a_copy_of_what_was_signed_is_due_where_a_signature_was_asked_for() -> None:
    messages = [heard("consent-needed")]

    assert not [*families_told([SIGNED])]
    assert [*families_told([ASKED, SIGNED, *messages])] == [
        "need n-1: 1 consent-signed due, and its family heard 0"
    ]


def test_each_of_two_offers_of_a_need_is_told() -> None:
    facts = [told("packet_pending", offer_id=each) for each in ("o-1", "o-2")]

    assert [*families_told([*facts, heard("place-kept"), heard("place-kept")])] == [
        "need n-1: 2 place-kept due, and its family heard 1"
    ]


def test_nothing_is_due_before_both_sides_agreed_or_after_a_student_was_erased() -> None:
    assert not [*families_told([ACCEPTED])]
    assert not [*families_told([RELEASED])]
    assert not [*families_told([told("packet_withheld", offer_id="o-1", code="consent-ended")])]
    assert not [*families_told([ASKED, told("student_erased", need_id=None)])]


def test_a_family_hears_of_a_partner_asked_under_its_standing_permission() -> None:
    asked = told("consent_requested", consent_id="c-1", need_id="c-1")
    facts = [asked, heard("consent-needed", need_id="c-1"), told("offer_made", consent_id="c-1")]
    revoked = told("consent_revoked", consent_id="c-1", of_all=True)
    of_one = told("consent_revoked", consent_id="c-1", of_all=False)
    missing = ["need n-1: 1 offer due, and its family heard 0"]

    assert [*families_told(facts)] == missing
    assert [*families_told([*facts, of_one])] == missing
    assert not [*families_told([*facts, revoked])]
    assert not [*families_told([*facts, heard("offer")])]
    assert not [*families_told([told("offer_made", consent_id="c-2"), told("offer_made")])]
