"""What a book's consents count for while those who signed them hold the rights, and after.

Source: domain.md 7, Signer and Gate; 34 CFR 99.5.
"""

from dataclasses import replace
from datetime import datetime

from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.students import Student, still_binds


def in_force(book: ConsentBook, student: Student, now: datetime) -> ConsentBook:
    """The book as it counts now: what lies with somebody without the rights has ended.

    A no stays, whoever said it. It is there to judge by, not to be kept: rights that come back
    bring back what was signed.
    """
    return replace(
        book, consents=tuple(_as_it_counts(each, student, now) for each in book.consents)
    )


def _as_it_counts(consent: Consent, student: Student, now: datetime) -> Consent:
    if still_binds(student, student.contact(consent.contact_id), now.date()):
        return consent
    return replace(
        consent,
        open_until=min(consent.open_until, now),
        expires_at=consent.expires_at and min(consent.expires_at, now),
    )
