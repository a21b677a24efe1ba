"""All that is told about one student, and what is known of it: needs, consents, offers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, TypeVar
from uuid import UUID

from schemas.codes import ConsentState, FamilyContact, Recipient, Template, Urgency
from schemas.envelope import Erased, Sealed
from schemas.plans import ConsentTerms
from schemas.referrals import OfferFacts
from services.chassis.kernel import Context
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.messages import OF_NEED, OF_OFFER, TO_PARTNERS, Message

T = TypeVar("T")
CLOCK: Final = "partner "
LAST_ZONE: Final = timezone(timedelta(hours=-12))  # where every day ends last


@dataclass(frozen=True, kw_only=True)
class NeedNote:
    """What messages must know of a need."""

    need_id: str
    urgency: Urgency
    restricted: bool
    family_contact: FamilyContact
    is_over: bool = False  # withdrawn, or closed with its referral
    over_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ConsentNote:
    """A consent that was asked for."""

    consent_id: str
    need_id: str
    referral_id: str
    contact_id: str
    restricted: bool
    open_until: datetime
    sealed: Sealed[ConsentTerms]
    state: ConsentState = "asked"

    @property
    def is_standing(self) -> bool:
        """Whether it is for a class of partners, and tied to no need."""
        return self.need_id == self.consent_id

    @property
    def terms(self) -> ConsentTerms | None:
        """What is asked; None for an erased student."""
        facts = self.sealed.facts
        return None if isinstance(facts, Erased) else facts


@dataclass(frozen=True, kw_only=True)
class OfferNote:
    """An offer, as far as its facts have come, in whatever order they do."""

    offer_id: str
    need_id: str
    referral_id: str
    public_reference: str = ""
    answer_by: datetime | None = None
    accepted: bool = False
    released: bool = False
    starts_on: str | None = None  # ISO 8601
    kept_until: datetime | None = None
    told: tuple[Template, ...] = ()  # once each
    sealed: Sealed[OfferFacts] | None = None

    @property
    def facts(self) -> OfferFacts | None:
        """Who was asked for what; None before it is known and for an erased student."""
        found = self.sealed.facts if self.sealed else None
        return found if isinstance(found, OfferFacts) else None

    @property
    def is_recalled(self) -> bool:
        """Whether it was taken back; there is no place any more."""
        return "offer-recalled" in self.told

    def visit_over_at(self, now: datetime) -> datetime | None:
        """When the day after a first date to come has ended; None: no such date is known.

        It has ended in every zone, so in the school's too.
        """
        if self.starts_on is None:
            return None
        ended = date.fromisoformat(self.starts_on) + timedelta(days=2)
        over = datetime.combine(ended, time(), LAST_ZONE).astimezone(UTC)
        return over if over > now else None


@dataclass(frozen=True, kw_only=True)
class Intent:
    """Somebody is to be told; waits until it is known whom and in which language."""

    template: Template
    need_id: str
    told_by: UUID  # the event that it follows from
    at: datetime
    consent_id: str | None = None
    offer_id: str | None = None
    recipient: Recipient | None = None  # None: the side that its template is for
    traceparent: str | None = None
    tries: int = 0  # to find somebody who answers for the organization
    again_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One student's mailbox."""

    student_id: str
    district: str
    is_erased: bool = False
    needs: tuple[NeedNote, ...] = ()
    consents: tuple[ConsentNote, ...] = ()
    offers: tuple[OfferNote, ...] = ()
    intents: tuple[Intent, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def clocks(self) -> dict[str, datetime]:
        """When to look again for the people of a partner, per offer."""
        return {clock_of(each.offer_id): each.again_at for each in self.intents if each.again_at}

    def message(self, message_id: str) -> Message | None:
        """One message."""
        return _first(self.messages, lambda each: each.message_id == message_id)

    def need(self, need_id: str | None) -> NeedNote | None:
        """One need."""
        return _first(self.needs, lambda each: each.need_id == need_id)

    def consent(self, consent_id: str | None) -> ConsentNote | None:
        """One consent."""
        return _first(self.consents, lambda each: each.consent_id == consent_id)

    def consent_of(self, need_id: str) -> ConsentNote | None:
        """The consent that was asked for last, for a need."""
        return _first(tuple(reversed(self.consents)), lambda each: each.need_id == need_id)

    def has_told_family(self, need_id: str, consent_id: str) -> bool:
        """Whether the family was or will be told what a permission was used for, of one need."""
        told: list[Message | Intent] = [*self.messages, *self.intents]
        return any(tells_of_use(each, consent_id) and each.need_id == need_id for each in told)

    def who_heard_of_place(self, offer_id: str | None) -> list[str]:
        """The contacts to whom somebody wrote of the place that an offer gives."""
        heard = [
            each.recipient_id
            for each in self.messages
            if each.offer_id == offer_id and each.recipient == "family" and each.may_have_come
            if each.template in OF_OFFER
        ]
        return list(dict.fromkeys(heard))

    def is_old(self, told: Message | Intent) -> bool:
        """Whether what is to be told holds no longer: its offer was taken back, its need ended."""
        offer, need = self.offer(told.offer_id), self.need(told.need_id)
        is_recalled = offer is not None and offer.is_recalled
        is_over = need is not None and need.is_over
        return (is_recalled and told.template in OF_OFFER) or (
            is_over and (side_of(told), told.template) in OF_NEED
        )

    def offer(self, offer_id: str | None) -> OfferNote | None:
        """One offer."""
        return _first(self.offers, lambda each: each.offer_id == offer_id)

    def put_message(self, message: Message) -> "Mailbox":
        """With a message in place of the one with its id, or added."""
        others = {each.message_id: each for each in self.messages}
        return replace(self, messages=tuple((others | {message.message_id: message}).values()))

    def forgotten(self) -> "Mailbox":
        """With ids and codes alone: nothing that leads to a person, nor to an address."""
        bare = tuple(replace(each, address=None) for each in self.messages)
        return replace(self, is_erased=True, intents=(), consents=(), offers=(), messages=bare)

    def put_need(self, note: NeedNote) -> "Mailbox":
        """With what is known of a need."""
        others = {each.need_id: each for each in self.needs}
        return replace(self, needs=tuple((others | {note.need_id: note}).values()))

    def put_consent(self, note: ConsentNote) -> "Mailbox":
        """With what is known of a consent."""
        others = {each.consent_id: each for each in self.consents}
        return replace(self, consents=tuple((others | {note.consent_id: note}).values()))

    def put_offer(self, note: OfferNote) -> "Mailbox":
        """With what is known of an offer."""
        others = {each.offer_id: each for each in self.offers}
        return replace(self, offers=tuple((others | {note.offer_id: note}).values()))


def box_of(mailbox: Mailbox | None, student_id: str, context: Context) -> Mailbox:
    """A student's mailbox, begun with the first fact of which anybody is told."""
    return mailbox or Mailbox(
        student_id=student_id,
        district=context.district,
        is_erased=context.get(FamilyCard).is_erased,
    )


def side_of(told: Message | Intent) -> Recipient:
    """Which side is told: the one that the template is for, unless it is wanted otherwise."""
    return told.recipient or ("partner" if told.template in TO_PARTNERS else "family")


def tells_of_use(told: Message | Intent, consent_id: str) -> bool:
    """Whether it tells a family that a partner was asked under a standing permission."""
    return (told.template, told.recipient, told.consent_id) == ("offer", "family", consent_id)


def clock_of(offer_id: str | None) -> str:
    """The name of the clock of one offer."""
    return f"{CLOCK}{offer_id}"


def organization_of(mailbox: Mailbox | None, offer_id: str | None) -> str | None:
    """The organization that an offer went to, if that is known yet."""
    note = mailbox.offer(offer_id) if mailbox else None
    return note.facts.organization_id if note and note.facts else None


def _first(found: Iterable[T], holds: Callable[[T], bool]) -> T | None:
    return next((each for each in found if holds(each)), None)
