"""Standing permissions: asked for a class, covering whatever falls under it, taken back."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from schemas.codes import CATEGORIES, CLASS_OF, RESTRICTED, Category, ConsentClass
from schemas.envelope import Erased
from schemas.plans import LedgerFacts
from schemas.referrals import ChoiceKept
from services.chassis.kernel import On, Refused, Tick
from services.chassis.scope import Scope
from services.plans.domain.asking import ask_for_choice, ask_for_kept, ask_for_offer
from services.plans.domain.consents import Consent, ConsentBook, clock_of
from services.plans.domain.covering import Use, covering, covers
from services.plans.domain.gate import pass_gate, run_out
from services.plans.domain.signing import RevokeConsent, revoke_for_family, take_answer
from services.plans.domain.standing import AskStanding, ask_standing
from services.plans.handlers import (
    TABLES,
    _kept_need,
    _kept_referral,
    _meant_need,
    _meant_referral,
)
from tests.unit.plans.builders import (
    ABOUT,
    DISTRICT,
    NEED,
    NOW,
    PARTIES,
    REFERRAL,
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
    with_terms,
)

SCENE = (a_student(), a_case(an_offer()), a_need())
CLASSES: tuple[ConsentClass, ...] = get_args(ConsentClass)


def asking(consent_class: ConsentClass = "enrichment", **given: Any) -> AskStanding:
    fields: dict[str, Any] = {"key": key_of("ask"), "scope": SCOPE, "student_id": STUDENT}
    return AskStanding(consent_class=consent_class, **(fields | given))


def use_of(category: Category, **given: Any) -> Use:
    return Use(organization_id="any", need_id=NEED, category=category, **given)


@pytest.mark.parametrize("consent_class", CLASSES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_a_class_covers_what_falls_under_it_and_never_what_is_restricted(
    category: Category, consent_class: ConsentClass
) -> None:
    consent = a_standing(consent_class=consent_class)
    family = category.partition(".")[0]
    belongs = {"health": "health", "enrich": "enrichment", "family": "family-support"}.get(family)
    if category == "counsel.social-skills":
        belongs = "enrichment"
    expected = belongs == consent_class and category not in RESTRICTED

    assert covers(consent, use_of(category), NOW) is expected
    assert not covers(consent, use_of(category, restricted=True), NOW)


@pytest.mark.parametrize(
    ("consent", "use"),
    [
        (a_standing(state="asked"), use_of("enrich.arts")),
        (a_standing(state="refused"), use_of("enrich.arts")),
        (a_standing(state="revoked"), use_of("enrich.arts")),
        (a_standing(expires_at=NOW), use_of("enrich.arts")),
        (a_standing(given_at=NOW + timedelta(seconds=1)), use_of("enrich.arts")),
        (replace(a_standing(), facts=Erased()), use_of("enrich.arts")),
        (a_standing(), replace(use_of("enrich.arts"), purpose="report-outcome")),
        (a_standing(), replace(use_of("enrich.arts"), records=("identity", "academic"))),
    ],
)
def test_a_class_covers_nothing_beyond_its_time_purpose_and_records(
    consent: Consent, use: Use
) -> None:
    assert not covers(consent, use, NOW)


def test_a_family_is_asked_for_a_class_that_names_no_party_and_no_need() -> None:
    decision = ask_standing(None, asking("health"), a_context(a_student()))

    (said,) = decision.events
    (consent,) = decision.state.consents
    assert types_of(decision.events) == ["ConsentRequested"]
    assert consent.is_standing
    assert said.need_id == said.referral_id == said.consent_id  # type: ignore[attr-defined]
    terms = said.sealed.facts  # type: ignore[attr-defined]
    assert (terms.consent_class, terms.parties) == ("health", ())
    assert CLASS_OF[terms.category] == "health"
    assert (terms.until.month, terms.until.day) == (9, 30)
    assert decision.state.case_manager_id == "manager"


def test_the_text_of_a_class_and_the_text_that_names_parties_have_versions_of_their_own() -> None:
    told = (
        ask_standing(None, asking(), a_context(a_student())).events[0],
        ask_for_choice(None, chosen(), a_context(*SCENE)).events[0],
    )

    assert len({each.sealed.facts.text_version for each in told}) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("book", "student", "code"),
    [
        (a_book(a_standing()), a_student(), "consent_stands"),
        (a_book(a_standing(state="asked")), a_student(), "consent_asked"),
        (None, a_student(a_contact(is_guardian="no")), "no_signer"),
        (None, a_student(facts=Erased()), "student_unknown"),
        (None, a_student(district="another"), "student_unknown"),
    ],
)
def test_asking_is_refused_where_nothing_is_to_be_asked(book: Any, student: Any, code: str) -> None:
    with pytest.raises(Refused, match=code):
        ask_standing(book, asking(), a_context(student))


def test_nobody_asks_for_a_student_of_another_school() -> None:
    elsewhere = Scope(district=DISTRICT, actor="m", within={"school_id": frozenset({"another"})})

    with pytest.raises(Refused, match="student_unknown"):
        ask_standing(None, asking(scope=elsewhere), a_context(a_student()))


@pytest.mark.parametrize(
    "before",
    [
        a_standing(state="asked", open_until=NOW),
        a_standing(state="refused"),
        a_standing(state="revoked"),
        a_standing(expires_at=NOW),
        a_standing(consent_class="health"),
        a_consent(0),
    ],
)
def test_what_has_ended_may_be_asked_for_again(before: Consent) -> None:
    decision = ask_standing(a_book(before), asking(), a_context(a_student()))

    assert types_of(decision.events) == ["ConsentRequested"]


@pytest.mark.parametrize("ask", [(ask_for_choice, chosen()), (ask_for_offer, offer_made())])
def test_a_need_under_a_live_class_is_asked_about_no_more(ask: Any) -> None:
    decide, said = ask

    assert decide(a_book(a_standing()), said, a_context(*SCENE)).events == ()
    for book in (a_book(a_standing(state="asked")), a_book(a_standing(consent_class="health"))):
        assert types_of(decide(book, said, a_context(*SCENE)).events) == ["ConsentRequested"]
    restricted = (a_student(), a_case(an_offer()), a_need(restricted=True))
    assert decide(a_book(a_standing()), said, a_context(*restricted)).events


def test_an_offer_whose_permission_was_taken_back_meanwhile_asks_the_family_nothing() -> None:
    book, context = a_book(a_standing(state="revoked")), a_context(*SCENE)

    resting = ask_for_offer(book, offer_made(consent_id="standing"), context)
    yes = pass_gate(resting.state, offer_accepted(), context)

    assert resting.events == ()
    assert yes.events[0].code == "consent-withdrawn"  # type: ignore[attr-defined]
    assert types_of(ask_for_offer(book, offer_made(), context).events) == ["ConsentRequested"]


SIGNED = with_terms(a_consent(1), parties=PARTIES[1:2])
TAKEN_BACK = replace(SIGNED, state="revoked", consent_id="taken back")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ([TAKEN_BACK], ["ConsentRequested"]),
        ([replace(SIGNED, state="refused")], ["ConsentRequested"]),
        ([SIGNED], []),
        ([replace(SIGNED, state="asked")], []),
        ([TAKEN_BACK, SIGNED], []),
        ([SIGNED, TAKEN_BACK], []),  # which was a no to its own partner alone
        ([TAKEN_BACK, replace(SIGNED, expires_at=NOW)], []),
        ([replace(TAKEN_BACK, need_id="another")], []),
    ],
)
def test_a_class_is_not_enough_for_a_need_that_was_taken_back_whoever_is_chosen(
    own: list[Consent], told: list[str]
) -> None:
    newcomer = an_offer(5, facts=offer_made(5).sealed)  # no form ever named it
    use = Use(organization_id="organization-5", need_id=NEED, category="enrich.tutoring")
    book, said = a_book(*own, a_standing()), ChoiceKept(**ABOUT, offer_id="offer-5", kept_at=NOW)

    decision = ask_for_kept(book, said, a_context(a_student(), a_case(newcomer), a_need()))

    assert types_of(decision.events) == told
    assert (covering(book, use, NOW) is None) is bool(told)


CHOICE_KEPT = ChoiceKept(**ABOUT, offer_id="offer-0", kept_at=NOW)


@pytest.mark.parametrize(
    ("book", "told"),
    [
        (a_book(a_standing(state="revoked")), ["ConsentRequested"]),
        (a_book(a_standing(state="revoked"), a_consent(state="asked")), []),
        (a_book(a_standing()), []),
        (None, ["ConsentRequested"]),
    ],
)
def test_a_choice_that_waits_for_a_signature_is_asked_about(book: Any, told: list[str]) -> None:
    (decide,) = [
        row.decide
        for row in TABLES.rows
        if isinstance(row, On) and row.message is ChoiceKept and row.kind is ConsentBook
    ]

    decision = decide(book, CHOICE_KEPT, a_context(*SCENE))

    assert types_of(decision.events) == told


def test_packet_and_ledger_name_the_standing_permission() -> None:
    decision = pass_gate(a_book(a_standing()), offer_accepted(), a_context(*SCENE))

    released, recorded = decision.events
    assert released.consent_id == "standing"  # type: ignore[attr-defined]
    entry: LedgerFacts = recorded.sealed.facts  # type: ignore[attr-defined]
    assert (entry.consent_id, entry.decision) == ("standing", "released")
    assert recorded.need_id == NEED  # type: ignore[attr-defined]


def test_a_standing_signature_releases_a_place_that_waits_for_one() -> None:
    waiting = pass_gate(a_book(a_standing(state="asked")), offer_accepted(), a_context(*SCENE))
    answer = an_answer(consent_id="standing", need_id="standing")

    signed = take_answer(waiting.state, answer, a_context(a_student()))
    looked_at = run_out(signed.state, a_tick(NOW), a_context(*SCENE))

    assert types_of(signed.events) == ["ConsentGiven"]
    assert signed.state.clocks == {clock_of("offer-0"): NOW}
    assert types_of(looked_at.events) == ["PacketReleased", "DisclosureRecorded"]
    assert looked_at.events[0].consent_id == "standing"  # type: ignore[attr-defined]
    assert looked_at.state.clocks == {}


def a_tick(at: datetime, number: int = 0) -> Tick:
    return Tick(kind="consent_books", subject=STUDENT, name=clock_of(f"offer-{number}"), at=at)


def test_a_look_at_a_place_that_the_class_does_not_reach_lets_it_wait_on() -> None:
    other = a_standing(state="asked", consent_class="health")
    waiting = pass_gate(a_book(other), offer_accepted(), a_context(*SCENE)).state
    answer = an_answer(consent_id="standing", need_id="standing")
    signed = take_answer(waiting, answer, a_context(a_student())).state

    looked_at = run_out(signed, a_tick(NOW), a_context(*SCENE))

    assert looked_at.events == ()
    assert looked_at.state.pending == waiting.pending
    assert run_out(looked_at.state, a_tick(NOW, 9), a_context(*SCENE)).state == looked_at.state


def test_a_clock_looks_at_the_need_and_the_referral_of_its_place() -> None:
    waiting = pass_gate(a_book(), offer_accepted(), a_context(*SCENE)).state

    assert _kept_need(waiting, a_tick(NOW)) == NEED
    assert _kept_referral(waiting, a_tick(NOW)) == REFERRAL
    assert _kept_need(waiting, a_tick(NOW, 9)) is None
    assert _kept_referral(None, a_tick(NOW)) is None


def test_a_standing_answer_looks_at_no_need() -> None:
    answer = an_answer(consent_id="standing", need_id="standing", referral_id="standing")

    assert _meant_need(a_book(a_standing(state="asked")), answer) is None
    assert _meant_referral(a_book(a_standing(state="asked")), answer) is None
    signed = take_answer(a_book(a_standing(state="asked")), answer, a_context(a_student()))
    assert types_of(signed.events) == ["ConsentGiven"]


@pytest.mark.parametrize("kind", ["refusal", "revocation"])
def test_taking_a_class_back_names_the_class_and_leaves_the_needs_own_words(kind: str) -> None:
    book = a_book(a_consent(0), a_standing())
    answer = an_answer(kind, consent_id="standing", need_id="standing")

    decision = take_answer(book, answer, a_context(a_student()))

    (said,) = decision.events
    assert said.of_all  # type: ignore[attr-defined]
    assert said.sealed.facts.consent_class == "enrichment"  # type: ignore[attr-defined]
    assert {each.consent_id: each.state for each in decision.state.consents} == {
        "consent": "given",
        "standing": "revoked",
    }


def test_a_refused_class_is_refused_as_a_whole() -> None:
    answer = an_answer("refusal", consent_id="standing", need_id="standing")

    decision = take_answer(a_book(a_standing(state="asked")), answer, a_context(a_student()))

    assert types_of(decision.events) == ["ConsentRefused"]
    assert decision.events[0].of_all  # type: ignore[attr-defined]
    assert decision.state.consents[0].state == "refused"


def test_a_case_manager_takes_a_class_back_for_a_family() -> None:
    asked = RevokeConsent(key=key_of("r"), scope=SCOPE, student_id=STUDENT, consent_id="standing")

    decision = revoke_for_family(a_book(a_standing()), asked, a_context())

    assert decision.state.consents[0].state == "revoked"
    assert decision.events[0].sealed.facts.consent_class == "enrichment"  # type: ignore[attr-defined]
