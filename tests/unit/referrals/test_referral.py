from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.envelope import Erased
from schemas.referrals import (
    ActRefused,
    CandidatesRanked,
    ChoiceKept,
    NeedUnmet,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    ReferralClosed,
    ReferralOpened,
)
from services.chassis.kernel import Context, Decision, Refused
from services.referrals.domain import answers, needs, offering
from services.referrals.domain.answers import UNREPORTED
from services.referrals.domain.circumstances import answer_by
from services.referrals.domain.referral import (
    ANSWER,
    REMATCH,
    public_reference_of,
    referral_id_of,
)
from services.referrals.handlers import Answers
from tests.unit.referrals import acting
from tests.unit.referrals.acting import accept, decline, live, run_out, view_packet, view_preview
from tests.unit.referrals.builders import (
    NEED,
    NOW,
    REFERRAL,
    STUDENT,
    TODAY,
    a_book,
    a_choice,
    a_context,
    a_directory,
    a_family_answer,
    a_need,
    a_recorded,
    a_service,
    a_withdrawal,
    an_agreement,
    an_erasure,
    an_opened,
    an_organization,
    need_facts,
    refused,
    seats,
    signed,
    the_partner,
)


def kinds(decision: Decision[Any]) -> tuple[type[Any], ...]:
    return tuple(type(each) for each in decision.events)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


# -- opening -------------------------------------------------------------------------------------


def test_a_need_opens_a_referral_with_its_candidates() -> None:
    decision = needs.open_referral(None, a_need(), a_context())

    assert kinds(decision) == (ReferralOpened, CandidatesRanked)
    referral = decision.state
    assert referral is not None
    assert (referral.state, referral.is_open) == ("MATCHING", True)
    assert [each.state for each in referral.offers] == ["PROPOSED"] * 3
    assert referral.organization_ids == ()
    ranked = decision.events[1]
    assert isinstance(ranked, CandidatesRanked)
    facts = ranked.sealed.facts
    assert not isinstance(facts, Erased)
    assert [each.offer_id for each in facts.candidates] == [o.offer_id for o in referral.offers]


def test_a_need_told_again_changes_nothing() -> None:
    referral = an_opened()
    assert needs.open_referral(referral, a_need(), a_context()) == Decision(referral)


def test_a_need_that_nobody_meets_says_why_and_is_looked_at_again_tomorrow() -> None:
    context = a_context(directory=a_directory(a_service(areas=("hill",))))
    decision = needs.open_referral(None, a_need(), context)

    assert kinds(decision) == (ReferralOpened, NeedUnmet)
    referral = decision.state
    assert referral is not None
    assert referral.state == "UNMET"
    assert referral.clocks == {REMATCH: NOW + timedelta(days=1)}
    unmet = decision.events[1]
    assert isinstance(unmet, NeedUnmet)
    facts = unmet.sealed.facts
    assert not isinstance(facts, Erased)
    assert facts.failed_by_rule == {"area": 1}


def test_an_unmet_need_is_told_again_only_when_something_was_found() -> None:
    gone = a_context(directory=a_directory(a_service(areas=("hill",))))
    unmet = an_opened(gone)
    tomorrow = NOW + timedelta(days=1)

    again = run_out(unmet, replace(gone, now=tomorrow), name=REMATCH)
    assert again.events == ()
    assert again.state.clocks == {REMATCH: tomorrow + timedelta(days=1)}

    found = run_out(unmet, a_context(now=tomorrow, offer_mode="manual"), name=REMATCH)
    assert kinds(found) == (CandidatesRanked,)
    assert (found.state.state, found.state.clocks) == ("MATCHING", {})


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("assisted", (CandidatesRanked,)),  # the first is the case manager's to send
        ("automatic", (CandidatesRanked, OfferMade)),
    ],
)
def test_what_is_found_for_an_unmet_need_goes_out_by_itself_in_automatic_mode_alone(
    mode: str, told: tuple[type[Any], ...]
) -> None:
    unmet = an_opened(a_context(directory=a_directory(a_service(areas=("hill",)))))
    tomorrow = a_context(now=NOW + timedelta(days=1), offer_mode=mode)
    assert kinds(run_out(unmet, tomorrow, name=REMATCH)) == told


def test_in_automatic_mode_the_first_in_rank_is_asked_at_once() -> None:
    context = a_context(offer_mode="automatic")
    decision = needs.open_referral(None, a_need(), context)
    assert kinds(decision) == (ReferralOpened, CandidatesRanked, OfferMade)


@pytest.mark.parametrize("restricted", [True, False])
def test_a_restricted_need_is_never_offered_by_itself(*, restricted: bool) -> None:
    context = a_context(offer_mode="automatic", copy=signed(restricted=True))
    decision = needs.open_referral(None, a_need(restricted=restricted), context)
    assert (OfferMade in kinds(decision)) is not restricted


@pytest.mark.parametrize(
    ("restricted", "offer_first", "is_signed", "state"),
    [
        (False, True, False, "MATCHING"),
        (True, True, False, "AWAITING_CONSENT"),
        (False, False, False, "AWAITING_CONSENT"),
        (False, False, True, "MATCHING"),
    ],
)
def test_a_referral_waits_for_the_signature_where_nothing_may_go_out_without(
    *, restricted: bool, offer_first: bool, is_signed: bool, state: str
) -> None:
    context = a_context(offer_first=offer_first, copy=signed() if is_signed else None)
    assert an_opened(context, restricted=restricted).state == state


# -- choosing ------------------------------------------------------------------------------------


def test_a_choice_is_offered_with_a_held_place_and_answers_the_act() -> None:
    referral = an_opened()
    decision = offering.choose(referral, a_choice(referral), a_context())

    (made,) = decision.events
    assert isinstance(made, OfferMade)
    assert (made.seat, made.answers, made.made_at) == ("held", "act", NOW)
    facts = made.sealed.facts
    assert not isinstance(facts, Erased)
    assert facts.preview == need_facts().preview
    assert decision.state.state == "OFFERED"
    assert decision.state.clocks == {ANSWER: made.answer_by}
    assert decision.state.organization_ids == ("o1",)


FIGURES = st.fixed_dictionaries(
    {
        "maximum": st.none() | st.integers(0, 4),
        "occupied_outside": st.integers(0, 4),
        "taken": st.integers(0, 4),
        "held": st.integers(0, 4),
        "updated_on": st.sampled_from([TODAY, date(2026, 1, 1)]),  # or too old to count on
        "accepts_waitlist": st.booleans(),
    }
)


@given(FIGURES)
@example({"maximum": 1, "held": 3, "accepts_waitlist": True})  # lowered beneath what is held
def test_a_place_is_held_only_where_one_is_known_to_be_free(figures: dict[str, Any]) -> None:
    found = seats("s1", **figures)
    context = a_context(directory=a_directory(a_service()), book=a_book(found))
    referral = an_opened(a_context(directory=a_directory(a_service())))
    try:
        (made,) = offering.choose(referral, a_choice(referral), context).events
    except Refused:
        return
    assert isinstance(made, OfferMade)
    assert made.seat == ("held" if (found.known_free(TODAY) or 0) > 0 else "none")


def test_choosing_what_is_offered_already_is_settled_without_an_event() -> None:
    referral = acting.offered()
    again = a_choice(referral, offer_id=live(referral).offer_id)
    assert offering.choose(referral, again, a_context()) == Decision(referral)


@pytest.mark.parametrize(
    ("context", "code"),
    [
        (a_context(directory=a_directory(a_service(areas=("hill",)))), "rule_fails"),
        (a_context(directory=a_directory(agreement=None)), "rule_fails"),
        (a_context(directory=a_directory(a_service("s9"))), "rule_fails"),
        (a_context(book=a_book(seats(held=2))), "no_seat"),
        (a_context(copy=refused(of_all=True)), "consent_ended"),
        (a_context(doubted=[STUDENT]), "view_behind"),
    ],
)
def test_a_choice_is_judged_again_when_it_is_made(context: Context, code: str) -> None:
    referral = an_opened()
    assert code_of(lambda: offering.choose(referral, a_choice(referral), context)) == code


def test_a_refused_organization_fails_as_a_rule() -> None:
    referral, context = an_opened(), a_context(copy=refused("o1"))
    assert code_of(lambda: offering.choose(referral, a_choice(referral), context)) == "rule_fails"


def test_while_one_partner_is_asked_no_other_is() -> None:
    referral = acting.offered()
    assert code_of(lambda: offering.choose(referral, a_choice(referral), a_context())) == (
        "offers_full"
    )


def test_a_choice_of_an_unknown_referral_or_offer_is_refused() -> None:
    referral = an_opened()
    choice = a_choice(referral, offer_id="other")
    assert code_of(lambda: offering.choose(None, choice, a_context())) == "referral_unknown"
    assert code_of(lambda: offering.choose(referral, choice, a_context())) == "offer_unknown"


@pytest.mark.parametrize(("restricted", "offer_first"), [(True, True), (False, False)])
def test_a_choice_waits_for_the_signature(*, restricted: bool, offer_first: bool) -> None:
    context = a_context(offer_first=offer_first)
    referral = an_opened(context, restricted=restricted)
    decision = offering.choose(referral, a_choice(referral), context)

    (kept,) = decision.events
    assert isinstance(kept, ChoiceKept)
    assert kept.answers == "act"
    assert decision.state.state == "AWAITING_CONSENT"
    assert decision.state.organization_ids == ()


# -- answers -------------------------------------------------------------------------------------


def test_accepting_an_open_offer_takes_the_place() -> None:
    decision = accept(acting.offered(), starts_on=date(2026, 12, 1))

    (said,) = decision.events
    assert isinstance(said, OfferAccepted)
    assert (said.seat, said.accepted_by, said.starts_on) == (
        "taken",
        "coordinator",
        date(2026, 12, 1),
    )
    assert (decision.state.state, decision.state.clocks) == ("ACCEPTED", {})


def test_accepting_twice_changes_nothing() -> None:
    referral = acting.accepted()
    assert accept(referral) == Decision(referral)


def test_another_organization_sees_no_such_offer() -> None:
    referral, other = acting.offered(), the_partner("o2")
    for act in (accept, decline, view_preview, view_packet):
        assert code_of(lambda act=act: act(referral, scope=other)) == "offer_unknown"  # type: ignore[misc]


def test_nothing_is_accepted_once_the_family_said_no_or_is_not_surely_heard() -> None:
    referral = acting.offered()
    for context, code in (
        (a_context(copy=refused(of_all=True)), "consent_ended"),
        (a_context(doubted=[STUDENT]), "view_behind"),
    ):
        assert code_of(lambda c=context: accept(referral, c)) == code  # type: ignore[misc]


def test_a_restricted_offer_is_accepted_only_under_its_own_live_consent() -> None:
    own = a_context(copy=signed(restricted=True))
    referral = an_opened(own, restricted=True)
    referral = offering.choose(referral, a_choice(referral), own).state
    late = replace(own, now=NOW + timedelta(days=201))
    assert code_of(lambda: accept(referral, late)) == "consent_ended"
    assert accept(referral, own).state.state == "ACCEPTED"


def test_a_decline_frees_the_place_and_the_next_eligible_partner_is_asked() -> None:
    decision = decline(acting.offered(), code="no-capacity", text="Full until January.")

    no, ranked, made = decision.events
    assert isinstance(no, OfferDeclined)
    assert (no.seat, no.declined_at) == ("freed", NOW)
    facts = no.sealed.facts
    assert not isinstance(facts, Erased)
    assert (facts.code, facts.text) == ("no-capacity", "Full until January.")
    assert isinstance(ranked, CandidatesRanked)
    assert isinstance(made, OfferMade)
    assert made.answers is None
    assert live(decision.state).organization_id == "o2"
    assert decision.state.organization_ids == ("o1", "o2")


def test_the_next_is_left_to_the_case_manager_in_manual_mode() -> None:
    context = a_context(offer_mode="manual")
    decision = decline(acting.offered(context), context)
    assert kinds(decision) == (OfferDeclined, CandidatesRanked)
    assert (decision.state.state, decision.state.live) == ("MATCHING", None)


def test_a_possible_service_is_never_asked_by_itself() -> None:
    directory = a_directory(a_service("s1"), a_service("s2", areas=()))
    context = a_context(directory=directory)
    decision = decline(acting.offered(context), context)
    assert kinds(decision) == (OfferDeclined, CandidatesRanked)


def test_when_none_is_left_the_need_is_unmet() -> None:
    context = a_context(directory=a_directory(a_service("s1")))
    decision = decline(acting.offered(context), context)
    assert kinds(decision) == (OfferDeclined, NeedUnmet)
    assert decision.state.state == "UNMET"


def test_a_decline_needs_a_known_reason() -> None:
    referral = acting.offered()
    assert code_of(lambda: decline(referral, code="because")) == "decline_code_missing"


@pytest.mark.parametrize("category", ["health.dental", "counsel.social-skills"])
def test_of_health_and_counseling_no_reason_is_told(category: str) -> None:
    assert category.startswith(UNREPORTED)
    context = a_context(directory=a_directory(a_service(categories=(category,))))
    referral = an_opened(context, sealed=a_need(facts=need_facts(category=category)).sealed)
    referral = offering.choose(referral, a_choice(referral), context).state
    (no, *_) = decline(referral, context, code="not-eligible-insurance", text="uninsured").events
    assert isinstance(no, OfferDeclined)
    facts = no.sealed.facts
    assert not isinstance(facts, Erased)
    assert (facts.code, facts.text) == ("other", "")


def test_silence_ends_an_offer_and_the_next_is_asked() -> None:
    decision = run_out(acting.offered())
    assert kinds(decision) == (OfferExpired, CandidatesRanked, OfferMade)
    assert acting.asked(decision.state).state == "EXPIRED"
    assert live(decision.state).organization_id == "o2"


def test_after_its_time_a_service_may_be_asked_again_as_a_new_offer() -> None:
    context = a_context(directory=a_directory(a_service("s1")))
    silent = run_out(acting.offered(context), context).state
    later = replace(context, now=NOW + timedelta(days=31))
    again = run_out(silent, later, name=REMATCH).state
    first, second = again.offers
    assert (first.state, second.state) == ("EXPIRED", "OFFERED")
    assert first.offer_id != second.offer_id


@pytest.mark.parametrize(
    ("urgent", "start", "days", "ends"),
    [
        (
            False,
            datetime(2026, 11, 23, 15, tzinfo=UTC),
            None,
            datetime(2026, 11, 30, 22, tzinfo=UTC),
        ),
        (
            True,
            datetime(2026, 11, 23, 15, tzinfo=UTC),
            None,
            datetime(2026, 11, 24, 22, tzinfo=UTC),
        ),
        (
            True,
            datetime(2026, 11, 25, 15, tzinfo=UTC),
            None,
            datetime(2026, 11, 27, 22, tzinfo=UTC),
        ),
        (False, datetime(2026, 11, 23, 15, tzinfo=UTC), 2, datetime(2026, 11, 25, 22, tzinfo=UTC)),
        (False, datetime(2026, 11, 23, 23, tzinfo=UTC), 1, datetime(2026, 11, 25, 22, tzinfo=UTC)),
    ],
)
def test_an_answer_is_due_after_partner_days(
    *, urgent: bool, start: datetime, days: int | None, ends: datetime
) -> None:
    partner = an_organization(agreement=an_agreement(answer_days=days))
    due = answer_by(start, urgent=urgent, zone="America/New_York", organization=partner)
    assert due == ends


# -- by phone, by act ----------------------------------------------------------------------------


def test_a_yes_by_phone_follows_the_same_rules_and_answers_the_act() -> None:
    referral = acting.offered()
    said = a_recorded(referral, live(referral).offer_id)
    decision = answers.record_answer(referral, said, a_context())
    (yes,) = decision.events
    assert isinstance(yes, OfferAccepted)
    assert (yes.answers, yes.accepted_by) == ("act", "manager")
    assert answers.record_answer(decision.state, said, a_context()).events == ()


def test_a_no_by_phone_asks_the_next() -> None:
    referral = acting.offered()
    said = a_recorded(referral, live(referral).offer_id, answer="decline", code="no-capacity")
    decision = answers.record_answer(referral, said, a_context())
    assert [getattr(each, "answers", None) for each in decision.events] == ["act", None, None]


def test_a_late_yes_by_phone_is_refused() -> None:
    referral = acting.expired()
    said = a_recorded(referral, acting.asked(referral).offer_id)
    assert code_of(lambda: answers.record_answer(referral, said, a_context())) == "offer_closed"
    assert code_of(lambda: answers.record_answer(None, said, a_context())) == "referral_unknown"


def test_an_act_without_an_event_has_its_answer() -> None:
    choice = a_choice(an_opened())
    no = Answers().refused(choice, "no_seat", REFERRAL)
    assert isinstance(no, ActRefused)
    assert (no.answers, no.code, no.subject) == ("act", "no_seat", REFERRAL)
    assert getattr(Answers().settled(choice, REFERRAL), "answers", None) == "act"


# -- ends ----------------------------------------------------------------------------------------


def test_a_withdrawn_need_takes_everything_back() -> None:
    decision = needs.withdraw(acting.accepted(), a_withdrawal(), a_context())
    assert decision.state is not None
    assert decision.state.state == "CLOSED_UNRESOLVED"
    assert acting.asked(decision.state).state == "RECALLED"
    assert isinstance(decision.events[-1], ReferralClosed)
    assert needs.withdraw(decision.state, a_withdrawal(), a_context()).events == ()
    assert needs.withdraw(None, a_withdrawal(), a_context()).state is None


def test_of_an_erased_student_nothing_that_describes_the_need_stays() -> None:
    decision = needs.forget(acting.released(), an_erasure(), a_context())
    forgotten = decision.state
    assert (forgotten.facts, forgotten.category, forgotten.run) == (Erased(), "", None)
    assert not forgotten.is_open


def test_an_erased_need_opens_nothing() -> None:
    said = a_need()
    gone = said.model_copy(update={"sealed": said.sealed.model_copy(update={"plain": Erased()})})
    assert needs.open_referral(None, gone, a_context()) == Decision(None)


def test_the_family_answers_an_accepted_place_and_the_newest_word_counts() -> None:
    referral = acting.accepted()
    offer_id = live(referral).offer_id
    first = a_family_answer(referral, offer_id, kind="cannot-come")
    heard = answers.hear_family(referral, first, a_context()).state
    assert heard is not None
    assert acting.asked(heard).family is not None
    late = a_family_answer(referral, offer_id, at=NOW - timedelta(hours=1))
    assert answers.hear_family(heard, late, a_context()).state == heard
    other = a_family_answer(referral, offer_id, kind="consent")
    assert answers.hear_family(referral, other, a_context()).state == referral
    assert answers.hear_family(None, other, a_context()).state is None


# -- ids -----------------------------------------------------------------------------------------


def test_a_spoken_reference_is_short_and_always_the_same() -> None:
    assert public_reference_of(REFERRAL) == public_reference_of(referral_id_of(NEED))
    assert len(public_reference_of(REFERRAL)) == len("R-7KQ2-M4")
    assert public_reference_of(referral_id_of("other")) != public_reference_of(REFERRAL)


STATES = {
    "OFFERED": acting.offered,
    "ACCEPTED": acting.accepted,
    "DECLINED": acting.declined,
    "EXPIRED": acting.expired,
    "RECALLED": acting.recalled,
}
OUTCOMES = {
    ("accept", "OFFERED"): "ACCEPTED",
    ("accept", "ACCEPTED"): "same",
    ("decline", "OFFERED"): "DECLINED",
    ("decline", "DECLINED"): "same",
    ("view_preview", "OFFERED"): "OFFERED",
    ("view_preview", "ACCEPTED"): "ACCEPTED",
    ("view_preview", "DECLINED"): "same",
    ("view_preview", "EXPIRED"): "same",
    ("view_preview", "RECALLED"): "same",
    ("view_packet", "OFFERED"): "consent_missing",
    ("view_packet", "ACCEPTED"): "consent_missing",
}
COMMANDS = {
    "accept": accept,
    "decline": decline,
    "view_preview": view_preview,
    "view_packet": view_packet,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_every_state_acts_or_says_no(command: str, state: str) -> None:
    referral = STATES[state]()
    wanted = OUTCOMES.get((command, state), "offer_closed")
    if "_" in wanted:
        assert code_of(lambda: COMMANDS[command](referral)) == wanted
    elif wanted == "same":
        assert COMMANDS[command](referral) == Decision(referral)
    else:
        decision = COMMANDS[command](referral)
        assert acting.asked(decision.state).state == wanted
        assert decision.events
