"""What plans knows of referrals: candidates with their reasons, offers and how they fare.

A copy, fed by `referrals.referrals.v1` alone; sealed values stay as they were received.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from schemas.codes import OfferState, ReferralState
from schemas.envelope import Erased, Event, Sealed
from schemas.plans import Party
from schemas.referrals import (
    Candidate,
    CandidatesRanked,
    ChoiceKept,
    DeclineFacts,
    MatchRunFacts,
    NeedUnmet,
    OfferAccepted,
    OfferDeclined,
    OfferEvent,
    OfferExpired,
    OfferFacts,
    OfferMade,
    OfferRecalled,
    RankedService,
    RankingFacts,
    ReferralClosed,
    ReferralEvent,
    ReferralOpened,
)
from services.chassis.kernel import Context, Decision


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service's chance, as the referral service told of it."""

    offer_id: str
    state: OfferState
    at: datetime  # of its last change
    answer_by: datetime | None = None
    starts_on: date | None = None
    code: str | None = None  # of a recall
    facts: Sealed[OfferFacts] | None = None
    decline: Sealed[DeclineFacts] | None = None

    @property
    def is_live(self) -> bool:
        """Whether the partner is asked, or has said yes."""
        return self.state in {"OFFERED", "ACCEPTED"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A referral as its case manager sees it."""

    referral_id: str
    district: str
    need_id: str = ""
    student_id: str = ""
    reference: str = ""
    state: ReferralState = "MATCHING"
    kept_offer_id: str | None = None  # chosen, and waiting for the signature
    run: Sealed[MatchRunFacts] | None = None
    offers: tuple[Offer, ...] = ()

    def offer(self, offer_id: str) -> Offer | None:
        """One of its offers."""
        return next((each for each in self.offers if each.offer_id == offer_id), None)

    @property
    def matched(self) -> MatchRunFacts | None:
        """The last ranking, if it can be read."""
        facts = self.run.facts if self.run else None
        return None if isinstance(facts, Erased) else facts

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Services in rank order."""
        return self.matched.candidates if self.matched else ()

    @property
    def ranking(self) -> tuple[RankedService, ...]:
        """Services in rank order, without reasons."""
        facts = self.run.seen_as(RankingFacts) if self.run else None
        return () if facts is None or isinstance(facts, Erased) else facts.candidates

    def candidate(self, offer_id: str) -> RankedService | None:
        """The candidate that an offer is or was made of."""
        return next((each for each in self.ranking if each.offer_id == offer_id), None)

    def party(self, offer_id: str) -> Party | None:
        """The organization behind an offer, if that can be read."""
        found = self._told(offer_id)
        if found is None:
            return None
        return Party(organization_id=found.organization_id, name=found.organization_name)

    def service_name(self, offer_id: str) -> str:
        """What an offer is of, or nothing."""
        found = self._told(offer_id)
        return found.service_name if found else ""

    def _told(self, offer_id: str) -> OfferFacts | RankedService | None:
        """What its offer says, once there is one; before that its candidate."""
        offer = self.offer(offer_id)
        if offer is None or offer.facts is None:
            return self.candidate(offer_id)
        told = offer.facts.facts
        return None if isinstance(told, Erased) else told

    @property
    def live(self) -> Offer | None:
        """The offer that is open or accepted."""
        return next((each for each in self.offers if each.is_live), None)

    def is_spent(self, offer_id: str) -> bool:
        """Whether an offer was made and is over for good.

        On hold, whose offer was taken back for want of a permission may be chosen again.
        """
        offer = self.offer(offer_id)
        if offer is None:
            return False
        lost_permission = offer.state == "RECALLED" and (offer.code or "").startswith("consent-")
        return not (self.state == "ON_HOLD" and lost_permission)

    @property
    def untried(self) -> tuple[Candidate, ...]:
        """Candidates that may be asked, with reasons, in rank order."""
        return tuple(each for each in self.candidates if not self.is_spent(each.offer_id))

    @property
    def next_parties(self) -> tuple[Party, ...]:
        """The organizations of candidates that may be asked, in rank order."""
        return tuple(
            Party(organization_id=each.organization_id, name=each.organization_name)
            for each in self.ranking
            if not self.is_spent(each.offer_id)
        )


def blank(referral_id: str, district: str) -> Case:
    """A referral of which nothing was heard yet."""
    return Case(referral_id=referral_id, district=district)


def copy(case: Case | None, said: ReferralEvent, context: Context) -> Decision[Case]:
    """Keep what a fact says of a referral."""
    case = case or blank(said.referral_id, context.district)
    case = replace(case, need_id=said.need_id, student_id=said.student_id)
    return Decision(CHANGES[type(said)](case, said))


def _opened(case: Case, said: ReferralOpened) -> Case:
    return replace(case, reference=said.public_reference)


def _ranked(case: Case, said: CandidatesRanked) -> Case:
    """A new ranking: a choice that waited for the signature is one no longer."""
    state = case.state if case.live else "MATCHING"
    return replace(case, run=said.sealed, kept_offer_id=None, state=state)


def _unmet(case: Case, said: NeedUnmet) -> Case:
    return replace(case, run=said.sealed, kept_offer_id=None, state="UNMET")


def _kept(case: Case, said: ChoiceKept) -> Case:
    return replace(case, kept_offer_id=said.offer_id, state="AWAITING_CONSENT")


def _made(case: Case, said: OfferMade) -> Case:
    made = Offer(
        offer_id=said.offer_id,
        state="OFFERED",
        at=said.made_at,
        answer_by=said.answer_by,
        facts=said.sealed,
    )
    case = replace(case, reference=said.public_reference, kept_offer_id=None)
    return _put(case, made, "OFFERED")


def _accepted(case: Case, said: OfferAccepted) -> Case:
    offer = _offer(case, said, "ACCEPTED", said.accepted_at)
    return _put(case, replace(offer, starts_on=said.starts_on), "ACCEPTED")


def _declined(case: Case, said: OfferDeclined) -> Case:
    offer = _offer(case, said, "DECLINED", said.declined_at)
    return _put(case, replace(offer, decline=said.sealed), "MATCHING")


def _expired(case: Case, said: OfferExpired) -> Case:
    return _put(case, _offer(case, said, "EXPIRED", said.expired_at), "MATCHING")


def _recalled(case: Case, said: OfferRecalled) -> Case:
    offer = _offer(case, said, "RECALLED", said.recalled_at)
    state: ReferralState = "ON_HOLD" if said.code.startswith("consent-") else "MATCHING"
    return _put(case, replace(offer, code=said.code), state)


def _closed(case: Case, said: ReferralClosed) -> Case:
    return replace(case, state=said.state, kept_offer_id=None)


def _offer(case: Case, said: OfferEvent, state: OfferState, at: datetime) -> Offer:
    found = case.offer(said.offer_id) or Offer(offer_id=said.offer_id, state=state, at=at)
    return replace(found, state=state, at=at)


def _put(case: Case, offer: Offer, state: ReferralState) -> Case:
    """The offer in its place; another one that is live keeps the referral's state."""
    others = tuple(each for each in case.offers if each.offer_id != offer.offer_id)
    is_over = not offer.is_live and any(each.is_live for each in others)
    kept = case.state if is_over or case.state.startswith("CLOSED") else state
    return replace(case, offers=(*others, offer), state=kept)


CHANGES: Final[Mapping[type[Event], Callable[[Case, Any], Case]]] = {
    ReferralOpened: _opened,
    CandidatesRanked: _ranked,
    NeedUnmet: _unmet,
    ChoiceKept: _kept,
    OfferMade: _made,
    OfferAccepted: _accepted,
    OfferDeclined: _declined,
    OfferExpired: _expired,
    OfferRecalled: _recalled,
    ReferralClosed: _closed,
}
"""Each fact that the copy follows."""
