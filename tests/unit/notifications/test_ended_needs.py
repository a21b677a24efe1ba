"""A need that was withdrawn, or closed, asks the family nothing more and promises it nothing."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.plans import NeedWithdrawn
from schemas.referrals import ReferralClosed
from services.chassis.kernel import Refused
from services.notifications.domain import answers, step_up
from services.notifications.domain.messages import MessageState
from services.notifications.domain.step_up import SendAgain
from services.notifications.pages.consent import answer_to
from services.notifications.scopes import scope_of_sender
from tests.unit.notifications.builders import (
    DISTRICT,
    NOON,
    a_consent_asked,
    a_consent_given,
    a_context,
    a_need,
    a_packet_pending,
    a_packet_released,
    a_standing_asked,
    an_id,
    an_offer_accepted,
    an_offer_made,
    told,
)
from tests.unit.notifications.test_links import a_link, signing
from tests.unit.notifications.test_news import after

WITHDRAWN = NeedWithdrawn(need_id="n1", student_id="s1", code="staff-decision", withdrawn_at=NOON)
CLOSED = ReferralClosed(
    student_id="s1", referral_id="r1", need_id="n1", state="CLOSED_DECLINED", closed_at=NOON
)
ENDS = pytest.mark.parametrize("end", [WITHDRAWN, CLOSED], ids=["withdrawn", "closed"])
ASKED = (a_need(), a_consent_asked())


@ENDS
def test_what_was_still_to_be_asked_is_asked_no_more(end: Any) -> None:
    assert told(after(*ASKED, end).events)[1:] == [("consent-needed", "c1", "cancelled")]
    kept = after(*ASKED, a_packet_pending(), end)
    assert told(kept.events)[-1:] == [("place-kept", "c1", "cancelled")]


@ENDS
def test_a_question_that_comes_after_the_end_is_not_asked(end: Any) -> None:
    decision = after(a_need(), end, a_consent_asked())

    assert told(decision.events) == [("consent-needed", "c1", "cancelled")]
    assert decision.state.consent("k1").open_until == NOON


def test_nothing_good_is_told_of_a_need_that_has_ended() -> None:
    facts = (an_offer_made(), an_offer_accepted(), a_packet_released())

    assert ("accepted", "c1", "cancelled") in told(after(a_need(), WITHDRAWN, *facts).events)
    assert ("accepted", "c1", "cancelled") in told(after(a_need(), *facts, WITHDRAWN).events)


def test_under_a_standing_permission_no_help_is_said_to_be_asked_for_any_more() -> None:
    standing = (a_standing_asked(), a_consent_given(consent_id="k2", need_id="k2"))

    decision = after(*standing, a_need(), WITHDRAWN, an_offer_made(consent_id="k2"))

    assert ("offer", "c1", "cancelled") in told(decision.events)


def test_the_copy_of_a_signature_and_other_questions_stay() -> None:
    other = a_consent_asked(consent_id="k3", need_id="n2")

    box = after(*ASKED, a_consent_given(), a_need(need_id="n2"), other, WITHDRAWN).state

    waiting = {each.template: each.need_id for each in box.messages if each.is_waiting}
    assert waiting == {"consent-signed": "n1", "consent-needed": "n2"}
    assert box.consent("k3").open_until > NOON


def test_an_end_of_what_nobody_was_told_of_makes_no_mailbox() -> None:
    assert after(WITHDRAWN).state is None
    assert after(ASKED[1], WITHDRAWN).state.consent("k1").open_until > NOON  # its need comes first


def test_at_its_link_nothing_is_signed_any_more_and_no_new_one_is_sent() -> None:
    box = after(*ASKED).state
    (message,) = box.messages
    box = box.put_message(message.moved(MessageState.SENDING).moved(MessageState.SENT))
    box = after(WITHDRAWN, box=box).state
    link = a_link(message_id=message.message_id)

    with pytest.raises(Refused, match="link_ended"):
        answers.answer_consent(link, signing(), a_context(box))
    again = SendAgain(
        key=an_id(70),
        scope=scope_of_sender(DISTRICT),
        student_id="s1",
        contact_id="c1",
        message_id=message.message_id,
    )
    later = a_context(now=NOON + timedelta(days=2))
    assert step_up.send_again(box, again, later).events == ()


def test_the_page_thanks_for_no_signature_that_plans_did_not_take() -> None:
    asked, signed = after(*ASKED).state.consent("k1"), a_link(answer="consent")
    given = after(*ASKED, a_consent_given(), WITHDRAWN).state.consent("k1")

    assert answer_to(asked, signed, is_open=True) == "consent"  # on its way
    assert answer_to(asked, signed, is_open=False) == ""
    assert answer_to(given, signed, is_open=False) == "consent"
    assert answer_to(given, a_link(answer="revocation"), is_open=False) == "revocation"
