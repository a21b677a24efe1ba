"""A student's consents: what was asked, signed, refused, revoked; and what they cover.

Source: domain.md 7; 34 CFR 99.30.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final, Literal

from schemas.codes import Category, ConsentClass, ConsentState, RecordClass, falls_under
from schemas.envelope import Erased, SealedFacts
from schemas.plans import ConsentTerms
from services.chassis.kernel import SELECTION_LIMIT
from services.plans.domain.ledger import Head

Purpose = Literal["arrange-service", "provide-service", "report-outcome"]
RECORDS: Final[tuple[RecordClass, ...]] = ("identity", "contact", "schedule", "need-summary")
PURPOSE: Final[Purpose] = "arrange-service"
TEXT_VERSION: Final = "2026-2"  # of the text that names the parties
STANDING_TEXT_VERSION: Final = "standing-2026-1"  # of the text that is about a class
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


@dataclass(frozen=True, kw_only=True)
class Use:
    """What somebody would like to disclose: to whom, for what need, which records."""

    organization_id: str
    need_id: str
    category: Category
    restricted: bool = False
    records: tuple[RecordClass, ...] = RECORDS
    purpose: Purpose = PURPOSE


def covering(book: ConsentBook, use: Use, now: datetime) -> Consent | None:
    """The live consent that covers a use: one of its need, else of another that says the same.

    A no for this need is not overruled by what was signed for another one, or for a class.
    """
    fitting = [each for each in reversed(book.consents) if covers(each, use, now)]
    own = [each for each in fitting if each.need_id == use.need_id]
    if own or _was_declined(book, use) or _has_ended(book, use.need_id, now):
        return own[0] if own else None
    return fitting[0] if fitting else None


def _was_declined(book: ConsentBook, use: Use) -> bool:
    """Whether the family's last answer for this need was a no; asking again does not undo it."""
    answered = (each for each in reversed(book.consents) if each.need_id == use.need_id)
    words = (_word(each, use.organization_id, only_answers=True) for each in answered)
    return next((word for word in words if word), None) in REFUSALS


def _has_ended(book: ConsentBook, need_id: str, now: datetime) -> bool:
    """Whether the last word on a need was a no to all of it: to parties too that it never named."""
    answered = [each for each in of_need(book, need_id) if each.state != "asked"]
    if any(each.is_live(now) for each in answered):
        return False
    return bool(answered) and answered[-1].state != "given"


def covers(consent: Consent, use: Use, now: datetime) -> bool:
    """Whether a consent is live and names this party, purpose, category and these records."""
    facts = consent.facts
    if isinstance(facts, Erased) or not consent.is_live(now):
        return False
    terms = facts.terms
    return (
        (reaches(consent, use) or _names(consent, facts, use))
        and terms.purpose == use.purpose
        and set(use.records) <= set(terms.records)
    )


def reaches(consent: Consent, use: Use) -> bool:
    """Whether a use falls under the class of a standing permission; a restricted one never does."""
    return falls_under(consent.consent_class, use.category, restricted=use.restricted)


def _names(consent: Consent, facts: ConsentFacts, use: Use) -> bool:
    return (
        use.organization_id in allowed(facts)
        and facts.terms.category == use.category
        and (consent.restricted or not use.restricted)
    )


def allowed(facts: ConsentFacts) -> frozenset[str]:
    """The organizations that a signature stands for today."""
    return frozenset(facts.agreed) - frozenset(facts.refused) - frozenset(facts.revoked)


Verdict = Literal["covered", "missing", "family-declined", "consent-withdrawn"]


REFUSALS: Final[tuple[Verdict, ...]] = ("family-declined", "consent-withdrawn")


def verdict(book: ConsentBook, use: Use, now: datetime) -> Verdict:
    """What the Gate finds: covered, only the signature missing, or why the answer is no.

    Of several consents for the need the last word about this party counts.
    """
    if covering(book, use, now):
        return "covered"
    return _last_word(book, use) or _standing_word(book, use) or "missing"


def _last_word(book: ConsentBook, use: Use) -> Verdict | None:
    """What the last consent of the need that names a party says of it."""
    for consent in reversed(book.consents):
        if consent.need_id == use.need_id and (word := _word(consent, use.organization_id)):
            return word
    return None


def _standing_word(book: ConsentBook, use: Use) -> Verdict | None:
    """What a standing permission says of a need that was never asked about because of it."""
    last = next((each for each in reversed(book.consents) if reaches(each, use)), None)
    return "consent-withdrawn" if last and last.state == "revoked" else None


def _word(consent: Consent, organization_id: str, *, only_answers: bool = False) -> Verdict | None:
    """What one consent says of a party that it does not cover; a question alone is no answer."""
    facts = consent.facts
    if isinstance(facts, Erased) or organization_id not in facts.named:
        return None
    if consent.state == "revoked" or organization_id in facts.revoked:
        return "consent-withdrawn"
    if consent.state == "refused" or organization_id in facts.refused:
        return "family-declined"
    if consent.state == "given" and organization_id not in facts.agreed:
        return "family-declined"
    return None if only_answers and consent.state == "asked" else "missing"


def asked_about(book: ConsentBook, use: Use, now: datetime) -> bool:
    """Whether this party lies before the family, or has its no; what was revoked may be asked."""
    return any(
        each.need_id == use.need_id and _stands(each, use.organization_id, now)
        for each in book.consents
    )


def _stands(consent: Consent, organization_id: str, now: datetime) -> bool:
    facts = consent.facts
    if isinstance(facts, Erased) or organization_id not in facts.named:
        return False
    match consent.state:
        case "asked":
            return now < consent.open_until
        case "refused":
            return True
        case "given":
            return organization_id not in facts.revoked and consent.is_live(now)
        case "revoked":
            return False


def of_need(book: ConsentBook, need_id: str) -> Iterable[Consent]:
    """Consents of one need, oldest first."""
    return (each for each in book.consents if each.need_id == need_id)
