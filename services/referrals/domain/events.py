"""What is told of a referral; one function per event, so that decisions read as rules."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from schemas.codes import DeclineCode, RecallCode, Seat
from schemas.envelope import seal_of
from schemas.plans import NeedFacts
from schemas.referrals import (
    Candidate,
    CandidatesRanked,
    ChoiceKept,
    DeclineFacts,
    MatchRunFacts,
    NeedUnmet,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferFacts,
    OfferMade,
    OfferRecalled,
    PacketClosed,
    PacketViewed,
    PreviewViewed,
    ReferralClosed,
    ReferralOpened,
    ViewDenied,
)
from services.referrals.domain.matching import Ranked, Ranking
from services.referrals.domain.referral import Offer, Referral


def _ids(referral: Referral) -> dict[str, str]:
    return {
        "student_id": referral.student_id,
        "referral_id": referral.referral_id,
        "need_id": referral.need_id,
    }


def opened(referral: Referral) -> ReferralOpened:
    """A need became a request to partners."""
    return ReferralOpened(
        **_ids(referral),
        public_reference=referral.public_reference,
        opened_at=referral.opened_at,
    )


def run_facts(
    ranking: Ranking, facts: NeedFacts, version: int, offer_ids: dict[str, str]
) -> MatchRunFacts:
    """A match run as plans shows it; `offer_ids` by service."""
    return MatchRunFacts(
        directory_version=version,
        category=facts.category,
        considered=ranking.considered,
        candidates=_candidates(ranking.ranked, offer_ids),
        near_misses=_candidates(ranking.near_misses, offer_ids),
        failed_by_rule=dict(ranking.failed_by_rule),
    )


def _candidates(ranked: Iterable[Ranked], offer_ids: dict[str, str]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            offer_id=offer_ids[each.offering.service.service_id],
            service_id=each.offering.service.service_id,
            organization_id=each.offering.service.organization_id,
            service_name=each.offering.service.name,
            organization_name=each.offering.organization.name,
            verdict=each.verdict,
            free_seats=each.free_seats,
            waitlist_only=each.waitlist_only,
            results=each.results,
        )
        for each in ranked
    )


def ranked(
    referral: Referral, ranking: Ranking, facts: MatchRunFacts, run_id: str, at: datetime
) -> CandidatesRanked:
    """Services were ranked, with a reason per rule."""
    return CandidatesRanked(
        **_ids(referral),
        run_id=run_id,
        ranked_at=at,
        eligible=ranking.eligible,
        possible=ranking.possible,
        sealed=seal_of(referral.student_id, facts),
    )


def unmet(referral: Referral, facts: MatchRunFacts, run_id: str, at: datetime) -> NeedUnmet:
    """No service can be offered now."""
    return NeedUnmet(
        **_ids(referral),
        run_id=run_id,
        unmet_at=at,
        sealed=seal_of(referral.student_id, facts),
    )


def kept(referral: Referral, offer: Offer, at: datetime, answers: str | None) -> ChoiceKept:
    """The choice waits for the signature."""
    return ChoiceKept(**_ids(referral), offer_id=offer.offer_id, kept_at=at, answers=answers)


def made(
    referral: Referral,
    offer: Offer,
    facts: NeedFacts,
    at: datetime,
    *,
    answers: str | None,
    consent_id: str | None,
) -> OfferMade:
    """A partner was asked, and sees the Preview that plans made."""
    asked = OfferFacts(
        organization_id=offer.organization_id,
        organization_name=offer.organization_name,
        service_id=offer.service_id,
        service_name=offer.service_name,
        category=facts.category,
        preview=facts.preview,
    )
    return OfferMade(
        **_ids(referral),
        offer_id=offer.offer_id,
        seat=offer.seat,
        made_at=at,
        answer_by=cast("datetime", offer.answer_by),
        public_reference=referral.public_reference,
        consent_id=consent_id,
        answers=answers,
        sealed=seal_of(referral.student_id, asked),
    )


def accepted(referral: Referral, offer: Offer, at: datetime, answers: str | None) -> OfferAccepted:
    """A partner said yes."""
    return OfferAccepted(
        **_ids(referral),
        offer_id=offer.offer_id,
        seat=offer.seat,
        accepted_at=at,
        accepted_by=cast("str", offer.answered_by),
        starts_on=offer.starts_on,
        answers=answers,
    )


def declined(
    referral: Referral, offer: Offer, freed: Seat, at: datetime, answers: str | None
) -> OfferDeclined:
    """A partner said no."""
    why = DeclineFacts(
        code=cast("DeclineCode", offer.code),
        text=cast("str", offer.text),
        organization_name=offer.organization_name,
    )
    return OfferDeclined(
        **_ids(referral),
        offer_id=offer.offer_id,
        seat=freed,
        declined_at=at,
        answers=answers,
        sealed=seal_of(referral.student_id, why),
    )


def expired(referral: Referral, offer: Offer, freed: Seat, at: datetime) -> OfferExpired:
    """A partner did not answer in time."""
    return OfferExpired(**_ids(referral), offer_id=offer.offer_id, seat=freed, expired_at=at)


def recalled(
    referral: Referral, offer: Offer, freed: Seat, code: RecallCode, at: datetime
) -> OfferRecalled:
    """An offer was taken back."""
    return OfferRecalled(
        **_ids(referral), offer_id=offer.offer_id, seat=freed, code=code, recalled_at=at
    )


def packet_closed(referral: Referral, offer: Offer, code: str, at: datetime) -> PacketClosed:
    """A partner can no longer see a Packet."""
    return PacketClosed(**_ids(referral), offer_id=offer.offer_id, code=code, closed_at=at)


def preview_viewed(referral: Referral, offer: Offer, by: str, at: datetime) -> PreviewViewed:
    """A partner looked at a Preview."""
    return PreviewViewed(**_ids(referral), offer_id=offer.offer_id, viewed_by=by, viewed_at=at)


def packet_viewed(referral: Referral, offer: Offer, by: str, at: datetime) -> PacketViewed:
    """A partner looks at a Packet, under the consent that it was released under."""
    return PacketViewed(
        **_ids(referral),
        offer_id=offer.offer_id,
        viewed_by=by,
        viewed_at=at,
        consent_id=offer.packet.consent_id if offer.packet else None,
    )


def view_denied(referral: Referral, offer: Offer, by: str, code: str, at: datetime) -> ViewDenied:
    """A view was refused."""
    return ViewDenied(
        **_ids(referral), offer_id=offer.offer_id, viewed_by=by, code=code, denied_at=at
    )


def closed(referral: Referral, at: datetime) -> ReferralClosed:
    """A referral ended."""
    return ReferralClosed.model_validate(
        {**_ids(referral), "state": referral.state, "closed_at": at}
    )
