"""A standing permission: what it lets go out, what is told of it, what its end takes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.codes import CATEGORIES, CLASS_OF, RESTRICTED
from schemas.plans import ConsentRevoked, PartnerChosen
from schemas.referrals import (
    CandidatesRanked,
    ChoiceKept,
    OfferMade,
    OfferRecalled,
    PacketClosed,
    PacketViewed,
    ViewDenied,
)
from services.chassis.kernel import Context, Decision, Refused
from services.referrals.domain import consents, offering, sharing
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.referral import Referral, offer_id_of
from tests.unit.referrals import acting
from tests.unit.referrals.acting import live, view_packet, view_preview
from tests.unit.referrals.builders import (
    NOW,
    STANDING,
    STUDENT,
    a_choice,
    a_consent,
    a_context,
    a_directory,
    a_grant,
    a_refusal,
    a_release,
    a_revocation,
    a_service,
    a_standing,
    a_standing_revocation,
    an_opened,
    refused,
    signed,
)

LATER = NOW + timedelta(days=201)


def standing(**given: object) -> ConsentCopy:
    return consents.copy_grant(None, a_standing(**given), a_context()).state


def under_it(**settings: object) -> Context:
    return a_context(copy=standing(), offer_first=False, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_class_covers_anybody_for_what_falls_under_it(category: str) -> None:
    copy = standing()
    is_covered = CLASS_OF.get(category) == "enrichment" and category not in RESTRICTED
    assert copy.covers("anybody", category=category, restricted=False, now=NOW) is is_covered
    assert not copy.covers("anybody", category=category, restricted=True, now=NOW)
    assert not copy.covers("anybody", category=category, restricted=False, now=LATER)


def test_what_is_erased_falls_under_no_class() -> None:
    assert not standing().covers("anybody", category="", restricted=False, now=NOW)


def test_a_class_that_was_taken_back_covers_nobody_and_forbids_nothing() -> None:
    copy = consents.copy_revocation(standing(), a_standing_revocation(), a_context()).state
    assert not copy.covers("o1", category="enrich.arts", restricted=False, now=NOW)
    assert not copy.forbids("o1", "need")


def test_an_offer_under_a_standing_permission_goes_out_unsigned_and_says_so() -> None:
    referral = an_opened(under_it())
    (made,) = offering.choose(referral, a_choice(referral), under_it()).events
    assert isinstance(made, OfferMade)
    assert made.consent_id == "standing"


def test_in_automatic_mode_the_first_in_rank_is_asked_under_it() -> None:
    opened = an_opened(under_it(offer_mode="automatic"))
    assert opened.state == "OFFERED"


@pytest.mark.parametrize("copy", [standing(consent_class="health"), consents.blank("s", "d")])
def test_an_offer_that_the_family_is_asked_about_names_no_permission(copy: ConsentCopy) -> None:
    referral = an_opened(a_context())
    (made,) = offering.choose(referral, a_choice(referral), a_context(copy=copy)).events
    assert made.consent_id is None  # type: ignore[attr-defined]


def test_a_needs_own_no_outweighs_the_class() -> None:
    copy = replace(standing(), refusals=refused("o1").refusals)
    context = a_context(copy=copy, offer_mode="automatic", offer_first=False)
    assert live(an_opened(context)).organization_id == "o2"
    every = replace(standing(), refusals=refused(of_all=True).refusals)
    assert an_opened(a_context(copy=every, offer_mode="automatic")).live is None


def test_it_lets_nothing_go_to_whom_the_needs_own_signature_leaves_out() -> None:
    said = a_consent("o3", left_out=("o1",))
    own = consents.copy_grant(standing(), said, a_context()).state
    context = a_context(copy=own, offer_mode="automatic", offer_first=False)
    assert live(an_opened(context)).organization_id == "o2"
    before = an_opened(a_context())
    assert before.offers[0].organization_id == "o1"
    with pytest.raises(Refused):
        offering.choose(before, a_choice(before), context)


def test_a_restricted_need_waits_for_its_own_signature() -> None:
    referral = an_opened(under_it(), restricted=True)
    decision = offering.choose(referral, a_choice(referral), under_it())
    assert decision.state.state == "AWAITING_CONSENT"


def test_a_standing_signature_lets_a_kept_choice_out() -> None:
    opened = an_opened(a_context(offer_first=False))
    kept = offering.choose(opened, a_choice(opened), a_context(offer_first=False)).state
    assert kept.state == "AWAITING_CONSENT"
    assert sharing.hear_consent(kept, a_standing(), under_it()).state.state == "OFFERED"


@pytest.mark.parametrize(
    ("said", "copy", "state"),
    [
        (a_standing(), standing(), "MATCHING"),
        (a_standing(consent_class="health"), standing(consent_class="health"), "ON_HOLD"),
        (a_standing(), replace(standing(), refusals=refused(of_all=True).refusals), "ON_HOLD"),
        (a_consent(need_id="other"), standing(), "ON_HOLD"),
    ],
)
def test_a_standing_signature_ends_the_hold_of_what_falls_under_it(
    said: object, copy: ConsentCopy, state: str
) -> None:
    held = replace(an_opened(), state="ON_HOLD")
    heard = sharing.hear_consent(held, said, a_context(copy=copy))  # type: ignore[arg-type]
    assert heard.state.state == state


def released() -> Referral:
    referral = acting.accepted(under_it())
    said = a_release(referral, live(referral).offer_id, consent_id="standing")
    found = sharing.keep_packet(referral, said, under_it()).state
    assert found is not None
    return found


def test_preview_and_packet_are_shown_while_it_lives() -> None:
    assert view_preview(acting.offered(under_it()), under_it()).events
    (seen,) = view_packet(released(), under_it()).events
    assert isinstance(seen, PacketViewed)
    for copy in (
        standing(expires_at=NOW),
        standing(consent_class="health"),
        consents.blank("s", "d"),
    ):
        (denied,) = view_packet(released(), a_context(copy=copy)).events
        assert isinstance(denied, ViewDenied)


@pytest.mark.parametrize("state", [acting.offered, acting.accepted])
def test_its_end_takes_back_what_went_out_under_it(state: object) -> None:
    referral = state(under_it())  # type: ignore[operator]
    decision = sharing.hear_revocation(referral, a_standing_revocation(), a_context())
    (recalled,) = decision.events
    assert isinstance(recalled, OfferRecalled)
    assert recalled.code == "consent-withdrawn"
    assert decision.state.state == "ON_HOLD"


def test_a_signature_for_something_else_does_not_save_an_offer_from_its_end() -> None:
    dental = a_context(copy=replace(standing(), grants=(a_grant(category="health.dental"),)))
    decision = sharing.hear_revocation(acting.offered(under_it()), a_standing_revocation(), dental)
    assert decision.state.state == "ON_HOLD"


def test_its_end_closes_the_packet_that_rests_on_it() -> None:
    decision = sharing.hear_revocation(released(), a_standing_revocation(), a_context())
    assert [type(each) for each in decision.events] == [PacketClosed, OfferRecalled]


def test_its_end_closes_a_packet_whose_own_signature_had_ended_before() -> None:
    by_ended_one = acting.released(a_context(copy=replace(standing(), grants=(a_grant(),))))
    (seen,) = view_packet(by_ended_one, under_it()).events
    assert isinstance(seen, PacketViewed)
    decision = sharing.hear_revocation(by_ended_one, a_standing_revocation(), a_context())
    assert [type(each) for each in decision.events] == [PacketClosed, OfferRecalled]
    assert decision.state.state == "ON_HOLD"


def held() -> Referral:
    """A referral whose offer was taken back with the permission; Previews may go out unsigned."""
    said = a_standing_revocation()
    return sharing.hear_revocation(acting.offered(under_it()), said, a_context()).state


def next_choice(referral: Referral) -> PartnerChosen:
    """The second in rank of the last match run, as it still stands on the page."""
    return a_choice(referral, offer_id=offer_id_of(referral.referral_id, "s2", 0))


def test_a_choice_after_its_end_is_kept_until_the_next_signature() -> None:
    chosen = offering.choose(held(), next_choice(held()), a_context())
    ranked, kept = chosen.events
    assert isinstance(ranked, CandidatesRanked)
    assert isinstance(kept, ChoiceKept)
    assert (kept.answers, chosen.state.state) == ("act", "AWAITING_CONSENT")
    elsewhere = sharing.hear_consent(chosen.state, a_consent(need_id="other"), a_context())
    assert elsewhere == Decision(chosen.state)
    again = sharing.hear_consent(chosen.state, a_standing(), under_it()).state
    assert live(again).organization_id == "o2"


@pytest.mark.parametrize("beside", [consents.blank("s", "d"), standing()])
def test_a_choice_after_the_needs_own_signature_was_taken_back_is_kept_too(
    beside: ConsentCopy,
) -> None:
    no = a_context(copy=replace(beside, refusals=refused(of_all=True).refusals))
    on_hold = sharing.hear_revocation(acting.offered(), a_revocation(), no).state
    kept = offering.choose(on_hold, next_choice(on_hold), no).state
    assert kept.state == "AWAITING_CONSENT"
    signed_again = sharing.hear_consent(kept, a_consent(), a_context(copy=signed())).state
    assert live(signed_again).organization_id == "o2"


@pytest.mark.parametrize(
    ("said", "no"),
    [
        (a_revocation(), a_context(copy=refused(of_all=True))),
        (a_standing_revocation(), a_context()),  # Previews may go out unsigned here
    ],
)
def test_a_choice_that_was_made_on_hold_gives_way_to_another_that_is_kept_too(
    said: ConsentRevoked, no: Context
) -> None:
    on_hold = sharing.hear_revocation(acting.offered(under_it()), said, no).state
    kept = offering.choose(on_hold, next_choice(on_hold), no).state
    again = next_choice(on_hold)
    assert offering.choose(kept, again, no) == Decision(kept)
    other = a_choice(kept, offer_id=offer_id_of(kept.referral_id, "s3", 0))
    chosen = offering.choose(kept, other, no)
    assert isinstance(chosen.events[-1], ChoiceKept)
    assert chosen.state.kept_offer_id == other.offer_id


def test_the_hold_goes_on_where_the_family_refuses_whom_was_chosen_meanwhile() -> None:
    kept = offering.choose(held(), next_choice(held()), a_context()).state
    no = a_context(copy=refused("o2"), offer_mode="automatic")
    decision = sharing.hear_refusal(kept, a_refusal("o2"), no)
    assert [type(each) for each in decision.events] == [CandidatesRanked]
    assert (decision.state.state, decision.state.kept_offer_id) == ("ON_HOLD", None)


def test_a_choice_on_hold_goes_out_where_a_signature_lives() -> None:
    chosen = offering.choose(held(), next_choice(held()), a_context(copy=signed("o2")))
    assert live(chosen.state).organization_id == "o2"


@pytest.mark.parametrize(
    ("given", "context", "code"),
    [
        ({"offer_id": "unheard"}, a_context(), "offer_unknown"),
        ({"offer_id": "declined"}, a_context(), "offer_closed"),
        ({}, a_context(copy=refused("o2")), "offer_unknown"),
        ({}, a_context(doubted=[STUDENT]), "view_behind"),
    ],
)
def test_what_cannot_be_chosen_on_hold_is_refused(
    given: dict[str, str], context: Context, code: str
) -> None:
    choice = next_choice(held()).model_copy(update=given)
    on_hold = held()
    no = replace(acting.asked(on_hold), offer_id="declined", state="DECLINED")
    with pytest.raises(Refused) as refusal:
        offering.choose(replace(on_hold, offers=(*on_hold.offers, no)), choice, context)
    assert refusal.value.code == code


def test_whose_offer_was_taken_back_may_be_chosen_again_as_a_new_one() -> None:
    on_hold = held()
    before = acting.asked(on_hold)
    again = a_choice(on_hold, offer_id=before.offer_id)
    chosen = offering.choose(on_hold, again, a_context())

    ranked, kept = chosen.events
    assert isinstance(ranked, CandidatesRanked)
    assert isinstance(kept, ChoiceKept)
    assert kept.offer_id == offer_id_of(on_hold.referral_id, before.service_id, 1)
    signed_again = sharing.hear_consent(chosen.state, a_standing(), under_it()).state
    assert live(signed_again).organization_id == before.organization_id


def test_whose_offer_was_taken_back_is_not_chosen_again_once_it_fits_no_more() -> None:
    on_hold, gone = held(), a_context(directory=a_directory(a_service("s2")))
    again = a_choice(on_hold, offer_id=acting.asked(on_hold).offer_id)
    with pytest.raises(Refused, match="offer_closed"):
        offering.choose(on_hold, again, gone)


def test_its_end_leaves_what_does_not_rest_on_it() -> None:
    own = a_context(copy=replace(standing(), grants=(a_grant(),)))
    offered = acting.offered(under_it())
    restricted = replace(offered, restricted=True)
    by_own_packet = acting.released()
    for referral, said, context in (
        (offered, a_standing_revocation(), own),
        (offered, a_standing_revocation(consent_class="health"), a_context()),
        (offered, a_revocation(need_id="other", consent_id="other"), a_context()),
        (restricted, a_standing_revocation(), a_context()),
        (by_own_packet, a_standing_revocation(), own),
    ):
        assert sharing.hear_revocation(referral, said, context) == Decision(referral)


def test_a_refused_class_changes_nothing() -> None:
    referral = acting.offered()
    assert sharing.hear_refusal(referral, a_refusal(**STANDING), a_context()) == Decision(referral)
