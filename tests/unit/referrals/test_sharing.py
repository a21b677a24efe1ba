from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import Erased
from schemas.referrals import (
    CandidatesRanked,
    OfferMade,
    OfferRecalled,
    PacketClosed,
    PacketViewed,
    PreviewViewed,
    ReferralClosed,
    ViewDenied,
)
from services.chassis.kernel import Decision, Refused
from services.referrals.domain import consents, offering, sharing
from services.referrals.domain.consents import ConsentCopy, blank
from services.referrals.domain.referral import Referral
from tests.unit.referrals import acting
from tests.unit.referrals.acting import live, view_packet, view_preview
from tests.unit.referrals.builders import (
    DISTRICT,
    NOW,
    STUDENT,
    TUTORING,
    a_choice,
    a_consent,
    a_context,
    a_pending,
    a_refusal,
    a_release,
    a_revocation,
    a_withholding,
    an_erasure,
    an_opened,
    refused,
    signed,
)

LATER = NOW + timedelta(days=201)


def covers(copy: ConsentCopy, organization_id: str, **given: object) -> bool:
    asked = {"category": TUTORING, "restricted": False, "now": NOW, **given}
    return copy.covers(organization_id, **asked)  # type: ignore[arg-type]


# -- the copy ------------------------------------------------------------------------------------


def test_a_signature_covers_the_named_organizations_until_it_ends() -> None:
    copy = consents.copy_grant(None, a_consent("o1"), a_context()).state
    assert covers(copy, "o1")
    assert not covers(copy, "o2")
    assert not covers(copy, "o1", now=LATER)


def test_a_restricted_need_is_covered_by_its_own_signature_alone() -> None:
    plain = consents.copy_grant(None, a_consent("o1"), a_context()).state
    own = consents.copy_grant(None, a_consent("o1", restricted=True), a_context()).state
    assert not covers(plain, "o1", restricted=True)
    assert covers(own, "o1", restricted=True)
    assert not covers(own, "o1", restricted=True, category="counsel.grief")


def test_a_signature_for_another_category_covers_nobody() -> None:
    dental = consents.copy_grant(None, a_consent("o1", category="health.dental"), a_context()).state
    assert covers(dental, "o1", category="health.dental")
    assert not covers(dental, "o1")
    assert dental.covered(category=TUTORING, restricted=False, now=NOW) == frozenset()


def test_a_revocation_of_all_ends_everything_of_its_consent_until_a_new_signature() -> None:
    copy = consents.copy_grant(None, a_consent(), a_context()).state
    copy = consents.copy_revocation(copy, a_revocation(), a_context()).state
    assert not covers(copy, "o1")
    assert copy.forbids("o1", "need")
    assert not copy.forbids("o1", "another need")
    copy = consents.copy_grant(copy, a_consent("o1", consent_id="new"), a_context()).state
    assert covers(copy, "o1")
    assert not copy.forbids("o1", "need")


def test_a_refusal_of_one_party_leaves_the_others() -> None:
    copy = consents.copy_grant(None, a_consent(), a_context()).state
    copy = consents.copy_refusal(copy, a_refusal("o1"), a_context()).state
    assert (covers(copy, "o1"), covers(copy, "o2")) == (False, True)
    assert (copy.forbids("o1", "need"), copy.forbids("o2", "need")) == (True, False)


def leaving_out(*organization_ids: str) -> ConsentCopy:
    """The copy of a family that signed for the first partner and left out others."""
    said = a_consent("o1", left_out=organization_ids)
    return consents.copy_grant(None, said, a_context()).state


def test_whom_a_signature_leaves_out_gets_nothing_until_a_later_one_names_it() -> None:
    copy = leaving_out("o2")
    assert [copy.forbids(each, "need") for each in ("o1", "o2", "o3")] == [False, True, False]
    assert not copy.forbids("o2", "another need")
    copy = consents.copy_grant(copy, a_consent("o2", consent_id="later"), a_context()).state
    assert not copy.forbids("o2", "need")


def test_a_no_whose_scope_cannot_be_read_is_about_all() -> None:
    said = a_refusal("o1")
    gone = said.model_copy(update={"sealed": said.sealed.model_copy(update={"plain": Erased()})})
    assert consents.copy_refusal(None, gone, a_context()).state.has_ended("need")


def test_an_unreadable_signature_covers_nobody() -> None:
    said = a_consent()
    gone = said.model_copy(update={"sealed": said.sealed.model_copy(update={"plain": Erased()})})
    assert consents.copy_grant(None, gone, a_context()).state == blank(STUDENT, DISTRICT)


def test_an_erased_student_leaves_an_empty_copy() -> None:
    assert consents.forget(signed(), an_erasure(), a_context()).state == blank(STUDENT, DISTRICT)


# -- signatures ----------------------------------------------------------------------------------


def kept(*, restricted: bool = True) -> Referral:
    referral = an_opened(a_context(offer_first=False), restricted=restricted)
    context = a_context(offer_first=False)
    return offering.choose(referral, a_choice(referral), context).state


def test_a_kept_choice_goes_out_with_the_signature() -> None:
    context = a_context(copy=signed(restricted=True))
    decision = sharing.hear_consent(kept(), a_consent(restricted=True), context)
    (made,) = decision.events
    assert isinstance(made, OfferMade)
    assert decision.state.state == "OFFERED"
    assert decision.state.kept_offer_id is None


def test_a_signature_for_others_leaves_the_choice_to_the_case_manager() -> None:
    context = a_context(copy=signed("o2", restricted=True))
    decision = sharing.hear_consent(kept(), a_consent("o2", restricted=True), context)
    assert [type(each) for each in decision.events] == [CandidatesRanked]
    assert decision.state.state == "MATCHING"
    assert decision.state.offers[0].organization_id == "o2"


def test_whom_the_signature_left_out_is_passed_over_when_the_next_is_asked() -> None:
    context = a_context(copy=leaving_out("o2"))
    assert live(acting.declined(context)).organization_id == "o3"


@pytest.mark.parametrize("state", [acting.offered, acting.accepted])
def test_a_signature_that_leaves_out_the_asked_partner_asks_the_signed_one(state: object) -> None:
    referral = state()  # type: ignore[operator]
    said = a_consent("o2", left_out=("o1",))
    context = a_context(copy=consents.copy_grant(None, said, a_context()).state)
    decision = sharing.hear_consent(referral, said, context)
    recalled, _, made = decision.events
    assert isinstance(recalled, OfferRecalled)
    assert recalled.code == "family-declined"
    assert isinstance(made, OfferMade)
    assert live(decision.state).organization_id == "o2"
    elsewhere = said.model_copy(update={"need_id": "other"})
    assert sharing.hear_consent(referral, elsewhere, a_context()) == Decision(referral)


def test_a_signature_for_another_need_changes_nothing() -> None:
    waiting = kept()
    decision = sharing.hear_consent(waiting, a_consent(need_id="other"), a_context())
    assert decision == Decision(waiting)


def test_a_signature_changes_nothing_of_an_open_offer() -> None:
    referral = acting.offered()
    assert sharing.hear_consent(referral, a_consent(), a_context()) == Decision(referral)


def test_a_new_signature_ends_the_hold_after_a_revocation() -> None:
    context = a_context(copy=refused(of_all=True))
    held = sharing.hear_revocation(acting.offered(), a_revocation(), context).state
    assert held.state == "ON_HOLD"
    again = sharing.hear_consent(held, a_consent(), a_context(copy=signed()))
    assert again.state.state == "MATCHING"


# -- refusals and revocations --------------------------------------------------------------------


def test_a_refusal_of_all_ends_the_referral() -> None:
    decision = sharing.hear_refusal(acting.offered(), a_refusal(), a_context())
    recalled, closed = decision.events
    assert isinstance(recalled, OfferRecalled)
    assert (recalled.code, recalled.seat) == ("family-declined", "freed")
    assert isinstance(closed, ReferralClosed)
    assert decision.state.state == "CLOSED_DECLINED"
    assert decision.state.clocks == {}


def test_a_refusal_of_the_asked_party_asks_the_next() -> None:
    context = a_context(copy=refused("o1"))
    decision = sharing.hear_refusal(acting.offered(), a_refusal("o1"), context)
    assert [type(each) for each in decision.events] == [OfferRecalled, CandidatesRanked, OfferMade]
    assert live(decision.state).organization_id == "o2"


def test_a_refusal_of_a_party_that_was_not_asked_changes_nothing_now() -> None:
    referral = acting.offered()
    assert sharing.hear_refusal(referral, a_refusal("o3"), a_context()) == Decision(referral)
    other = a_refusal(need_id="other")
    assert sharing.hear_refusal(referral, other, a_context()) == Decision(referral)


def test_a_kept_choice_that_the_family_refuses_leads_to_a_new_one() -> None:
    context = a_context(copy=refused("o1"))
    decision = sharing.hear_refusal(kept(), a_refusal("o1"), context)
    assert [type(each) for each in decision.events] == [CandidatesRanked]  # which ends the choice
    assert decision.state.kept_offer_id is None
    assert "o1" not in {each.organization_id for each in decision.state.offers}
    untouched = kept()
    assert sharing.hear_refusal(untouched, a_refusal("o3"), context) == Decision(untouched)


def test_a_choice_that_waits_for_its_signature_outlasts_the_end_of_another_one() -> None:
    no = a_context(copy=refused(of_all=True))
    waits = sharing.hear_revocation(kept(), a_revocation(consent_id="older"), no)
    assert waits == Decision(kept())
    signed_now = a_context(copy=signed(restricted=True))
    again = sharing.hear_consent(waits.state, a_consent(restricted=True), signed_now).state
    assert live(again).organization_id == "o1"


@pytest.mark.parametrize("state", [acting.offered, acting.accepted])
def test_a_revocation_takes_back_what_is_live_and_puts_the_referral_on_hold(
    state: object,
) -> None:
    referral = state()  # type: ignore[operator]
    decision = sharing.hear_revocation(referral, a_revocation(), a_context())
    (recalled,) = decision.events
    assert isinstance(recalled, OfferRecalled)
    assert recalled.code == "consent-withdrawn"
    assert decision.state.state == "ON_HOLD"
    assert decision.state.live is None


def test_a_revocation_closes_the_packet_first() -> None:
    decision = sharing.hear_revocation(acting.released(), a_revocation(), a_context())
    assert [type(each) for each in decision.events] == [PacketClosed, OfferRecalled]
    assert not acting.asked(decision.state).shows_packet


def test_a_packet_that_rests_on_a_consent_of_another_need_closes_with_it() -> None:
    referral = acting.released()
    elsewhere = a_revocation(need_id="other")
    assert sharing.hear_revocation(referral, elsewhere, a_context()).state.state == "ON_HOLD"
    unrelated = a_revocation(need_id="other", consent_id="another")
    assert sharing.hear_revocation(referral, unrelated, a_context()) == Decision(referral)


def test_the_end_of_an_older_signature_leaves_whom_a_newer_one_names() -> None:
    copy = consents.copy_grant(None, a_consent("o2", consent_id="older"), a_context()).state
    newer = a_consent("o1", left_out=("o2", "o3"))
    copy = consents.copy_grant(copy, newer, a_context()).state
    over = a_revocation("o2", "o3", consent_id="older", of_all=True)
    copy = consents.copy_revocation(copy, over, a_context()).state
    assert [(covers(copy, each), copy.forbids(each, "need")) for each in ("o1", "o2")] == [
        (True, False),
        (False, True),
    ]
    referral = acting.accepted()
    assert sharing.hear_revocation(referral, over, a_context(copy=copy)) == Decision(referral)
    released = sharing.keep_packet(
        referral, a_release(referral, live(referral).offer_id), a_context(copy=copy)
    ).state
    assert released is not None
    assert live(released).shows_packet


# -- packets -------------------------------------------------------------------------------------


def test_a_released_packet_is_kept_for_its_accepted_offer_alone() -> None:
    referral = acting.accepted()
    offer = live(referral)
    found = sharing.keep_packet(referral, a_release(referral, offer.offer_id), a_context()).state
    assert found is not None
    assert live(found).shows_packet
    open_offer = acting.offered()
    said = a_release(open_offer, live(open_offer).offer_id)
    assert sharing.keep_packet(open_offer, said, a_context()).state == open_offer
    assert sharing.keep_packet(None, said, a_context()).state is None


def test_a_packet_that_meets_a_no_stays_closed() -> None:
    referral = acting.accepted()
    said = a_release(referral, live(referral).offer_id)
    context = a_context(copy=refused(of_all=True))
    found = sharing.keep_packet(referral, said, context).state
    assert found is not None
    assert not live(found).shows_packet


def test_a_pending_packet_keeps_the_place_until_its_day() -> None:
    referral = acting.accepted()
    said = a_pending(referral, live(referral).offer_id)
    found = sharing.keep_place(referral, said, a_context()).state
    assert found is not None
    assert live(found).kept_until == said.kept_until
    assert sharing.keep_place(None, said, a_context()).state is None


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("consent-missing", "ON_HOLD"),
        ("consent-withdrawn", "ON_HOLD"),
        ("family-declined", "OFFERED"),
    ],
)
def test_a_withheld_packet_recalls_the_offer(code: str, state: str) -> None:
    referral = acting.accepted()
    said = a_withholding(referral, live(referral).offer_id, code)
    decision = sharing.lose_place(referral, said, a_context())
    assert decision.state is not None
    assert decision.state.state == state
    first = decision.events[0]
    assert isinstance(first, OfferRecalled)
    assert (first.code, first.seat) == (code, "freed")
    again = sharing.lose_place(decision.state, said, a_context())
    assert again.events == ()


# -- views ---------------------------------------------------------------------------------------


def test_each_persons_first_look_at_a_preview_is_recorded() -> None:
    decision = view_preview(acting.offered())
    (seen,) = decision.events
    assert isinstance(seen, PreviewViewed)
    assert seen.viewed_by == "coordinator"
    assert view_preview(decision.state).events == ()


def test_each_look_at_a_packet_is_recorded_with_what_it_was_shown_under() -> None:
    context = a_context(copy=signed())
    decision = view_packet(acting.released(), context)
    again = view_packet(decision.state, context)
    for each in (decision, again):
        (seen,) = each.events
        assert isinstance(seen, PacketViewed)
        assert seen.consent_id == "consent"
    offer = live(again.state)
    assert offer.viewed is not None
    assert offer.viewed.code is None


@pytest.mark.parametrize(
    ("copy", "around", "code"),
    [
        (blank(STUDENT, DISTRICT), {}, "consent_ended"),
        (replace(signed(), refusals=refused(of_all=True).refusals), {}, "consent_ended"),
        (signed("o2"), {}, "consent_ended"),
        (signed(), {"is_behind": True}, "view_behind"),
        (signed(), {"doubted": [STUDENT]}, "view_behind"),
    ],
)
def test_a_denied_look_is_recorded_with_its_reason(
    copy: ConsentCopy, around: dict[str, Any], code: str
) -> None:
    decision = view_packet(acting.released(), a_context(copy=copy, **around))
    (denied,) = decision.events
    assert isinstance(denied, ViewDenied)
    assert denied.code == code
    viewed = live(decision.state).viewed
    assert viewed is not None
    assert viewed.code == code


def test_a_look_after_the_recall_is_denied() -> None:
    ended = sharing.hear_revocation(acting.released(), a_revocation(), a_context()).state
    decision = view_packet(ended, a_context(copy=signed()))
    assert [type(each) for each in decision.events] == [ViewDenied]


def test_a_preview_is_not_shown_once_the_family_said_no() -> None:
    for context in (a_context(copy=refused(of_all=True)), a_context(doubted=[STUDENT])):
        for referral in (acting.offered(), view_preview(acting.offered()).state):
            with pytest.raises(Refused):
                view_preview(referral, context)
