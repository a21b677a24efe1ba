"""A referral with its offers, the states of both, and what is kept of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid5

from schemas.codes import OfferState, ReferralState, Seat, Urgency, Verdict
from schemas.envelope import Erased
from schemas.plans import NeedFacts, PacketFacts
from services.chassis.kernel import NAMESPACE
from services.referrals.domain.memory import Tried

LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that sound or look like another
ANSWER: Final = "answer"
REMATCH: Final = "rematch"
LIVE: Final[frozenset[OfferState]] = frozenset({"OFFERED", "ACCEPTED"})
NOT_ASKED: Final[frozenset[OfferState]] = frozenset({"PROPOSED", "DROPPED"})
Text = str | Erased


def referral_id_of(need_id: str) -> str:
    """The id of the one referral of a need."""
    return str(uuid5(NAMESPACE, f"referral {need_id}"))


def offer_id_of(referral_id: str, service_id: str, attempt: int) -> str:
    """The id of the n-th chance of a service at a referral; the same in every match run."""
    return str(uuid5(NAMESPACE, f"offer {referral_id} {service_id} {attempt}"))


def public_reference_of(referral_id: str) -> str:
    """A referral's spoken id, such as R-7KQ2-M4."""
    number = UUID(referral_id).int
    letters = "".join(LETTERS[number // len(LETTERS) ** n % len(LETTERS)] for n in range(6))
    return f"R-{letters[:4]}-{letters[4:]}"


@dataclass(frozen=True, kw_only=True)
class Packet:
    """What plans released for an offer; `facts` are sealed where they are stored."""

    consent_id: str
    released_at: datetime
    facts: PacketFacts | Erased
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FamilyWord:
    """What the family answered about an accepted offer."""

    kind: str
    at: datetime
    text: Text = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """The last time somebody asked to see the Packet; with a code it was not shown."""

    by: str
    at: datetime
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service's chance at a referral; the next try is a new one."""

    offer_id: str
    service_id: str
    organization_id: str
    service_name: str
    organization_name: str
    verdict: Verdict
    state: OfferState = "PROPOSED"
    seat: Seat = "none"
    made_at: datetime | None = None
    answer_by: datetime | None = None
    answered_at: datetime | None = None  # or ended
    answered_by: str | None = None
    starts_on: date | None = None
    code: str | None = None  # of a decline or a recall
    text: Text = ""
    kept_until: datetime | None = None  # the family's signature is waited for
    packet: Packet | None = None
    family: FamilyWord | None = None
    previewed_by: tuple[str, ...] = ()
    viewed: View | None = None

    @property
    def is_live(self) -> bool:
        """Whether a partner is asked or has said yes."""
        return self.state in LIVE

    @property
    def was_asked(self) -> bool:
        """Whether the partner knows of it."""
        return self.state not in NOT_ASKED

    @property
    def shows_packet(self) -> bool:
        """Whether there is a Packet and it is open."""
        return self.packet is not None and self.packet.closed_at is None


@dataclass(frozen=True, kw_only=True)
class Run:
    """The last match run: of all services considered one bit per rule."""

    run_id: str
    directory_version: int
    considered: int
    fails: Mapping[str, int] = field(default_factory=dict)
    unknowns: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Referral:
    """The request to meet one need; `facts` and texts are sealed where they are stored."""

    referral_id: str
    district: str
    student_id: str
    need_id: str
    school_id: str
    case_manager_id: str
    urgency: Urgency
    restricted: bool
    state: ReferralState
    opened_at: datetime
    facts: NeedFacts | Erased
    category: str = ""  # stays when the facts are erased; nobody is left whom it describes
    offers: tuple[Offer, ...] = ()  # in rank order of the last run, older ones first
    kept_offer_id: str | None = None  # chosen, and waits for the signature
    tried: tuple[Tried, ...] = ()
    run: Run | None = None
    clocks: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return not self.state.startswith("CLOSED")

    @property
    def public_reference(self) -> str:
        """The spoken id."""
        return public_reference_of(self.referral_id)

    @property
    def organization_ids(self) -> tuple[str, ...]:
        """Whose coordinators may see it: those who were asked."""
        return tuple(dict.fromkeys(each.organization_id for each in self.offers if each.was_asked))

    @property
    def live(self) -> Offer | None:
        """The offer that is open or accepted."""
        return next((each for each in self.offers if each.is_live), None)

    @property
    def answer_at(self) -> datetime | None:
        """When the open offer's time ends."""
        return self.clocks.get(ANSWER)

    def find(self, offer_id: str | None) -> Offer | None:
        """An offer by its id."""
        return next((each for each in self.offers if each.offer_id == offer_id), None)

    def put(self, offer: Offer) -> "Referral":
        """The referral with an offer changed."""
        offers = tuple(offer if each.offer_id == offer.offer_id else each for each in self.offers)
        return replace(self, offers=offers)

    def without_clock(self, name: str) -> "Referral":
        """The referral with one clock stopped."""
        return replace(self, clocks={k: v for k, v in self.clocks.items() if k != name})

    def with_clock(self, name: str, at: datetime) -> "Referral":
        """The referral with one clock running."""
        return replace(self, clocks={**self.clocks, name: at})

    def remember(self, offer: Offer, code: str, on: date) -> "Referral":
        """The referral that knows what came of an offer."""
        return replace(
            self, tried=(*self.tried, Tried(service_id=offer.service_id, code=code, on=on))
        )
