from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import Event
from schemas.notifications import LinkLocked
from schemas.plans import StudentErased
from services.chassis.kernel import Refused
from services.notifications.domain import answers, links
from services.notifications.domain.answers import (
    AnswerConsent,
    AnswerVisit,
    RevokeConsent,
    TurnAway,
)
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.links import TRIES, EnterCode, EnterPin, Knock, Link
from services.notifications.domain.mailbox import ConsentNote, Mailbox, OfferNote
from services.notifications.domain.queueing import link_id_of
from services.notifications.domain.tokens import Tokens, hash_of
from services.notifications.scopes import scope_of_link
from tests.unit.notifications.builders import (
    NOON,
    TOKENS,
    a_consent_asked,
    a_contact_card,
    a_context,
    a_family,
    a_mailbox,
    a_message,
    a_message_queued,
    an_id,
    an_offer_made,
)

MESSAGE = str(an_id(1))


def a_link(**more: Any) -> Link:
    given: dict[str, Any] = {
        "link_id": link_id_of(MESSAGE),
        "district": "d-harbor",
        "student_id": "s1",
        "contact_id": "c1",
        "message_id": MESSAGE,
        "need_id": "n1",
        "purpose": "consent",
        "token_hash": "hash",
        "valid_until": NOON + timedelta(days=14),
    }
    return Link(**given | more)


def asked(kind: type[Any], **more: Any) -> Any:
    link = a_link()
    given = {"key": an_id(60), "scope": scope_of_link(link), "link_id": link.link_id}
    return kind(**given | more)


def signing(**more: Any) -> Any:
    given: dict[str, Any] = {
        "answer": "consent",
        "typed_name": "Nadège Sampleau",
        "organization_ids": ("o1", "o2"),
        "locale": "ht",
        "step_up": "pin",
    }
    return asked(AnswerConsent, **given | more)


def a_box(state: Any = "asked", **note: Any) -> Mailbox:
    said = a_consent_asked()
    consent = ConsentNote(
        consent_id="k1",
        need_id="n1",
        referral_id="r1",
        contact_id="c1",
        restricted=False,
        open_until=note.get("open_until", said.open_until),
        sealed=said.sealed,
        state=state,
    )
    offer = OfferNote(
        offer_id="f1",
        need_id="n1",
        referral_id="r1",
        sealed=an_offer_made().sealed,
        told=note.get("told", ()),
    )
    return a_mailbox(a_message(offer_id="f1"), consents=(consent,), offers=(offer,))


def test_a_queued_message_opens_the_link_that_its_sender_will_name() -> None:
    said = a_message_queued()
    link = links.open_link(None, said, a_context()).state
    assert list(links.links_of(said)) == [link.link_id]
    assert link.token_hash == hash_of(TOKENS.token(link.link_id))
    assert (link.purpose, link.valid_until) == ("consent", NOON + timedelta(days=14))
    assert TOKENS.token(link.link_id) not in repr(link)
    assert len(TOKENS.token(link.link_id)) == 22


def test_a_message_without_link_opens_none() -> None:
    assert list(links.links_of(a_message_queued(template="step-up-code"))) == []


def test_tokens_of_two_links_have_nothing_in_common_and_follow_from_the_key() -> None:
    assert TOKENS.token("a") == TOKENS.token("a")
    assert TOKENS.token("a") != TOKENS.token("b")
    assert TOKENS.code("a") != TOKENS.code("b")
    assert "kkk" not in repr(TOKENS)


def test_a_try_is_known_by_form_and_answer_and_tells_neither() -> None:
    form = an_id(1)
    first = TOKENS.try_of(form, "8264", is_right=False)
    assert TOKENS.try_of(form, "8264", is_right=False) == first
    others = {
        TOKENS.try_of(form, "8265", is_right=False),
        TOKENS.try_of(an_id(2), "8264", is_right=False),
        TOKENS.try_of(form, "8264", is_right=True),
        Tokens(b"x" * 32).try_of(form, "8264", is_right=False),
    }
    assert len(others - {first}) == 4


@pytest.mark.parametrize(
    ("decide", "kind"),
    [(links.knock, Knock), (links.enter_code, EnterCode), (links.enter_pin, EnterPin)],
)
def test_the_fifth_wrong_answer_ends_a_link_and_tells_the_school(decide: Any, kind: Any) -> None:
    link = a_link(knocked_until=NOON + timedelta(minutes=15))
    events: tuple[Event, ...] = ()
    for count in range(1, TRIES + 1):
        decision = decide(link, asked(kind, is_right=False), a_context())
        link, events = decision.state, decision.events
        assert (link.wrong, link.is_open) == (count, count < TRIES)
    assert [type(each) for each in events] == [LinkLocked]
    with pytest.raises(Refused, match="link_locked"):
        decide(link, asked(kind, is_right=True), a_context())


def test_wrong_answers_of_every_sort_count_together() -> None:
    link = a_link(wrong=TRIES - 1)
    decision = links.enter_pin(link, asked(EnterPin, is_right=False), a_context())
    assert not decision.state.is_open


def test_a_code_is_good_after_the_birthday_only_and_once() -> None:
    with pytest.raises(Refused, match="step_up_needed"):
        links.enter_code(a_link(), asked(EnterCode, is_right=True), a_context())
    knocked = links.knock(a_link(), asked(Knock, is_right=True), a_context()).state
    late = a_context(now=NOON + timedelta(minutes=15))
    with pytest.raises(Refused, match="step_up_needed"):
        links.enter_code(knocked, asked(EnterCode, is_right=True), late)
    entered = links.enter_code(knocked, asked(EnterCode, is_right=True), a_context()).state
    assert entered.knocked_until is None


def test_a_link_ends_with_its_time_and_with_its_student() -> None:
    late = a_context(now=NOON + timedelta(days=14))
    with pytest.raises(Refused, match="link_ended"):
        links.knock(a_link(), asked(Knock, is_right=True), late)
    erased = StudentErased(student_id="s1", erased_at=NOON)
    revoked = links.revoke(a_link(), erased, a_context()).state
    with pytest.raises(Refused, match="link_ended"):
        links.knock(revoked, asked(Knock, is_right=True), a_context())


AT_A_LINK: list[tuple[Any, Any]] = [
    (links.knock, asked(Knock, is_right=True)),
    (links.enter_code, asked(EnterCode, is_right=True)),
    (links.enter_pin, asked(EnterPin, is_right=True)),
    (answers.answer_consent, signing()),
    (answers.revoke_consent, asked(RevokeConsent, locale="ht", step_up="pin")),
    (
        answers.answer_visit,
        asked(AnswerVisit, answer="confirmation", text="", locale="ht", step_up="pin"),
    ),
    (answers.turn_away, asked(TurnAway, answer="stop", locale="ht")),
]


@pytest.mark.parametrize(("decide", "given"), AT_A_LINK)
@pytest.mark.parametrize(
    "family",
    [
        a_family(("c1", a_contact_card(barred=True))),
        a_family(("c2", a_contact_card())),
        a_family(student=None, contacts=(), is_known=False, is_erased=True),
    ],
    ids=["barred", "named no more", "erased"],
)
def test_nothing_is_done_at_a_link_of_somebody_who_may_hear_nothing(
    decide: Any, given: Any, family: FamilyCard
) -> None:
    link = a_link(knocked_until=NOON + timedelta(minutes=15))
    with pytest.raises(Refused, match="link_ended"):
        decide(link, given, a_context(family, a_box("given")))
    assert not link.is_usable(NOON, family)
    assert link.is_usable(NOON, a_family())


def test_a_link_that_nobody_may_see_is_not_there() -> None:
    with pytest.raises(Refused, match="link_unknown"):
        links.knock(None, asked(Knock, is_right=True), a_context())


def test_a_signature_names_whom_it_is_for_in_the_order_they_were_asked() -> None:
    given = signing(organization_ids=("o2", "o1", "o9"))
    decision = answers.answer_consent(a_link(), given, a_context(a_box()))
    (said,) = decision.events
    assert (said.kind, said.consent_id, said.referral_id) == ("consent", "k1", "r1")  # type: ignore[attr-defined]
    facts = said.sealed.facts  # type: ignore[attr-defined]
    assert facts.organization_ids == ("o1", "o2")
    assert (facts.typed_name, facts.text_version) == ("Nadège Sampleau", "2026-1")
    assert said.subject == decision.state.link_id


def test_signing_twice_is_once_and_a_no_after_a_yes_is_too_late() -> None:
    first = answers.answer_consent(a_link(), signing(), a_context(a_box()))
    again = answers.answer_consent(first.state, signing(), a_context(a_box()))
    assert (again.state, again.events) == (first.state, ())
    with pytest.raises(Refused, match="link_ended"):
        answers.answer_consent(first.state, signing(answer="refusal"), a_context(a_box()))


def test_a_refusal_carries_no_name_and_no_party() -> None:
    decision = answers.answer_consent(a_link(), signing(answer="refusal"), a_context(a_box()))
    facts = decision.events[0].sealed.facts  # type: ignore[attr-defined]
    assert (facts.typed_name, facts.organization_ids) == (None, ())


@pytest.mark.parametrize("state", ["given", "refused", "revoked"])
def test_what_was_answered_elsewhere_cannot_be_signed_here(state: str) -> None:
    with pytest.raises(Refused, match="link_ended"):
        answers.answer_consent(a_link(), signing(), a_context(a_box(state)))


def test_a_request_that_ran_out_cannot_be_signed() -> None:
    with pytest.raises(Refused, match="link_ended"):
        answers.answer_consent(a_link(), signing(), a_context(a_box(open_until=NOON)))


def test_a_signature_for_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="no_party"):
        answers.answer_consent(a_link(), signing(organization_ids=()), a_context(a_box()))


@pytest.mark.parametrize("way", ["recorded", "just signed"])
def test_a_permission_is_taken_back_once(way: str) -> None:
    box = a_box("given" if way == "recorded" else "asked")
    link = a_link(answer=None if way == "recorded" else "consent")
    taken = asked(RevokeConsent, locale="ht", step_up="pin")
    decision = answers.revoke_consent(link, taken, a_context(box))
    assert decision.events[0].kind == "revocation"  # type: ignore[attr-defined]
    assert answers.revoke_consent(decision.state, taken, a_context(box)).events == ()


def test_what_was_never_given_cannot_be_taken_back() -> None:
    taken = asked(RevokeConsent, locale="ht", step_up="pin")
    with pytest.raises(Refused, match="link_ended"):
        answers.revoke_consent(a_link(), taken, a_context(a_box()))


def test_an_answer_about_a_visit_is_told_unless_the_place_was_taken_back() -> None:
    link = a_link(purpose="confirm")
    yes = asked(AnswerVisit, answer="confirmation", text="", locale="ar", step_up="pin")
    decision = answers.answer_visit(link, yes, a_context(a_box()))
    assert decision.events[0].offer_id == "f1"  # type: ignore[attr-defined]
    assert answers.answer_visit(decision.state, yes, a_context(a_box())).events == ()
    with pytest.raises(Refused, match="link_ended"):
        answers.answer_visit(link, yes, a_context(a_box(told=("offer-recalled",))))


def test_a_wrong_person_ends_the_link_and_a_stop_does_not() -> None:
    gone = answers.turn_away(
        a_link(), asked(TurnAway, answer="wrong-person", locale="en"), a_context()
    )
    assert (gone.state.is_open, gone.events[0].kind) == (False, "wrong-person")  # type: ignore[attr-defined]
    kept = answers.turn_away(a_link(), asked(TurnAway, answer="stop", locale="en"), a_context())
    assert (kept.state.is_open, kept.state.answer) == (True, None)
