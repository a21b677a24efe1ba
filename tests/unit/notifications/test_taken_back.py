"""What each side hears once an offer was taken back, whatever was told of it before."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas.codes import Template
from schemas.envelope import Event
from schemas.notifications import MessageQueued
from schemas.plans import PacketWithheld
from schemas.referrals import OfferRecalled
from services.notifications.domain import sending
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import MessageState
from services.notifications.wording import PLACE_GONE, words_to_family
from tests.unit.notifications.builders import (
    NOON,
    a_consent_asked,
    a_contact_card,
    a_context,
    a_family,
    a_need,
    a_packet_pending,
    a_packet_released,
    an_offer_accepted,
    an_offer_made,
    told,
)
from tests.unit.notifications.test_news import after
from tests.unit.notifications.test_sending import a_claim

S = MessageState
GONE = ("offer-recalled", "c1", "MessageQueued")
FOUND = (a_need(), an_offer_made(), an_offer_accepted(), a_packet_released())
KEPT = (a_need(), a_consent_asked(), an_offer_made(), a_packet_pending())


def recalled(code: Any = "staff-decision", **more: Any) -> OfferRecalled:
    given = {"offer_id": "f1", "seat": "freed", "recalled_at": NOON, "code": code}
    return OfferRecalled(student_id="s1", referral_id="r1", need_id="n1", **given | more)


def withheld(code: Any = "family-declined") -> PacketWithheld:
    return PacketWithheld(student_id="s1", need_id="n1", referral_id="r1", offer_id="f1", code=code)


def sent(box: Mailbox, *templates: Template, state: MessageState = S.SENT) -> Mailbox:
    """The mailbox once what it holds for the family was sent, or is being sent."""
    claim: dict[str, Any] = {"claim": "me", "claimed_at": NOON} if state is S.SENDING else {}
    for each in box.messages:
        if each.recipient == "family" and each.template in templates:
            box = box.put_message(replace(each, state=state, next_at=None, **claim))
    return box


def to_family(events: tuple[Event, ...]) -> list[tuple[str, str, str]]:
    return told(tuple(each for each in events if getattr(each, "recipient", "") == "family"))


@pytest.mark.parametrize("state", [S.SENDING, S.SENT, S.DELIVERED])
@pytest.mark.parametrize(
    "words", [(recalled(),), (withheld(), recalled()), (recalled(), withheld()), (recalled(),) * 2]
)
def test_a_family_that_was_told_of_a_place_hears_once_that_it_is_gone(
    state: MessageState, words: tuple[Event, ...]
) -> None:
    box = sent(after(*FOUND).state, "accepted", state=state)

    decision = after(*words, box=box)

    assert to_family(decision.events) == [GONE]
    (said,) = [
        e for e in decision.events if isinstance(e, MessageQueued) and e.recipient_id == "c1"
    ]
    assert said.told_as == "offer-recalled-to-family"
    assert ("offer-recalled", "p1", "MessageQueued") in told(decision.events)


def test_a_family_that_heard_of_no_place_hears_of_none_that_is_gone() -> None:
    decision = after(recalled(), box=after(*FOUND).state)

    assert to_family(decision.events) == [("accepted", "c1", "cancelled")]


def test_whoever_was_to_sign_for_a_kept_place_hears_that_it_is_gone() -> None:
    box = sent(after(*KEPT).state, "place-kept")

    assert to_family(after(withheld(), recalled(), box=box).events) == [GONE]


@pytest.mark.parametrize("order", [*permutations([withheld, recalled])], ids=["first", "last"])
def test_a_place_that_nobody_signed_for_is_told_in_the_words_for_that_alone(order: Any) -> None:
    box = sent(after(*KEPT).state, "consent-needed", "place-kept")

    decision = after(*(each("consent-missing") for each in order), box=box)

    assert to_family(decision.events) == [("place-lost", "c1", "MessageQueued")]


def test_a_place_that_went_with_another_that_nobody_signed_for_is_told_as_gone() -> None:
    box = sent(after(*FOUND).state, "accepted")

    assert to_family(after(recalled("consent-missing"), box=box).events) == [GONE]


def test_each_who_heard_of_the_place_hears_that_it_is_gone_and_nobody_else() -> None:
    two = a_family(("c1", a_contact_card()), ("c2", a_contact_card(name="Another")))
    box = sent(after(*FOUND, seen=(two,)).state, "accepted")
    barred = a_family(
        ("c1", a_contact_card()),
        ("c2", a_contact_card(name="Another", barred=True)),
        ("c3", a_contact_card(name="Later")),
    )

    decision = after(recalled(), box=box, seen=(barred,))

    assert to_family(decision.events) == [GONE, ("offer-recalled", "c2", "no-contact")]


def test_that_a_place_is_gone_takes_nothing_of_another_offer_back() -> None:
    box = sent(after(*FOUND).state, "accepted")
    other: dict[str, Any] = {"offer_id": "f2"}
    facts = (an_offer_made(**other), an_offer_accepted(**other), a_packet_released(**other))

    decision = after(*facts, recalled(), box=box)

    assert to_family(decision.events) == [("accepted", "c1", "MessageQueued"), GONE]


def test_nothing_newer_replaces_that_a_place_is_gone() -> None:
    box = sent(after(*FOUND).state, "accepted")

    decision = after(recalled(), a_consent_asked(consent_id="k2"), box=box)

    assert to_family(decision.events) == [GONE, ("consent-needed", "c1", "MessageQueued")]


def test_good_news_that_was_in_hand_when_the_place_went_is_not_sent_later() -> None:
    box = after(*FOUND).state
    (good,) = [each for each in box.messages if each.template == "accepted"]
    box = after(recalled(), box=sent(box, "accepted", state=S.SENDING)).state
    again = replace(good, state=S.TEMPORARY_FAILURE, next_at=NOON)

    tried = sending.mark_sending(
        box.put_message(again),
        replace(a_claim(), message_id=good.message_id),
        a_context(now=NOON + timedelta(minutes=1)),
    )

    assert to_family(tried.events) == [("accepted", "c1", "cancelled")]


def test_the_words_say_neither_who_took_it_back_nor_why() -> None:
    assert words_to_family("offer-recalled", is_standing=False) is PLACE_GONE
    said = " ".join((PLACE_GONE.subject, PLACE_GONE.text, *PLACE_GONE.lines))
    assert not [word for word in ("sign", "permission", "partner", "you said") if word in said]


@pytest.mark.parametrize("facts", [*permutations(["yes", "release", "recall"])], ids="-".join)
def test_the_last_that_a_partner_hears_of_an_offer_is_that_it_was_taken_back(
    facts: tuple[str, ...],
) -> None:
    said = {"yes": an_offer_accepted(), "release": a_packet_released(), "recall": recalled()}

    box = after(a_need(), an_offer_made(), *(said[each] for each in facts)).state

    waiting = [e.template for e in box.messages if e.recipient == "partner" and e.is_waiting]
    assert waiting == ["offer-recalled"]


def test_an_offer_that_was_withheld_before_it_was_heard_of_is_not_made() -> None:
    decision = after(a_need(), withheld(), an_offer_made(), an_offer_accepted())

    assert told(decision.events) == [
        ("offer-recalled", "p1", "MessageQueued"),
        ("offer", "p1", "cancelled"),
    ]
