"""What the referral service tells: referrals, offers, views, and the directory's cards."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from schemas import topics
from schemas.codes import (
    Category,
    DeclineCode,
    Outcome,
    RecallCode,
    Rule,
    Seat,
    Verdict,
)
from schemas.envelope import Answer, Event, Id, Sealed, SealedFacts, Strict
from schemas.plans import PreviewFacts

# -- matching ------------------------------------------------------------------------------------


class RuleResult(Strict):
    """What one rule says of one service; the sentence is `schemas.codes.RULE_SENTENCES[code]`."""

    rule: Rule
    outcome: Outcome
    code: str  # of the sentence
    values: dict[str, str] = Field(default_factory=dict)  # what the sentence names
    hard: bool


class Candidate(Strict):
    """One service as a match run saw it; `offer_id` is its PROPOSED offer's."""

    offer_id: Id
    service_id: Id
    organization_id: Id
    service_name: str
    organization_name: str
    verdict: Verdict
    free_seats: int | None = None  # None: unknown
    waitlist_only: bool = False
    results: tuple[RuleResult, ...]


class MatchRunFacts(SealedFacts):
    """A ranking with its reasons: first ones and near misses in full, counts of the rest."""

    KIND: ClassVar[str] = "referrals.match_run"
    directory_version: int
    category: Category
    considered: int  # services of the category
    candidates: tuple[Candidate, ...]  # in rank order: eligible, then possible
    near_misses: tuple[Candidate, ...] = ()  # exactly one hard rule fails
    failed_by_rule: dict[str, int] = Field(default_factory=dict)


class RankedService(Strict):
    """A candidate without its reasons."""

    offer_id: Id
    organization_id: Id
    service_name: str
    organization_name: str


class RankingFacts(SealedFacts):
    """A match run as those see it who need the order alone."""

    KIND: ClassVar[str] = MatchRunFacts.KIND
    candidates: tuple[RankedService, ...]


class ReferralEvent(Event):
    """A fact of one referral."""

    TOPIC: ClassVar[str] = topics.REFERRALS
    SUBJECT: ClassVar[str] = "referral_id"
    student_id: Id
    referral_id: Id
    need_id: Id


class ReferralOpened(ReferralEvent):
    """A need became a request to partners."""

    TYPE: ClassVar[str] = "referrals.referral_opened.v1"
    public_reference: str  # spoken id, as R-7KQ2-M4
    opened_at: AwareDatetime


class CandidatesRanked(ReferralEvent):
    """Services were ranked for a need, with a reason per rule."""

    TYPE: ClassVar[str] = "referrals.candidates_ranked.v1"
    run_id: Id
    ranked_at: AwareDatetime
    eligible: int
    possible: int
    sealed: Sealed[MatchRunFacts]


class NeedUnmet(ReferralEvent):
    """No service can be offered now; the failed rules say why."""

    TYPE: ClassVar[str] = "referrals.need_unmet.v1"
    run_id: Id
    unmet_at: AwareDatetime
    sealed: Sealed[MatchRunFacts]


# -- offers --------------------------------------------------------------------------------------


class OfferEvent(ReferralEvent, Answer):
    """A fact of one offer, which may be the answer to an act."""

    offer_id: Id


class ChoiceKept(OfferEvent):
    """The choice waits for the signature; then it is offered."""

    TYPE: ClassVar[str] = "referrals.choice_kept.v1"
    kept_at: AwareDatetime


class OfferFacts(SealedFacts):
    """Who was asked, for what."""

    KIND: ClassVar[str] = "referrals.offer"
    organization_id: Id
    organization_name: str
    service_id: Id
    service_name: str
    category: Category
    preview: PreviewFacts


class OfferMade(OfferEvent):
    """A partner was asked."""

    TYPE: ClassVar[str] = "referrals.offer_made.v1"
    seat: Seat
    made_at: AwareDatetime
    answer_by: AwareDatetime
    public_reference: str
    consent_id: Id | None = None  # the standing permission it rests on; none: the family is asked
    sealed: Sealed[OfferFacts]


class OfferAccepted(OfferEvent):
    """A partner said yes; the Gate in plans follows."""

    TYPE: ClassVar[str] = "referrals.offer_accepted.v1"
    seat: Seat
    accepted_at: AwareDatetime
    accepted_by: Id  # coordinator, or case manager for it
    starts_on: date | None = None


class DeclineFacts(SealedFacts):
    """Why a partner said no."""

    KIND: ClassVar[str] = "referrals.decline"
    code: DeclineCode
    text: str = Field(default="", max_length=1000)
    organization_name: str


class OfferDeclined(OfferEvent):
    """A partner said no."""

    TYPE: ClassVar[str] = "referrals.offer_declined.v1"
    seat: Seat
    declined_at: AwareDatetime
    sealed: Sealed[DeclineFacts]


class OfferExpired(OfferEvent):
    """A partner did not answer in time."""

    TYPE: ClassVar[str] = "referrals.offer_expired.v1"
    seat: Seat
    expired_at: AwareDatetime


class OfferRecalled(OfferEvent):
    """An offer was taken back."""

    TYPE: ClassVar[str] = "referrals.offer_recalled.v1"
    seat: Seat
    code: RecallCode
    recalled_at: AwareDatetime


class PreviewViewed(OfferEvent):
    """A partner looked at a Preview."""

    TYPE: ClassVar[str] = "referrals.preview_viewed.v1"
    viewed_by: Id
    viewed_at: AwareDatetime


class PacketViewed(OfferEvent):
    """A partner looked at a Packet; recorded before it is shown."""

    TYPE: ClassVar[str] = "referrals.packet_viewed.v1"
    viewed_by: Id
    viewed_at: AwareDatetime
    channel: Literal["page", "print"] = "page"
    consent_id: Id | None = None  # what it was shown under


class PacketClosed(OfferEvent):
    """A partner can no longer see a Packet."""

    TYPE: ClassVar[str] = "referrals.packet_closed.v1"
    code: str
    closed_at: AwareDatetime


class ViewDenied(OfferEvent):
    """A view was refused."""

    TYPE: ClassVar[str] = "referrals.view_denied.v1"
    viewed_by: Id
    code: str
    denied_at: AwareDatetime


class ReferralClosed(ReferralEvent):
    """A referral ended."""

    TYPE: ClassVar[str] = "referrals.referral_closed.v1"
    state: Literal["CLOSED_RESOLVED", "CLOSED_UNRESOLVED", "CLOSED_DECLINED"]
    closed_at: AwareDatetime


class ActRefused(ReferralEvent, Answer):
    """An act on a referral was refused; nothing changed."""

    TYPE: ClassVar[str] = "referrals.act_refused.v1"
    code: str


class ActSettled(ReferralEvent, Answer):
    """An act on a referral was right, and nothing came of it."""

    TYPE: ClassVar[str] = "referrals.act_settled.v1"


# -- directory -----------------------------------------------------------------------------------


class DirectoryEvent(Event):
    """A card of the directory: public facts."""

    TOPIC: ClassVar[str] = topics.DIRECTORY


class OrganizationCardChanged(DirectoryEvent):
    """An organization as the others know it."""

    TYPE: ClassVar[str] = "referrals.organization_card_changed.v1"
    SUBJECT: ClassVar[str] = "organization_id"
    KEY: ClassVar[str] = "organization_id"
    organization_id: Id
    name: str
    phone: str | None = None
    is_suspended: bool = False
    agreement_until: date | None = None


class ServiceCardChanged(DirectoryEvent):
    """A service as families are told of it; public facts only."""

    TYPE: ClassVar[str] = "referrals.service_card_changed.v1"
    SUBJECT: ClassVar[str] = "service_id"
    KEY: ClassVar[str] = "service_id"
    service_id: Id
    organization_id: Id
    name: str
    organization_name: str
    category: Category
    restricted: bool
    is_active: bool = True
    address: str | None = None
    phone: str | None = None
    url: str | None = None
    weekdays: tuple[int, ...] = ()  # ISO
    starts: str | None = None  # local, HH:MM
    ends: str | None = None
    is_free: bool | None = None


class CoordinatorCard(SealedFacts):
    """Of a coordinator what messages need."""

    KIND: ClassVar[str] = "referrals.coordinator_card"
    name: str
    email: str | None = None
    phone: str | None = None
    locale: str = "en"


class CoordinatorCardChanged(DirectoryEvent):
    """A person who answers for an organization came or changed."""

    TYPE: ClassVar[str] = "referrals.coordinator_card_changed.v1"
    SUBJECT: ClassVar[str] = "coordinator_id"
    KEY: ClassVar[str] = "organization_id"
    coordinator_id: Id
    organization_id: Id
    is_active: bool = True
    sealed: Sealed[CoordinatorCard]
