"""Nothing is asked of a family, or signed by it, for a need that has ended."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.plans import NeedWithdrawn
from schemas.referrals import ReferralClosed
from services.chassis.kernel import Decision
from services.plans.domain.asking import ask_no_more
from services.plans.domain.covering import Use, covering
from services.plans.domain.signing import take_answer
from services.plans.pages.showing import permissions
from tests.unit.plans.builders import (
    ABOUT,
    NEED,
    NOW,
    STUDENT,
    a_book,
    a_case,
    a_consent,
    a_context,
    a_need,
    a_standing,
    a_student,
    an_answer,
    types_of,
)
from tests.unit.plans.test_masking import KNOWS, a_record

WITHDRAWN = NeedWithdrawn(need_id=NEED, student_id=STUDENT, code="staff-decision", withdrawn_at=NOW)
CLOSED = ReferralClosed(**ABOUT, state="CLOSED_DECLINED", closed_at=NOW)


@pytest.mark.parametrize("end", [WITHDRAWN, CLOSED], ids=["withdrawn", "closed"])
def test_the_end_of_a_need_closes_its_open_questions_alone(end: Any) -> None:
    others = (
        a_consent(0, consent_id="given"),
        a_consent(state="asked", consent_id="another", need_id="another"),
        a_standing(state="asked"),
    )

    closed = ask_no_more(a_book(a_consent(state="asked"), *others), end, a_context()).state

    assert closed is not None
    assert closed.consents[1:] == others
    assert closed.consents[0].open_until == NOW
    assert ask_no_more(None, end, a_context()) == Decision(None)


@pytest.mark.parametrize("state", ["WITHDRAWN", "MET", "NOT_MET"])
def test_a_stray_signature_for_a_need_that_has_ended_covers_no_other(state: Any) -> None:
    book = a_book(a_consent(state="asked"))
    other = Use(organization_id="organization-0", need_id="other", category="enrich.tutoring")

    decision = take_answer(book, an_answer(), a_context(a_student(), a_case(), a_need(state=state)))

    assert decision == Decision(book)
    assert covering(decision.state, other, NOW) is None


def test_the_page_shows_a_question_that_was_closed_as_ended() -> None:
    asked = a_book(a_consent(state="asked"))
    closed = ask_no_more(asked, WITHDRAWN, a_context()).state
    assert closed is not None

    (before,) = permissions(replace(a_record(a_case()), book=asked), KNOWS)
    (after,) = permissions(replace(a_record(a_case()), book=closed), KNOWS)

    assert (before["state"], before["until"][:10]) == ("asked", "may answer")
    assert (after["state"], after["until"], after["may_revoke"]) == ("ended", "", False)


def test_a_standing_permission_is_signed_whatever_becomes_of_a_need() -> None:
    book = a_book(a_standing(state="asked"))
    answer = an_answer(consent_id="standing", need_id="standing")

    assert types_of(take_answer(book, answer, a_context(a_student())).events) == ["ConsentGiven"]
