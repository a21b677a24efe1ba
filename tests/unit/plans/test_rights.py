"""Whoever loses the rights takes their yes along: at the Gate, at the asking, on the page."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.envelope import Erased
from services.chassis.kernel import Tick
from services.plans.domain.acts import ChoosePartner, choose
from services.plans.domain.asking import ask_for_choice, ask_for_offer, follow_student
from services.plans.domain.consents import clock_of
from services.plans.domain.gate import pass_gate, run_out
from services.plans.domain.rights import in_force
from services.plans.domain.signing import take_answer
from services.plans.domain.standing import AskStanding, ask_standing
from services.plans.domain.students import StudentFacts, card_of
from tests.unit.plans.builders import (
    NEED,
    NOW,
    SCOPE,
    STUDENT,
    a_book,
    a_case,
    a_consent,
    a_contact,
    a_context,
    a_need,
    a_standing,
    a_student,
    an_answer,
    an_offer,
    chosen,
    key_of,
    offer_accepted,
    offer_made,
    types_of,
)

BARRED = a_contact(restrictions=frozenset({"no-contact"}))
FATHER = a_contact("father")
LEFT_WITH_FATHER = a_student(BARRED, FATHER)
LEFT_ALONE = a_student(BARRED)
GONE = a_student(FATHER)
SAME = a_student(a_contact(), FATHER)
RELEASED = ["PacketReleased", "DisclosureRecorded"]
PENDING = ["PacketPending", "DisclosureRecorded"]
ASKED_NOW = ["ConsentRequested", *PENDING]
WITHHELD = ["PacketWithheld", "DisclosureRecorded"]


def born(day: date) -> Any:
    return a_student(facts=StudentFacts(first_name="Ada", surname="Pebblebrook", birth_date=day))


def scene(student: Any) -> Any:
    return a_context(student, a_case(an_offer()), a_need())


@pytest.mark.parametrize(
    ("student", "told", "code"),
    [
        (SAME, RELEASED, None),
        (LEFT_WITH_FATHER, ASKED_NOW, None),
        (LEFT_ALONE, WITHHELD, "consent-missing"),
        (GONE, ASKED_NOW, None),
        (a_student(a_contact(is_guardian="no"), FATHER), ASKED_NOW, None),
        (born(date(2008, 11, 23)), RELEASED, None),  # of age today
        (born(date(2008, 10, 25)), RELEASED, None),  # for 29 days
        (born(date(2008, 10, 24)), WITHHELD, "consent-missing"),
    ],
)
@pytest.mark.parametrize("signed", [a_consent(0), a_standing()])
def test_the_gate_releases_only_what_somebody_with_the_rights_has_signed(
    signed: Any, student: Any, told: list[str], code: str | None
) -> None:
    decision = pass_gate(a_book(signed), offer_accepted(), scene(student))

    assert types_of(decision.events) == told
    assert getattr(decision.events[0], "code", None) == code
    assert signed in decision.state.consents


@pytest.mark.parametrize(
    ("book", "told", "code"),
    [
        (a_book(a_consent(0, contact_id="father")), RELEASED, None),
        (a_book(a_consent(0, contact_id="father"), a_standing()), RELEASED, None),
        (a_book(a_consent(0), a_standing(contact_id="father")), RELEASED, None),
        (a_book(a_consent(state="asked")), ASKED_NOW, None),
        (a_book(a_consent(state="asked", contact_id="father")), PENDING, None),
        (a_book(a_consent(1)), WITHHELD, "family-declined"),
        (a_book(a_consent(state="refused")), WITHHELD, "family-declined"),
        (a_book(a_consent(0, state="revoked")), WITHHELD, "consent-withdrawn"),
        (a_book(a_standing(state="revoked")), WITHHELD, "consent-withdrawn"),
    ],
)
def test_a_no_outlives_the_rights_of_whoever_said_it_and_the_others_word_counts(
    book: Any, told: list[str], code: str | None
) -> None:
    decision = pass_gate(book, offer_accepted(), scene(LEFT_WITH_FATHER))

    assert types_of(decision.events) == told
    assert getattr(decision.events[0], "code", None) == code


def test_where_nobody_ever_may_sign_no_place_is_kept() -> None:
    decision = pass_gate(None, offer_accepted(), scene(LEFT_ALONE))

    assert types_of(decision.events) == WITHHELD
    assert decision.state.pending == ()


@pytest.mark.parametrize("book", [a_book(a_standing()), a_book(a_consent(0))])
@pytest.mark.parametrize("ask", [(ask_for_choice, chosen()), (ask_for_offer, offer_made())])
def test_somebody_else_is_asked_where_the_signer_lost_the_rights(book: Any, ask: Any) -> None:
    decide, said = ask

    (asked,) = decide(book, said, scene(LEFT_WITH_FATHER)).events

    assert asked.contact_id == "father"
    assert decide(book, said, scene(SAME)).events == ()


def a_look(book: Any, student: Any, **given: Any) -> Any:
    tick = Tick(kind="consent_books", subject=STUDENT, name=clock_of("offer-0"), at=NOW)
    return run_out(book, tick, replace(scene(student), **given))


def test_a_kept_place_is_not_released_where_the_signer_is_barred_before_it_is_looked_at() -> None:
    book = a_book(a_standing(state="asked"))
    waiting = pass_gate(book, offer_accepted(), scene(SAME)).state
    answer = an_answer(consent_id="standing", need_id="standing")
    signed = take_answer(waiting, answer, a_context(SAME)).state

    decision = a_look(signed, LEFT_WITH_FATHER)

    assert types_of(decision.events) == ["ConsentRequested"]
    assert decision.state.pending == waiting.pending
    assert types_of(a_look(signed, SAME).events) == RELEASED


@pytest.mark.parametrize(
    ("student", "told"),
    [
        (SAME, []),
        (LEFT_WITH_FATHER, ["ConsentRequested"]),
        (LEFT_ALONE, WITHHELD),
        (a_student(facts=Erased()), []),
    ],
)
def test_a_kept_place_is_looked_at_when_the_contacts_change(student: Any, told: list[str]) -> None:
    waiting = pass_gate(None, offer_accepted(), scene(SAME)).state
    said = card_of(LEFT_WITH_FATHER)

    changed = follow_student(waiting, said, a_context()).state
    decision = a_look(changed, student)

    assert changed.clocks == {clock_of("offer-0"): NOW}
    assert types_of(decision.events) == told
    assert bool(decision.state.pending) is (told != WITHHELD)


def test_nobody_is_asked_about_a_place_that_is_given_up() -> None:
    waiting = pass_gate(None, offer_accepted(), scene(SAME)).state

    decision = a_look(waiting, LEFT_WITH_FATHER, now=waiting.pending[0].kept_until)

    assert types_of(decision.events) == WITHHELD


@pytest.mark.parametrize("state", ["given", "asked"])
def test_a_class_may_be_asked_of_somebody_else_then(state: str) -> None:
    asked = AskStanding(
        key=key_of("ask"), scope=SCOPE, student_id=STUDENT, consent_class="enrichment"
    )

    decision = ask_standing(a_book(a_standing(state=state)), asked, a_context(LEFT_WITH_FATHER))

    assert decision.events[0].contact_id == "father"  # type: ignore[attr-defined]


def test_a_book_in_force_is_the_book_while_nobody_lost_the_rights() -> None:
    book = a_book(a_consent(0), a_consent(state="asked", consent_id="open"), a_standing())

    assert in_force(book, SAME, NOW, NOW.date()) == book
    assert in_force(replace(book, consents=()), LEFT_ALONE, NOW, NOW.date()).consents == ()


@pytest.mark.parametrize(
    ("hour", "told"),
    [(4, ["ConsentGiven"]), (6, [])],
    ids=["an hour before midnight there", "an hour after it"],
)
def test_rights_end_with_the_day_of_the_school_and_not_with_that_of_greenwich(
    hour: int, told: list[str]
) -> None:
    birthday = born(date(2008, 11, 25))
    book = a_book(a_consent(state="asked"))
    at = datetime(2026, 11, 25, hour, tzinfo=UTC)

    decision = take_answer(book, an_answer(), a_context(birthday, a_case(), a_need(), now=at))

    assert types_of(decision.events) == told


ON_THE_EVE = datetime(2026, 11, 25, 4, tzinfo=UTC)  # 23:00 on the 24th at the school


def test_on_the_eve_of_coming_of_age_a_partner_can_still_be_chosen() -> None:
    birthday, asked = (
        born(date(2008, 11, 25)),
        ChoosePartner(key=key_of("choose"), scope=SCOPE, need_id=NEED, offer_id="offer-0"),
    )

    decision = choose(a_need(), asked, a_context(a_case(), birthday, now=ON_THE_EVE))

    assert types_of(decision.events) == ["PartnerChosen"]


@pytest.mark.parametrize(
    ("hour", "told"),
    [(4, RELEASED), (6, WITHHELD)],
    ids=["an hour before midnight there", "an hour after it"],
)
def test_a_guardians_signature_lives_on_for_thirty_days_of_the_school(
    hour: int, told: list[str]
) -> None:
    of_age = born(date(2008, 10, 26))
    at = datetime(2026, 11, 25, hour, tzinfo=UTC)
    context = a_context(of_age, a_case(an_offer()), a_need(), now=at)

    decision = pass_gate(a_book(a_consent(0)), offer_accepted(), context)

    assert types_of(decision.events) == told
