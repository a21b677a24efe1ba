"""The Gate as a table, kept places and their clock, and what a Packet holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.envelope import Erased, seal_of
from schemas.plans import DisclosureRecorded, LedgerFacts, PacketFacts
from schemas.referrals import (
    CoordinatorCard,
    OfferRecalled,
    PacketClosed,
    PacketViewed,
    PreviewViewed,
    ViewDenied,
)
from services.chassis.days import Calendar, Span
from services.chassis.kernel import Decision, Tick
from services.plans.domain.consents import clock_of
from services.plans.domain.coordinators import Coordinator
from services.plans.domain.gate import forget_place, pass_gate, run_out
from services.plans.domain.packets import packet
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.signing import take_answer
from services.plans.domain.views import SOMEBODY, record_end, record_view
from tests.unit.plans.builders import (
    ABOUT,
    DISTRICT,
    NOW,
    PARTIES,
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
    offer_accepted,
    types_of,
    with_terms,
)

SCENE = (a_student(), a_case(an_offer()), a_need())
RELEASED = ["PacketReleased", "DisclosureRecorded"]
PENDING = ["PacketPending", "DisclosureRecorded"]
ASKED_NOW = ["ConsentRequested", *PENDING]
WITHHELD = ["PacketWithheld", "DisclosureRecorded"]


def after_yes(book: Any, *seen: Any) -> Any:
    return pass_gate(book, offer_accepted(), a_context(*(seen or SCENE)))


TABLE: list[tuple[str, Any, Any, str | None]] = [
    ("signed", a_book(a_consent(0)), RELEASED, None),
    ("never asked", None, ASKED_NOW, None),
    ("asked", a_book(a_consent(state="asked")), PENDING, None),
    ("asked about others", a_book(with_terms(a_consent(1), parties=PARTIES[1:2])), ASKED_NOW, None),
    ("signed for others", a_book(a_consent(1)), WITHHELD, "family-declined"),
    ("refused", a_book(a_consent(state="refused")), WITHHELD, "family-declined"),
    ("revoked", a_book(a_consent(0, state="revoked")), WITHHELD, "consent-withdrawn"),
    ("expired", a_book(a_consent(0, expires_at=NOW)), ASKED_NOW, None),
    ("standing", a_book(a_standing()), RELEASED, None),
    ("standing for another class", a_book(a_standing(consent_class="health")), ASKED_NOW, None),
    ("standing, not signed yet", a_book(a_standing(state="asked")), ASKED_NOW, None),
    ("standing, refused", a_book(a_standing(state="refused")), ASKED_NOW, None),
    ("standing, ended", a_book(a_standing(expires_at=NOW)), ASKED_NOW, None),
    ("standing, taken back", a_book(a_standing(state="revoked")), WITHHELD, "consent-withdrawn"),
    (
        "standing, this need refused",
        a_book(a_consent(state="refused"), a_standing()),
        WITHHELD,
        "family-declined",
    ),
    (
        "standing, this need taken back and asked anew",
        a_book(
            a_consent(0, state="revoked"), a_consent(state="asked", consent_id="new"), a_standing()
        ),
        PENDING,
        None,
    ),
    (
        "standing taken back, then this need asked about",
        a_book(a_standing(state="revoked"), a_consent(state="asked")),
        PENDING,
        None,
    ),
    (
        "revoked, then asked anew",
        a_book(a_consent(0, state="revoked"), a_consent(state="asked", consent_id="new")),
        PENDING,
        None,
    ),
    (
        "refused, then signed anew",
        a_book(a_consent(state="refused"), a_consent(0, consent_id="new")),
        RELEASED,
        None,
    ),
    ("signed for another need", a_book(a_consent(0, need_id="another")), RELEASED, None),
    (
        "signed for another need, refused for this one",
        a_book(a_consent(0, need_id="another", consent_id="old"), a_consent(state="refused")),
        WITHHELD,
        "family-declined",
    ),
    (
        "refused for another need",
        a_book(a_consent(state="refused", need_id="another")),
        ASKED_NOW,
        None,
    ),
]


@pytest.mark.parametrize(
    ("book", "told", "code"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_gate_releases_waits_or_withholds(book: Any, told: list[str], code: Any) -> None:
    decision = after_yes(book)

    assert types_of(decision.events) == told
    assert getattr(decision.events[0], "code", None) == code
    assert bool(decision.state.pending) is (told[-2:] == PENDING)


@pytest.mark.parametrize(
    "seen",
    [
        (a_student(), a_case(run=None), a_need()),
        (a_student(), a_case(), a_need(facts=Erased())),
        (a_student(facts=Erased()), a_case(), a_need()),
    ],
)
def test_nothing_is_released_once_somebody_is_erased(seen: Any) -> None:
    decision = after_yes(a_book(a_consent(0)), *seen)

    assert types_of(decision.events) == ["PacketWithheld"]


def test_nothing_is_told_of_a_place_whose_need_has_ended() -> None:
    for state in ("WITHDRAWN", "MET", "NOT_MET"):
        decision = after_yes(a_book(a_consent(0)), *SCENE[:2], a_need(state=state))

        assert decision == Decision(a_book(a_consent(0)))


def packet_of(decision: Any) -> PacketFacts:
    facts: PacketFacts = decision.events[0].sealed.facts
    return facts


def test_a_packet_holds_what_the_classes_allow_and_names_whom_to_call() -> None:
    facts = packet_of(after_yes(a_book(a_consent(0))))

    assert (facts.preferred_name, facts.surname, facts.age_years) == ("Ada", "Pebblebrook", 8)
    assert (facts.contact_name, facts.contact_channel) == ("The mother", "+16175550100")
    assert facts.case_manager_name == "Nora Harborlight"
    assert facts.summary == "Help with homework"
    assert facts.consent_until == date(2027, 9, 30)


def test_a_packet_names_whoever_signed_where_no_guardian_gets_the_news() -> None:
    aunt = a_contact("aunt", is_guardian="no")
    student = a_student(a_contact(notify="none"), aunt)

    facts = packet_of(after_yes(a_book(a_consent(0)), student, *SCENE[1:]))

    assert facts.contact_name == "The mother"


def test_a_class_that_was_not_signed_is_not_in_the_packet() -> None:
    consent = with_terms(a_consent(0), records=("need-summary", "identity"))
    use_all = a_book(consent)

    decision = after_yes(use_all)

    assert types_of(decision.events)[0] != "PacketReleased"


@pytest.mark.parametrize(
    ("records", "absent"),
    [
        (("need-summary",), ("surname", "contact_name", "windows")),
        (("identity",), ("contact_name", "summary")),
        (("contact",), ("surname", "summary")),
    ],
)
def test_packets_are_built_class_by_class(records: Any, absent: tuple[str, ...]) -> None:
    consent = with_terms(a_consent(0), records=records)

    facts = packet(a_context(*SCENE), consent)

    assert facts is not None
    assert all(not getattr(facts, name) for name in absent)


def test_the_ledger_names_the_fields_that_were_really_told() -> None:
    entry = after_yes(a_book(a_consent(0))).events[1].sealed.facts

    assert "surname" in entry.fields
    assert "windows" not in entry.fields
    assert entry.consent_id == "consent"
    assert entry.party == "Tide Pool"


# -- kept places -----------------------------------------------------------------------------


def test_a_place_is_kept_for_five_school_days() -> None:
    decision = after_yes(None)

    (kept,) = decision.state.pending
    assert kept.kept_until == datetime(2026, 11, 30, 22, tzinfo=UTC)  # Monday, 17:00 local
    assert decision.state.clocks == {clock_of("offer-0"): kept.kept_until}


def test_a_place_is_kept_for_five_weekdays_while_school_is_out() -> None:
    no_school = Calendar(
        zone="America/New_York", seasons=(Span(date(2025, 9, 1), date(2026, 6, 1)),)
    )
    context = a_context(*SCENE)
    seen = {**context.seen, SchoolDays: SchoolDays({STUDENT: no_school})}

    decision = pass_gate(None, offer_accepted(), replace(context, seen=seen))

    assert decision.state.pending[0].kept_until == datetime(2026, 11, 30, 22, tzinfo=UTC)


def a_tick(at: datetime) -> Tick:
    return Tick(kind="consent_books", subject=STUDENT, name=clock_of("offer-0"), at=at)


WAITING = after_yes(a_book(a_consent(state="asked"))).state


def test_the_signature_releases_the_place_that_waited_for_it() -> None:
    decision = take_answer(WAITING, an_answer(), a_context(*SCENE))

    assert types_of(decision.events) == ["ConsentGiven", *RELEASED]
    assert decision.state.pending == ()


def test_nothing_is_signed_for_a_need_that_has_ended_and_nothing_released() -> None:
    withdrawn = a_context(*SCENE[:2], a_need(state="WITHDRAWN"))

    signed = take_answer(WAITING, an_answer(), withdrawn)
    looked_at = run_out(signed.state, a_tick(NOW), withdrawn)

    assert signed == Decision(WAITING)
    assert looked_at.events == ()
    assert looked_at.state.pending == WAITING.pending  # until its offer is recalled


def test_a_signature_for_others_gives_the_place_up() -> None:
    decision = take_answer(WAITING, an_answer("consent", 1), a_context(*SCENE))

    assert types_of(decision.events) == ["ConsentGiven", *WITHHELD]
    assert decision.events[1].code == "family-declined"  # type: ignore[attr-defined]


def test_a_place_is_released_by_the_signature_that_ends_an_older_one() -> None:
    older = with_terms(a_consent(1, consent_id="older"), parties=PARTIES[1:2])
    waiting = after_yes(a_book(older, a_consent(state="asked"))).state

    decision = take_answer(waiting, an_answer("consent", 0), a_context(*SCENE))

    assert types_of(decision.events) == ["ConsentGiven", "ConsentRevoked", *RELEASED]
    assert decision.state.pending == ()


@pytest.mark.parametrize(("parties", "is_kept"), [((), False), ((0,), False), ((1,), True)])
def test_a_refusal_gives_up_the_places_it_is_about(
    parties: tuple[int, ...],
    is_kept: bool,  # noqa: FBT001
) -> None:
    decision = take_answer(WAITING, an_answer("refusal", *parties), a_context(*SCENE))

    assert bool(decision.state.pending) is is_kept
    assert ("PacketWithheld" in types_of(decision.events)) is not is_kept


def test_silence_gives_the_place_up_when_its_clock_runs_out() -> None:
    at = WAITING.pending[0].kept_until

    decision = run_out(WAITING, a_tick(at), a_context(*SCENE, now=at))

    assert types_of(decision.events) == WITHHELD
    assert decision.events[0].code == "consent-missing"  # type: ignore[attr-defined]
    assert decision.events[1].sealed.facts.party == "Tide Pool"  # type: ignore[attr-defined]
    assert decision.state.clocks == {}


def test_an_offer_that_ended_keeps_no_place() -> None:
    said = OfferRecalled(
        **ABOUT, offer_id="offer-0", seat="freed", code="staff-decision", recalled_at=NOW
    )

    assert forget_place(WAITING, said, a_context()).state.pending == ()  # type: ignore[union-attr]
    assert forget_place(None, said, a_context()).state is None


def test_a_second_yes_for_the_same_offer_keeps_one_place() -> None:
    again = pass_gate(WAITING, offer_accepted(), a_context(*SCENE, now=NOW + timedelta(days=1)))

    assert len(again.state.pending) == 1


# -- views -----------------------------------------------------------------------------------


def a_coordinator() -> Coordinator:
    card = seal_of("coordinator", CoordinatorCard(name="Dee Anchorage"))
    return Coordinator(coordinator_id="coordinator", district=DISTRICT, card=card)


def a_view(kind: Any, **given: Any) -> Any:
    at = "denied_at" if kind is ViewDenied else "viewed_at"
    fields = {**ABOUT, "offer_id": "offer-0", "viewed_by": "coordinator", at: NOW, **given}
    return kind(**fields)


def facts_of(said: Any) -> LedgerFacts:
    assert isinstance(said, DisclosureRecorded)
    facts = said.sealed.facts
    assert isinstance(facts, LedgerFacts)
    return facts


@pytest.mark.parametrize(
    ("said", "kind", "decision", "channel"),
    [
        (a_view(PreviewViewed), "preview", "shown", "page"),
        (a_view(PacketViewed), "view", "shown", "page"),
        (a_view(PacketViewed, channel="print"), "view", "shown", "print"),
        (a_view(ViewDenied, code="consent_ended"), "denied", "denied", "none"),
    ],
)
def test_each_look_is_entered_with_who_looked(
    said: Any, kind: str, decision: str, channel: str
) -> None:
    context = a_context(*SCENE, a_coordinator())

    told = facts_of(record_view(a_book(a_consent(0)), said, context).events[0])

    assert (told.kind, told.decision, told.channel) == (kind, decision, channel)
    assert (told.actor, told.party) == ("Dee Anchorage", "Tide Pool")
    assert bool(told.fields) is (decision == "shown")


def test_a_look_by_somebody_unknown_is_entered_all_the_same() -> None:
    decision = record_view(None, a_view(PreviewViewed), a_context(*SCENE))

    assert facts_of(decision.events[0]).actor == SOMEBODY
    assert decision.state.ledger.number == 1


@pytest.mark.parametrize("state", ["given", "revoked"])
def test_a_look_names_the_consent_it_was_shown_under_whatever_became_of_it(state: str) -> None:
    book = a_book(a_consent(0, state=state), a_consent(0, consent_id="later"))
    said = a_view(PacketViewed, consent_id="consent")

    told = facts_of(record_view(book, said, a_context(*SCENE)).events[0])

    assert told.consent_id == "consent"
    assert "surname" in told.fields
    assert told.classes


def test_a_look_names_its_consent_even_where_the_book_no_longer_has_it() -> None:
    said = a_view(PacketViewed, consent_id="forgotten")

    told = facts_of(record_view(a_book(a_consent(0)), said, a_context(*SCENE)).events[0])

    assert (told.consent_id, told.fields) == ("forgotten", ())


def test_the_end_of_looking_is_entered() -> None:
    said = PacketClosed(**ABOUT, offer_id="offer-0", code="consent-withdrawn", closed_at=NOW)

    told = facts_of(record_end(a_book(), said, a_context(*SCENE)).events[0])

    assert (told.decision, told.reason) == ("ended", "consent-withdrawn")
