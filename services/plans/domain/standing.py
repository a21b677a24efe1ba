"""Standing permissions: one signature for all partners of a class, tied to no need.

Source: 34 CFR 99.30(b)(3); told in docs/explanation/consent-and-ledger.md. What they cover stands
in `covering`, as of all consents.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas import codes
from schemas.codes import CATEGORIES, CLASS_OF, ConsentClass
from schemas.envelope import Erased
from schemas.plans import ConsentTerms
from services.chassis.kernel import Command, Context, Decision, Refused
from services.plans.domain import consents
from services.plans.domain.asking import OPEN_FOR, placed, requested, until
from services.plans.domain.consents import Consent, ConsentBook, ConsentFacts
from services.plans.domain.rights import in_force
from services.plans.domain.school_days import today
from services.plans.domain.students import Contact, Student, signer


def standing(book: ConsentBook, consent_class: ConsentClass, now: datetime) -> Consent | None:
    """The standing permission for a class that lies before the family or is live."""
    return next(
        (
            each
            for each in reversed(book.consents)
            if each.consent_class == consent_class
            and (each.is_live(now) or (each.state == "asked" and now < each.open_until))
        ),
        None,
    )


@dataclass(frozen=True, kw_only=True)
class AskStanding(Command):
    """Ask a family for a standing permission: for all partners of one class."""

    student_id: str
    consent_class: ConsentClass


def ask_standing(
    book: ConsentBook | None, asked: AskStanding, context: Context
) -> Decision[ConsentBook]:
    """Ask for all that falls under a class, until the end of the school year; tied to no need.

    Raises:
        Refused: `student_unknown`, `no_signer`, `consent_asked`, `consent_stands`.
    """
    student = context.get(Student)
    if not asked.scope.covers(student) or isinstance(student.facts, Erased):
        raise Refused(*codes.STUDENT_UNKNOWN)
    book = book or consents.blank(asked.student_id, context.district)
    book = placed(book, student.school_id, student.case_manager_id)
    day = today(asked.student_id, context)
    who = signer(student, day)
    if who is None:
        raise Refused(*codes.NO_SIGNER)
    known = in_force(book, student, context.now, day)
    if before := standing(known, asked.consent_class, context.now):
        raise Refused(*(codes.CONSENT_STANDS if before.given_at else codes.CONSENT_ASKED))
    consent = _standing(asked, context, who)
    return Decision(book.put(consent, context.now), (requested(book.student_id, consent),))


def _standing(asked: AskStanding, context: Context, who: Contact) -> Consent:
    consent_id = context.id(f"standing consent {asked.consent_class}")
    terms = ConsentTerms(
        parties=(),
        records=consents.RECORDS,
        purpose=consents.PURPOSE,
        category=next(each for each in CATEGORIES if CLASS_OF.get(each) == asked.consent_class),
        consent_class=asked.consent_class,
        until=until(asked.student_id, context),
        text_version=consents.STANDING_TEXT_VERSION,
    )
    return Consent(
        consent_id=consent_id,
        need_id=consent_id,
        referral_id=consent_id,
        contact_id=who.contact_id,
        restricted=False,
        requested_at=context.now,
        open_until=context.now + OPEN_FOR,
        facts=ConsentFacts(terms=terms),
    )
