from datetime import timedelta
from typing import Any

import pytest

from schemas.codes import ConsentState, Template
from schemas.envelope import Erased, seal_of
from schemas.plans import StudentCard
from services.chassis.kernel import Refused
from services.notifications.domain import step_up
from services.notifications.domain.mailbox import ConsentNote, OfferNote
from services.notifications.domain.messages import MessageState
from services.notifications.domain.queueing import link_id_of
from services.notifications.domain.step_up import CODES_AT_ONCE, IssueCode, SendAgain
from services.notifications.scopes import scope_of_sender
from tests.unit.notifications.builders import (
    DISTRICT,
    NOON,
    TOKENS,
    a_consent_asked,
    a_contact_card,
    a_context,
    a_family,
    a_mailbox,
    a_message,
    an_id,
    told,
)


def asked(kind: type[Any]) -> Any:
    return kind(
        key=an_id(70),
        scope=scope_of_sender(DISTRICT),
        student_id="s1",
        contact_id="c1",
        message_id=str(an_id(1)),
    )


def a_sent_link(**more: Any) -> Any:
    return a_message(**{"state": MessageState.SENT, "next_at": None, "link_id": "l1"} | more)


def test_a_code_goes_at_once_the_way_the_link_went() -> None:
    box = a_mailbox(a_sent_link(channels=("email",)))
    decision = step_up.issue_code(box, asked(IssueCode), a_context())
    code = decision.state.messages[-1]
    assert (code.channels, code.is_urgent, code.need_id) == (("email",), True, None)
    assert code.useful_until == NOON + timedelta(minutes=15)
    assert told(decision.events) == [("step-up-code", "c1", "MessageQueued")]


def test_nobody_is_flooded_with_codes() -> None:
    box = a_mailbox(a_sent_link())
    for number in range(CODES_AT_ONCE + 2):
        box = step_up.issue_code(box, asked(IssueCode), a_context(number=300 + number)).state
    assert len(step_up.recent_codes(box, "l1", NOON)) == CODES_AT_ONCE


def test_a_code_is_good_for_a_quarter_of_an_hour_and_for_its_own_link() -> None:
    box = step_up.issue_code(a_mailbox(a_sent_link()), asked(IssueCode), a_context()).state
    assert len(step_up.recent_codes(box, "l1", NOON + timedelta(minutes=14))) == 1
    assert step_up.recent_codes(box, "l1", NOON + timedelta(minutes=15)) == []
    assert step_up.recent_codes(box, "l2", NOON) == []


def test_a_code_for_somebody_who_cannot_be_reached_any_more_is_refused() -> None:
    nobody = a_family(is_known=True, contacts=())
    with pytest.raises(Refused, match="link_ended"):
        step_up.issue_code(a_mailbox(a_sent_link()), asked(IssueCode), a_context(nobody))


def test_a_new_link_is_sent_once_a_day_and_only_while_there_is_something_to_say() -> None:
    box = a_mailbox(a_sent_link())
    tomorrow = NOON + timedelta(days=2)
    first = step_up.send_again(box, asked(SendAgain), a_context(now=tomorrow))
    assert told(first.events) == [("consent-needed", "c1", "MessageQueued")]
    assert first.state is not None
    assert first.state.messages[-1].link_id != "l1"
    again = step_up.send_again(first.state, asked(SendAgain), a_context(now=tomorrow, number=9))
    assert again.events == ()


def a_consent(state: ConsentState, consent_id: str = "k1") -> ConsentNote:
    said = a_consent_asked()
    return ConsentNote(
        consent_id=consent_id,
        need_id="n1",
        referral_id="r1",
        contact_id="c1",
        restricted=False,
        open_until=said.open_until,
        sealed=said.sealed,
        state=state,
    )


@pytest.mark.parametrize("carried_by", ["consent-needed", "place-kept", "consent-signed", "offer"])
def test_months_after_signing_a_new_link_leads_back_to_what_was_signed(carried_by: str) -> None:
    box = a_mailbox(a_sent_link(template=carried_by), consents=(a_consent("given"),))
    months_later = NOON + timedelta(days=90)
    decision = step_up.send_again(box, asked(SendAgain), a_context(now=months_later))
    assert told(decision.events) == [("consent-signed", "c1", "MessageQueued")]
    again = decision.state.messages[-1]  # type: ignore[union-attr]
    assert (again.template, again.consent_id) == ("consent-signed", "k1")
    assert again.link_id == link_id_of(again.message_id)
    once = step_up.send_again(
        decision.state, asked(SendAgain), a_context(now=months_later, number=9)
    )
    assert once.events == ()


@pytest.mark.parametrize("state", ["asked", "refused", "revoked"])
def test_months_later_nothing_is_sent_of_what_is_over(state: ConsentState) -> None:
    box = a_mailbox(a_sent_link(), consents=(a_consent(state),))
    months_later = a_context(now=NOON + timedelta(days=90))
    assert step_up.send_again(box, asked(SendAgain), months_later).state == box


def an_offer(*told_of: Template) -> OfferNote:
    return OfferNote(offer_id="f1", need_id="n1", referral_id="r1", told=told_of)


A_PLACE: dict[str, Any] = {"template": "accepted", "consent_id": None, "offer_id": "f1"}


def test_a_new_link_to_a_place_is_sent_while_there_is_one() -> None:
    box = a_mailbox(a_sent_link(**A_PLACE), offers=(an_offer("accepted"),))
    decision = step_up.send_again(box, asked(SendAgain), a_context(now=NOON + timedelta(days=10)))
    assert told(decision.events) == [("accepted", "c1", "MessageQueued")]


def test_a_place_that_was_taken_back_is_no_good_news_again() -> None:
    offers = (an_offer("accepted", "offer-recalled"),)
    box = a_mailbox(a_sent_link(**A_PLACE), offers=offers, consents=(a_consent("given"),))
    decision = step_up.send_again(box, asked(SendAgain), a_context(now=NOON + timedelta(days=10)))
    assert (decision.state, decision.events) == (box, ())


@pytest.mark.parametrize(
    ("state", "said"), [("asked", "consent-needed"), ("given", "consent-signed")]
)
def test_once_a_kept_place_is_lost_a_new_link_leads_to_the_permission_alone(
    state: ConsentState, said: str
) -> None:
    lost = an_offer("place-kept", "place-lost", "offer-recalled")
    link = a_sent_link(template="place-kept", offer_id="f1")
    box = a_mailbox(link, offers=(lost,), consents=(a_consent(state),))
    decision = step_up.send_again(box, asked(SendAgain), a_context(now=NOON + timedelta(days=10)))
    assert told(decision.events) == [(said, "c1", "MessageQueued")]


def test_the_copy_of_one_signature_holds_up_no_link_to_another() -> None:
    now = NOON + timedelta(days=90)
    other = a_sent_link(
        message_id=str(an_id(2)), template="consent-signed", consent_id="k9", queued_at=now
    )
    consents = (a_consent("given"), a_consent("given", "k9"))
    box = a_mailbox(a_sent_link(), other, consents=consents)
    decision = step_up.send_again(box, asked(SendAgain), a_context(now=now))
    assert told(decision.events) == [("consent-signed", "c1", "MessageQueued")]


def test_no_new_link_goes_to_somebody_who_may_hear_nothing() -> None:
    barred = a_family(("c1", a_contact_card(barred=True)))
    tomorrow = a_context(barred, now=NOON + timedelta(days=2))
    box = a_mailbox(a_sent_link())
    assert step_up.send_again(box, asked(SendAgain), tomorrow).state == box


@pytest.mark.parametrize(("month", "day", "fits"), [(3, 14, True), (3, 15, False), (4, 14, False)])
def test_the_birthday_is_that_of_the_child(month: int, day: int, fits: bool) -> None:  # noqa: FBT001
    assert step_up.is_birthday(a_family(), month, day) is fits


def test_an_unknown_birthday_matches_nothing() -> None:
    unknown = seal_of("s1", StudentCard(first_name="Lovely"))
    erased = unknown.model_copy(update={"plain": Erased()})
    for student in (unknown, erased, None):
        assert not step_up.is_birthday(a_family(student=student), 3, 14)


def test_a_code_may_be_typed_with_spaces() -> None:
    code = TOKENS.code("m1")
    assert len(code) == 6
    assert step_up.is_code(f"{code[:3]} {code[3:]}", code)
    assert not step_up.is_code(code[:5], code)


@pytest.mark.parametrize("pin", ["123", "1234567", "12a4", "1234", "0000", "777777", "", "١٢٣٥"])
def test_a_pin_that_is_none_or_easy_is_not_taken(pin: str) -> None:
    assert not step_up.is_fit_for_pin(pin)


@pytest.mark.parametrize("pin", ["8264", "82641", "826413"])
def test_four_to_six_digits_are_a_pin(pin: str) -> None:
    assert step_up.is_fit_for_pin(pin)
