"""What a book's consents count for while those who signed them hold the rights, and after.

Source: 34 CFR 99.5; told in docs/explanation/consent-and-ledger.md.
"""

from dataclasses import replace
from datetime import date, datetime

from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.students import Student, still_binds


def in_force(book: ConsentBook, student: Student, now: datetime, today: date) -> ConsentBook:
    """The book as it counts now: what lies with somebody without the rights has ended.

    `today` is the day at the student's school: rights begin and end with days. A no stays, whoever
    said it. The book is there to judge by, not to be kept: rights that come back bring back what
    was signed.
    """
    return replace(
        book, consents=tuple(_as_it_counts(each, student, now, today) for each in book.consents)
    )


def _as_it_counts(consent: Consent, student: Student, now: datetime, today: date) -> Consent:
    if still_binds(student, student.contact(consent.contact_id), today):
        return consent
    return replace(
        consent,
        open_until=min(consent.open_until, now),
        expires_at=consent.expires_at and min(consent.expires_at, now),
    )
