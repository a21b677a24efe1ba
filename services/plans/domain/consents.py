"""A student's consents as one book: what was asked, signed, refused, revoked (34 CFR 99.30)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final, Literal

from schemas.codes import ConsentClass, ConsentState, RecordClass
from schemas.envelope import Erased, SealedFacts
from schemas.plans import ConsentTerms
from services.chassis.kernel import SELECTION_LIMIT
from services.plans.domain.ledger import Head

Purpose = Literal["arrange-service", "provide-service", "report-outcome"]
RECORDS: Final[tuple[RecordClass, ...]] = ("identity", "contact", "schedule", "need-summary")
PURPOSE: Final[Purpose] = "arrange-service"
TEXT_VERSION: Final = "2026-2"  # of the text that names the parties
STANDING_TEXT_VERSION: Final = "standing-2026-2"  # of the text that is about a class
SIGNATURE: Final = "signature"  # the sort of the clock of a kept place
KEPT: Final = SELECTION_LIMIT  # consents of one student that are remembered, unless more are live


class ConsentFacts(SealedFacts):
    """What a consent says; sealed under the student's key."""

    KIND: ClassVar[str] = "plans.consent"
    terms: ConsentTerms
    agreed: tuple[str, ...] = ()  # organization ids, as are the next two
    refused: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    typed_name: str | None = None
    locale: str | None = None
    step_up: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The organizations that were asked about."""
        return tuple(each.organization_id for each in self.terms.parties)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One permission, from the asking on."""

    consent_id: str
    need_id: str  # of a standing permission, as the next: its own id, for it is tied to no need
    referral_id: str
    contact_id: str
    restricted: bool
    state: ConsentState = "asked"
    requested_at: datetime
    open_until: datetime
    given_at: datetime | None = None
    expires_at: datetime | None = None
    ended_at: datetime | None = None  # refused or revoked, as a whole
    facts: ConsentFacts | Erased

    @property
    def consent_class(self) -> ConsentClass | None:
        """The class that a standing permission is for; None for parties by name."""
        return None if isinstance(self.facts, Erased) else self.facts.terms.consent_class

    @property
    def is_standing(self) -> bool:
        """Whether it is for a class of partners, and for whatever is needed of them."""
        return self.need_id == self.consent_id

    def is_live(self, now: datetime) -> bool:
        """Whether it is signed and has not ended."""
        begun = self.given_at is not None and self.given_at <= now
        return self.state == "given" and begun and now < (self.expires_at or now)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An accepted offer whose place is kept until the family has signed."""

    offer_id: str
    referral_id: str
    need_id: str
    organization_id: str
    kept_until: datetime
    look_at: datetime | None = None  # before that: what covers it, or who is asked, may change


@dataclass(frozen=True, kw_only=True)
class ConsentBook:
    """All consents of one student, the places kept for them, and the head of the ledger."""

    student_id: str
    district: str
    school_id: str | None = None
    case_manager_id: str | None = None
    consents: tuple[Consent, ...] = ()
    pending: tuple[Pending, ...] = ()
    ledger: Head = field(default_factory=Head)

    @property
    def is_open(self) -> bool:
        """Always: moves of its student reach it."""
        return True

    @property
    def clocks(self) -> Mapping[str, datetime]:
        """When each kept place is to be looked at: its signature is too late, or may have come."""
        return {clock_of(each.offer_id): each.look_at or each.kept_until for each in self.pending}

    def find(self, consent_id: str | None) -> Consent | None:
        """One of its consents."""
        return next((each for each in self.consents if each.consent_id == consent_id), None)

    def put(self, consent: Consent, now: datetime) -> "ConsentBook":
        """The same book with a consent as it is now, without what a full book can best spare.

        Never without a live one: what covers and cannot be found cannot be taken back.
        """
        others = [each for each in self.consents if each.consent_id != consent.consent_id]
        spare = sorted(
            (each for each in others if not each.is_live(now)),
            key=lambda each: _weight(each, now),  # of one weight the oldest goes first
        )
        gone = {each.consent_id for each in spare[: max(0, len(others) + 1 - KEPT)]}
        kept = (each for each in others if each.consent_id not in gone)
        return replace(self, consents=(*kept, consent))

    def without_pending(self, offer_id: str) -> "ConsentBook":
        """The same book once a place is no longer kept."""
        kept = tuple(each for each in self.pending if each.offer_id != offer_id)
        return replace(self, pending=kept)


def _weight(consent: Consent, now: datetime) -> int:
    """What was never answered or ran out weighs least, then a no, then an open question."""
    if consent.state in {"refused", "revoked"}:
        return 1
    return 2 if consent.state == "asked" and now < consent.open_until else 0


def blank(student_id: str, district: str) -> ConsentBook:
    """The book of a student who was never asked for anything."""
    return ConsentBook(student_id=student_id, district=district)


def clock_of(offer_id: str) -> str:
    """The name of the clock of a kept place."""
    return f"{SIGNATURE}-{offer_id}"


def of_need(book: ConsentBook, need_id: str) -> Iterable[Consent]:
    """Consents of one need, oldest first."""
    return (each for each in book.consents if each.need_id == need_id)
