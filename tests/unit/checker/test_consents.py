from typing import Any

import pytest

from deploy.checker.consents import consents_agree
from services.plans.domain.consents import Consent
from tests.unit.plans.builders import STUDENT, a_book, a_consent, a_standing

BOTH = ("organization-1", "organization-2")
DIFFERS = ["consent consent covers others in referrals than in plans"]


def copied(*organization_ids: str, **given: Any) -> dict[str, Any]:
    """A student's copy with one signature."""
    grant = {"consent_id": "consent", "organization_ids": list(organization_ids), **given}
    return {"_id": STUDENT, "grants": [grant]}


def without(consent: Consent, **given: Any) -> Consent:
    """The consent with something else in its sealed part."""
    return a_consent(1, 2, facts=consent.facts.model_copy(update=given))  # type: ignore[union-attr]


def test_a_signature_covers_the_same_partners_in_both() -> None:
    book = a_book(a_consent(1, 2))

    assert not [*consents_agree([book], [copied(*BOTH)])]
    assert [*consents_agree([book], [copied(BOTH[0])])] == DIFFERS
    assert [*consents_agree([book], [])] == DIFFERS


def test_what_was_taken_back_covers_nobody_any_more() -> None:
    of_one = a_book(without(a_consent(1, 2), revoked=BOTH[1:]))

    assert not [*consents_agree([of_one], [copied(BOTH[0])])]
    assert [*consents_agree([of_one], [copied(*BOTH)])] == DIFFERS


@pytest.mark.parametrize("state", ["asked", "refused", "revoked"])
def test_what_is_not_signed_or_not_any_more_covers_nobody(state: str) -> None:
    book = a_book(a_consent(1, 2, state=state))

    assert not [*consents_agree([book], [])]
    assert not [*consents_agree([book], [copied()])]
    assert [*consents_agree([book], [copied(*BOTH)])] == DIFFERS


def test_a_standing_permission_is_for_the_same_class_in_both() -> None:
    book = a_book(a_standing())
    same, other = (
        copied(consent_id="standing", consent_class=each) for each in ("enrichment", "health")
    )
    differs = [DIFFERS[0].replace("consent consent", "consent standing")]

    assert not [*consents_agree([book], [same])]
    assert [*consents_agree([book], [other])] == differs
    assert [*consents_agree([book], [])] == differs
    assert [*consents_agree([a_book(a_standing("revoked"))], [same])] == differs
