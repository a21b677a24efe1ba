"""Standing permissions: asking for them, and telling the family what is done under them."""

from itertools import permutations
from typing import Any

import pytest

from schemas.codes import LOCALES
from schemas.envelope import Event, seal_of
from schemas.notifications import MessageQueued
from schemas.plans import ConsentRevoked, PartyScope
from services.notifications.domain import answers, links
from services.notifications.domain.answers import AnswerConsent
from services.notifications.domain.mailbox import ConsentNote
from services.notifications.domain.messages import MessageState
from services.notifications.domain.policy import Policy
from services.notifications.domain.queueing import link_id_of
from services.notifications.pages.consent import _missing
from services.notifications.wording import HELP_ASKED, words_to_family
from tests.unit.notifications.builders import (
    NOON,
    a_consent_given,
    a_contact_card,
    a_context,
    a_family,
    a_mailbox,
    a_message,
    a_need,
    a_packet_released,
    a_standing_asked,
    an_offer_accepted,
    an_offer_made,
    told,
)
from tests.unit.notifications.test_links import a_link, asked
from tests.unit.notifications.test_news import after

GIVEN = a_consent_given(consent_id="k2", need_id="k2")
OFFER = an_offer_made(consent_id="k2")
ASKED = (a_standing_asked(), GIVEN)


def to_family(events: tuple[Event, ...]) -> list[MessageQueued]:
    return [
        each
        for each in events
        if isinstance(each, MessageQueued)
        and (each.template, each.recipient) == ("offer", "family")
    ]


def test_a_guardian_is_asked_and_gets_a_copy_though_there_is_no_need() -> None:
    decision = after(*ASKED)
    assert told(decision.events)[:1] == [("consent-needed", "c1", "MessageQueued")]
    assert ("consent-signed", "c1", "MessageQueued") in told(decision.events)
    assert {each.need_id for each in decision.state.messages} == {"k2"}
    assert {each.consent_id for each in decision.state.messages} == {"k2"}


def test_two_permissions_asked_for_together_are_both_asked_for() -> None:
    other = a_standing_asked().model_copy(
        update=dict.fromkeys(("consent_id", "need_id", "referral_id"), "k3")
    )
    decision = after(a_standing_asked(), other)
    assert [code for _, _, code in told(decision.events)] == ["MessageQueued", "MessageQueued"]


def test_an_offer_under_a_standing_permission_is_told_to_both_sides_and_asks_nothing() -> None:
    decision = after(*ASKED, a_need(), OFFER)
    assert told(decision.events)[-2:] == [
        ("offer", "c1", "MessageQueued"),
        ("offer", "p1", "MessageQueued"),
    ]
    (said,) = to_family(decision.events)
    assert (said.need_id, said.told_as) == ("n1", "offer-to-family")
    message = decision.state.message(said.message_id)
    assert (message.consent_id, message.link_id) == ("k2", link_id_of(said.message_id))
    assert message.offer_id is None
    assert message.is_linked
    assert not message.may_come_any_time


def test_an_offer_that_the_family_is_asked_about_is_told_to_the_partner_alone() -> None:
    decision = after(a_need(), an_offer_made())
    assert told(decision.events) == [("offer", "p1", "MessageQueued")]


@pytest.mark.parametrize("order", tuple(permutations(range(3))))
def test_the_family_hears_once_in_whatever_order_the_facts_come(order: tuple[int, ...]) -> None:
    facts = [a_standing_asked(), a_need(), OFFER]
    decision = after(*(facts[each] for each in order), GIVEN, OFFER)
    assert len(to_family(decision.events)) == 1


def test_the_next_partner_for_the_same_need_is_no_news() -> None:
    another_need = an_offer_made(offer_id="f9", need_id="n2", consent_id="k2")
    next_one = an_offer_made(offer_id="f2", consent_id="k2")
    decision = after(*ASKED, a_need(), a_need(need_id="n2"), OFFER, next_one, another_need)
    assert [each.need_id for each in to_family(decision.events)] == ["n1", "n2"]


def test_the_place_that_was_found_replaces_what_was_not_sent_yet() -> None:
    decision = after(*ASKED, a_need(), OFFER, an_offer_accepted(), a_packet_released())
    assert ("offer", "c1", "cancelled") in told(decision.events)
    assert ("accepted", "c1", "MessageQueued") in told(decision.events)
    for late in (OFFER,):
        again = after(late, box=decision.state)
        assert to_family(again.events) == []


def test_only_who_signed_hears_of_it() -> None:
    both = a_family(("c1", a_contact_card()), ("c2", a_contact_card(name="Another")))
    for facts in ((*ASKED, a_need(), OFFER), (a_need(), OFFER, *ASKED)):
        decision = after(*facts, seen=(both,))
        assert [each.recipient_id for each in to_family(decision.events)] == ["c1"]


OTHER = ("c2", a_contact_card(name="Another", household="h2", languages=("es",)))


@pytest.mark.parametrize("why", [{"barred": True}, {"channels": ()}], ids=["barred", "no channel"])
def test_where_who_signed_cannot_be_reached_the_others_of_the_family_hear_of_it(why: Any) -> None:
    family = a_family(("c1", a_contact_card(**why)), OTHER)
    decision = after(*ASKED, a_need(), OFFER, OFFER, seen=(family,))
    (said,) = to_family(decision.events)
    assert (said.recipient_id, said.locale) == ("c2", "es")
    message = decision.state.message(said.message_id)
    assert message.household == "h2"
    assert not message.may_come_any_time
    assert not message.is_linked  # each guardian sees what they signed themselves
    assert links.links_of(said) == []
    assert [who for template, who, _ in told(decision.events) if template == "offer"] == [
        "c2",
        "p1",
    ]


def test_where_nobody_of_the_family_can_be_reached_that_is_told_once() -> None:
    nobody = a_family(("c1", a_contact_card(barred=True)), ("c2", a_contact_card(notify="none")))
    decision = after(*ASKED, a_need(), OFFER, OFFER, seen=(nobody,))
    assert told(decision.events).count(("offer", "c1", "no-contact")) == 1
    assert to_family(decision.events) == []


def test_a_question_to_whoever_cannot_be_reached_goes_to_nobody_else() -> None:
    family = a_family(("c1", a_contact_card(barred=True)), OTHER)
    decision = after(*ASKED, seen=(family,))
    assert {who for _, who, _ in told(decision.events)} == {"c1"}


def test_who_did_not_sign_reads_of_no_permission_of_theirs() -> None:
    said = words_to_family("offer", is_standing=True, is_signer=False)
    assert said.text == HELP_ASKED.text
    assert said.act == ""
    assert not [each for each in said.lines if "allowed" in each]


@pytest.mark.parametrize("contact", ["by-hand", "none"])
def test_whoever_may_not_be_written_to_is_told_by_hand(contact: str) -> None:
    decision = after(*ASKED, a_need(family_contact=contact), OFFER)
    assert ("offer", "c1", "by-hand") in told(decision.events)


def test_nothing_is_told_of_a_permission_that_is_over() -> None:
    assert to_family(after(*ASKED, a_revocation(), a_need(), OFFER).events) == []


def a_revocation(**more: Any) -> ConsentRevoked:
    given: dict[str, Any] = {
        "student_id": "s1",
        "consent_id": "k2",
        "need_id": "k2",
        "of_all": True,
        "revoked_at": NOON,
        "sealed": seal_of("s1", PartyScope(consent_class="enrichment")),
    }
    return ConsentRevoked(**given | more)


def test_what_waits_for_the_morning_is_not_told_once_the_permission_is_taken_back() -> None:
    decision = after(*ASKED, a_need(), OFFER, a_revocation())
    assert told(decision.events)[-1] == ("offer", "c1", "cancelled")
    states = {(each.template, each.recipient): each.state for each in decision.state.messages}
    assert states["offer", "family"] is MessageState.CANCELLED
    assert states["offer", "partner"] is MessageState.QUEUED
    assert states["consent-signed", "family"] is MessageState.QUEUED
    assert after(a_revocation(), box=decision.state).events == ()


def test_what_waits_for_its_need_is_not_told_once_the_permission_is_taken_back() -> None:
    decision = after(*ASKED, OFFER, a_revocation(), a_need())
    assert to_family(decision.events) == []
    assert decision.state.intents == ()


@pytest.mark.parametrize("other", [{"of_all": False}, {"consent_id": "k9"}])
def test_what_is_left_of_a_permission_still_tells(other: dict[str, Any]) -> None:
    decision = after(*ASKED, OFFER, a_revocation(**other), a_need(), a_revocation(**other))
    assert len(to_family(decision.events)) == 1
    assert "cancelled" not in {
        code for template, _, code in told(decision.events) if template == "offer"
    }


def test_a_permission_given_anew_tells_of_its_own_first_use_for_the_need() -> None:
    anew = dict.fromkeys(("consent_id", "need_id"), "k3")
    asked_anew = a_standing_asked().model_copy(update=anew | {"referral_id": "k3"})
    next_one = an_offer_made(offer_id="f2", consent_id="k3")
    facts = (asked_anew, a_consent_given(**anew), next_one)
    decision = after(*ASKED, a_need(), OFFER, a_revocation(), *facts)
    consents = {each.message_id: each.consent_id for each in decision.state.messages}
    assert [consents[each.message_id] for each in to_family(decision.events)] == ["k2", "k3"]


def test_a_draft_may_tell_but_not_ask() -> None:
    draft = Policy(reviewed=frozenset(LOCALES[:1]), has_texts=True)
    decision = after(*ASKED, a_need(), OFFER, seen=(draft,))
    assert told(decision.events)[0] == ("consent-needed", "c1", "by-hand")
    assert len(to_family(decision.events)) == 1


# -- answering -------------------------------------------------------------------------------------


def a_box(state: Any = "asked") -> Any:
    said = a_standing_asked()
    note = ConsentNote(
        contact_id="c1",
        restricted=False,
        open_until=said.open_until,
        sealed=said.sealed,
        state=state,
        **dict.fromkeys(("consent_id", "need_id", "referral_id"), "k2"),
    )
    message = a_message(need_id="k2", consent_id="k2", state=MessageState.SENT)
    return a_mailbox(message, consents=(note,))


@pytest.mark.parametrize("answer", ["consent", "refusal"])
def test_one_signature_answers_for_the_class(answer: str) -> None:
    given = asked(
        AnswerConsent,
        answer=answer,
        typed_name="Nadège Sampleau",
        organization_ids=("o1",),
        locale="ht",
        step_up="pin",
    )
    (said,) = answers.answer_consent(a_link(need_id="k2"), given, a_context(a_box())).events
    assert (said.kind, said.consent_id, said.need_id) == (answer, "k2", "k2")  # type: ignore[attr-defined]
    assert said.sealed.facts.organization_ids == ()  # type: ignore[attr-defined]


def test_a_signature_for_a_class_needs_a_name_and_no_tick() -> None:
    assert _missing("agree", "Nadège", is_agreed=True) == []
    assert [field for field, _ in _missing("agree", "", is_agreed=True)] == ["signed"]
    assert [field for field, _ in _missing("agree", "Nadège", is_agreed=False)]


def test_the_link_of_what_was_told_opens_what_was_signed() -> None:
    (said,) = to_family(after(*ASKED, a_need(), OFFER).events)
    assert links.links_of(said) == [link_id_of(said.message_id)]
    assert links.open_link(None, said, a_context()).state.purpose == "consent"
    to_partner = said.model_copy(update={"recipient": "partner"})
    assert links.links_of(to_partner) == []
