"""What referrals believes a family to allow, against what its book in plans says. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from schemas.envelope import Erased
from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.covering import allowed

Covered = tuple[str | None, frozenset[str]]  # a class of partners, and partners by name
NOBODY: Final[Covered] = (None, frozenset())


def consents_agree(
    books: Iterable[ConsentBook], copies: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """Each signature covers the same partners in both, and one that ended nobody."""
    copied = {
        (row["_id"], grant["consent_id"]): _as_copied(grant)
        for row in copies
        for grant in row["grants"]
    }
    for book in books:
        for consent in book.consents:
            covered = copied.get((book.student_id, consent.consent_id), NOBODY)
            if not isinstance(consent.facts, Erased) and covered != _as_signed(consent):
                yield f"consent {consent.consent_id} covers others in referrals than in plans"


def _as_copied(grant: Mapping[str, Any]) -> Covered:
    return grant.get("consent_class"), frozenset(grant["organization_ids"])


def _as_signed(consent: Consent) -> Covered:
    if consent.state != "given" or isinstance(consent.facts, Erased):
        return NOBODY
    return consent.consent_class, allowed(consent.facts)
