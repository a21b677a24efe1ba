"""What a student's consents cover: the one rule that the Gate, asking and looking go by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from schemas.codes import Category, RecordClass, falls_under
from schemas.envelope import Erased
from services.plans.domain.consents import (
    PURPOSE,
    RECORDS,
    Consent,
    ConsentBook,
    ConsentFacts,
    Purpose,
    of_need,
)


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
