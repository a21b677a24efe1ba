from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.envelope import Erased, Event, Sealed, seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered, MessageQueued
from schemas.plans import PacketWithheld, SignedFacts, StudentErased
from schemas.referrals import OfferRecalled
from services.chassis.kernel import Decision, Tick
from services.notifications.domain import news, offers
from services.notifications.domain.cards import Coordinators, FamilyCard
from services.notifications.domain.mailbox import Mailbox, organization_of
from services.notifications.domain.messages import MessageState
from services.notifications.domain.policy import Policy
from services.notifications.domain.queueing import PAUSES, look_again
from tests.unit.notifications.builders import (
    DISTRICT,
    NOON,
    a_consent_asked,
    a_consent_given,
    a_contact_card,
    a_context,
    a_family,
    a_family_changed,
    a_need,
    a_packet_pending,
    a_packet_released,
    an_offer_accepted,
    an_offer_made,
    some_coordinators,
    some_terms,
    told,
)

DECIDE: dict[str, Any] = {
    "NeedIdentified": news.hear_of_need,
    "NeedWithdrawn": news.hear_of_end,
    "ReferralClosed": news.hear_of_end,
    "ContactCardChanged": news.hear_of_family,
    "ConsentRequested": news.ask_for_consent,
    "ConsentGiven": news.hear_of_signature,
    "ConsentRevoked": news.hear_of_revocation,
    "OfferMade": offers.hear_of_offer,
    "OfferAccepted": offers.hear_of_yes,
    "PacketReleased": offers.hear_of_release,
    "PacketPending": offers.hear_of_waiting,
    "PacketWithheld": offers.hear_of_withholding,
    "OfferRecalled": offers.hear_of_recall,
    "FamilyAnswered": offers.hear_of_answer,
    "StudentErased": news.forget,
}


def after(*events: Event, seen: tuple[Any, ...] = (), box: Mailbox | None = None) -> Decision[Any]:
    """A mailbox after some facts, with all that it told; coordinators are known by organization."""
    state, said = box, ()
    for number, event in enumerate(events):
        organization = _organization(state, event)
        people = (some_coordinators(),) if organization == "o1" else ()
        given = {type(each): each for each in (*people, *seen)}
        context = a_context(*given.values(), number=200 + number)
        decision = DECIDE[type(event).__name__](state, event, context)
        state, said = decision.state, (*said, *decision.events)
    return Decision(state, said)


def _organization(state: Mailbox | None, event: Any) -> str | None:
    if type(event).__name__ == "OfferMade" and not isinstance(event.sealed.facts, Erased):
        return str(event.sealed.facts.organization_id)
    return organization_of(state, getattr(event, "offer_id", None))


def test_a_guardian_is_asked_in_its_language_by_text() -> None:
    decision = after(a_need(), a_consent_asked())
    assert told(decision.events) == [("consent-needed", "c1", "MessageQueued")]
    (message,) = decision.state.messages
    assert (message.locale, message.channels) == ("ht", ("sms", "email"))
    assert message.useful_until == NOON + timedelta(days=14)
    assert message.traceparent == "00-trace"


@pytest.mark.parametrize("first", ["need", "family"])
def test_a_message_waits_for_the_need_and_the_card_it_depends_on(first: str) -> None:
    unknown = FamilyCard(student_id="s1", district=DISTRICT)
    asked = after(a_consent_asked(), seen=(unknown,))
    assert (asked.events, len(asked.state.intents)) == ((), 1)
    facts = [a_need(), a_family_changed()]
    if first == "family":
        facts.reverse()
    decision = after(*facts, box=asked.state)
    assert told(decision.events) == [("consent-needed", "c1", "MessageQueued")]
    assert decision.state.intents == ()


@pytest.mark.parametrize("contact", ["by-hand", "none"])
def test_a_need_by_hand_writes_to_no_family(contact: str) -> None:
    decision = after(a_consent_asked(), a_need(family_contact=contact))
    assert told(decision.events) == [("consent-needed", "c1", "by-hand")]


def test_nobody_is_asked_to_sign_by_words_that_nobody_reviewed() -> None:
    strict = Policy(reviewed=frozenset({"en"}), has_texts=True)
    decision = after(a_need(), a_consent_asked(), seen=(strict,))
    assert told(decision.events) == [("consent-needed", "c1", "by-hand")]


def test_a_contact_without_mobile_or_mail_is_told_of_as_not_reached() -> None:
    family = a_family(("c1", a_contact_card(channels=())))
    decision = after(a_need(), a_consent_asked(), seen=(family,))
    assert told(decision.events) == [("consent-needed", "c1", "no-contact")]


def test_a_barred_contact_hears_nothing() -> None:
    family = a_family(("c1", a_contact_card(barred=True)))
    decision = after(a_need(), a_consent_asked(), seen=(family,))
    assert told(decision.events) == [("consent-needed", "c1", "no-contact")]


def test_everybody_who_answers_for_the_partner_hears_of_an_offer() -> None:
    two = some_coordinators(
        ("p1", some_coordinators().by_id["p1"].facts),  # type: ignore[arg-type]
        ("p2", some_coordinators().by_id["p1"].facts),  # type: ignore[arg-type]
    )
    decision = after(an_offer_made(), seen=(two,))
    assert told(decision.events) == [
        ("offer", "p1", "MessageQueued"),
        ("offer", "p2", "MessageQueued"),
    ]


def test_an_offer_that_nobody_can_hear_of_is_told_without_naming_the_organization() -> None:
    nobody = Coordinators(organization_id="o1", district=DISTRICT)
    box = after(an_offer_made(), seen=(nobody,)).state
    events: tuple[Event, ...] = ()
    times: list[datetime] = []
    while box.clocks:
        ((name, at),) = box.clocks.items()
        times.append(at)
        tick = Tick(kind="mailboxes", subject="s1", name=name, at=at)
        decision = look_again(box, tick, a_context(nobody, now=at))
        box, events = decision.state, (*events, *decision.events)
    assert len(times) == len(PAUSES)
    assert told(events) == [("offer", "f1", "no-contact")]


def test_a_partner_whose_people_become_known_later_hears_of_its_offer() -> None:
    nobody = Coordinators(organization_id="o1", district=DISTRICT)
    box = after(an_offer_made(), seen=(nobody,)).state
    ((name, at),) = box.clocks.items()
    tick = Tick(kind="mailboxes", subject="s1", name=name, at=at)
    decision = look_again(box, tick, a_context(some_coordinators(), now=at))
    assert told(decision.events) == [("offer", "p1", "MessageQueued")]
    assert not decision.state.clocks


def test_an_offer_is_told_to_nobody_of_another_organization() -> None:
    nobody = Coordinators(organization_id="o1", district=DISTRICT)
    box = after(an_offer_made(), seen=(nobody,)).state
    others = replace(some_coordinators(), organization_id="o2")
    decision = news.hear_of_need(box, a_need(), a_context(others))
    assert decision.events == ()


@pytest.mark.parametrize(
    "order", tuple(permutations(range(3))), ids=lambda order: "".join(map(str, order))
)
def test_both_sides_hear_of_a_place_once_it_is_offered_accepted_and_released(
    order: tuple[int, ...],
) -> None:
    facts = [an_offer_made(), an_offer_accepted(), a_packet_released()]
    decision = after(a_need(), *(facts[each] for each in order), a_packet_released())
    news_of_place = [each for each in told(decision.events) if each[0] != "offer"]
    assert sorted(news_of_place) == [
        ("accepted", "c1", "MessageQueued"),
        ("packet-ready", "p1", "MessageQueued"),
    ]


def test_the_family_is_not_told_of_a_place_before_the_packet_is_released() -> None:
    decision = after(a_need(), an_offer_made(), an_offer_accepted())
    assert "accepted" not in {template for template, _, _ in told(decision.events)}


def test_a_place_of_which_there_is_nobody_to_tell_is_no_silence() -> None:
    quiet = a_family(("c1", a_contact_card(notify="none")))
    decision = after(a_need(), an_offer_accepted(), a_packet_released(), seen=(quiet,))
    assert ("accepted", "s1", "no-contact") in told(decision.events)


def test_a_kept_place_is_told_to_whoever_is_to_sign_and_replaces_what_was_not_sent() -> None:
    decision = after(a_need(), a_consent_asked(), a_packet_pending())
    assert told(decision.events) == [
        ("consent-needed", "c1", "MessageQueued"),
        ("consent-needed", "c1", "cancelled"),
        ("place-kept", "c1", "MessageQueued"),
    ]
    kept = decision.state.messages[-1]
    assert kept.consent_id == "k1"
    assert kept.useful_until == NOON + timedelta(days=5)


def test_the_copy_of_a_signature_is_not_cancelled_by_newer_news() -> None:
    decision = after(
        a_need(),
        a_consent_asked(),
        a_consent_given(),
        an_offer_made(),
        an_offer_accepted(),
        a_packet_released(),
    )
    states = {each.template: each.state for each in decision.state.messages}
    assert states["consent-signed"] is MessageState.QUEUED
    assert states["consent-needed"] is MessageState.CANCELLED


def test_the_copy_of_a_signature_names_those_alone_that_were_agreed_to() -> None:
    agreed = some_terms(parties=some_terms().parties[1:])
    signed = SignedFacts(
        terms=agreed, typed_name="Nadège Sampleau", locale="ht", step_up="code", left_out=("o1",)
    )
    decision = after(a_need(), a_consent_asked(), a_consent_given(sealed=seal_of("s1", signed)))
    note = decision.state.consent("k1")
    assert (note.state, note.terms) == ("given", agreed)


def a_place(starts_on: date | None) -> tuple[MessageQueued, Any]:
    decision = after(a_need(), an_offer_accepted(starts_on=starts_on), a_packet_released())
    queued = [each for each in decision.events if isinstance(each, MessageQueued)]
    (said,) = [each for each in queued if each.template == "accepted"]
    return said, decision.state.message(said.message_id)


@pytest.mark.parametrize(
    "starts_on", [date(2026, 11, 24), date(2027, 1, 25)], ids=["tomorrow", "in two months"]
)
def test_a_link_to_a_first_visit_ends_with_the_day_after_it(starts_on: date) -> None:
    said, message = a_place(starts_on)
    assert said.link_until is not None
    for zone in ("America/New_York", "Pacific/Honolulu", "Pacific/Pago_Pago"):
        ended = datetime.combine(starts_on + timedelta(days=2), time(), ZoneInfo(zone))
        assert ended <= said.link_until < ended + timedelta(hours=8)
    assert message.useful_until == min(NOON + timedelta(days=14), said.link_until)


@pytest.mark.parametrize("starts_on", [None, date(2026, 11, 20)], ids=["none", "past"])
def test_without_a_date_to_come_a_link_lives_as_long_as_its_kind(starts_on: date | None) -> None:
    said, message = a_place(starts_on)
    assert said.link_until is None
    assert message.useful_until == NOON + timedelta(days=14)


def test_only_a_link_to_a_place_ends_with_its_date() -> None:
    facts = (a_consent_asked(), a_packet_pending(), an_offer_accepted(), a_packet_released())
    queued = [each for each in after(a_need(), *facts).events if isinstance(each, MessageQueued)]
    assert [each.template for each in queued if each.link_until] == ["accepted"]


RECALLED = OfferRecalled(
    student_id="s1",
    referral_id="r1",
    need_id="n1",
    offer_id="f1",
    seat="freed",
    code="family-declined",
    recalled_at=NOON,
)


@pytest.mark.parametrize("facts", [*permutations(["yes", "release", "recall"])], ids="-".join)
def test_nobody_hears_good_news_of_a_place_that_was_taken_back(facts: tuple[str, ...]) -> None:
    said = {"yes": an_offer_accepted(), "release": a_packet_released(), "recall": RECALLED}

    box = after(a_need(), an_offer_made(), *(said[each] for each in facts)).state

    of_family = {each.template: each.state for each in box.messages if each.recipient == "family"}
    assert of_family["accepted"] in {MessageState.CANCELLED, MessageState.SUPPRESSED}


def test_nobody_hears_until_when_a_place_is_kept_that_was_taken_back() -> None:
    facts = (a_need(), a_consent_asked(), an_offer_made())
    for last in permutations([a_packet_pending(), RECALLED]):
        box = after(*facts, *last).state
        (kept,) = [each for each in box.messages if each.template == "place-kept"]
        assert kept.state in {MessageState.CANCELLED, MessageState.SUPPRESSED}


def test_a_recall_is_told_once_however_it_is_said() -> None:
    withheld = PacketWithheld(
        student_id="s1", need_id="n1", referral_id="r1", offer_id="f1", code="family-declined"
    )
    decision = after(a_need(), an_offer_made(), withheld, RECALLED)
    recalls = [each for each in told(decision.events) if each[0] == "offer-recalled"]
    assert recalls == [("offer-recalled", "p1", "MessageQueued")]


def test_a_place_lost_for_want_of_a_signature_is_told_to_the_family() -> None:
    withheld = PacketWithheld(
        student_id="s1", need_id="n1", referral_id="r1", offer_id="f1", code="consent-missing"
    )
    decision = after(a_need(), a_consent_asked(), an_offer_made(), withheld)
    assert ("place-lost", "c1", "MessageQueued") in told(decision.events)


def an_answer(kind: Any, contact_id: str) -> FamilyAnswered:
    facts = AnswerFacts(locale="ht", step_up="pin")
    return FamilyAnswered(
        link_id=f"l {contact_id}",
        student_id="s1",
        contact_id=contact_id,
        at=NOON,
        answer_id=f"a {contact_id}",
        kind=kind,
        offer_id="f1",
        sealed=seal_of("s1", facts),
    )


def test_each_answer_of_a_family_about_the_visit_goes_to_the_partner() -> None:
    first, second = an_answer("confirmation", "c1"), an_answer("cannot-come", "c2")
    decision = after(an_offer_made(), first, second)
    assert told(decision.events)[-3:] == [
        ("family-answered", "p1", "MessageQueued"),
        ("family-answered", "p1", "cancelled"),
        ("family-answered", "p1", "MessageQueued"),
    ]


def test_an_erased_student_is_told_of_to_nobody_any_more() -> None:
    box = after(a_need(), a_consent_asked()).state
    decision = after(
        StudentErased(student_id="s1", erased_at=NOON), a_consent_asked(consent_id="k2"), box=box
    )
    assert told(decision.events) == [("consent-needed", "c1", "cancelled")]
    assert not [each for each in decision.state.messages if each.is_waiting]


def test_erased_facts_break_nothing_and_tell_nobody() -> None:
    def erased(event: Any) -> Any:
        seal: Sealed[Any] = event.sealed.model_copy(update={"plain": Erased()})
        return event.model_copy(update={"sealed": seal})

    facts = [erased(a_need()), erased(a_consent_asked()), erased(an_offer_made())]
    facts.append(erased(a_consent_given()))
    decision = after(*facts, an_offer_accepted(), erased(a_packet_released()))
    assert not [each for each in decision.events if isinstance(each, MessageQueued)]


def test_the_same_fact_twice_gives_the_same_ids() -> None:
    first, second = after(a_need(), a_consent_asked()), after(a_need(), a_consent_asked())
    assert first == second
