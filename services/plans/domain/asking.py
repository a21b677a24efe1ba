"""Asking a family for its consent: whom, about which partners, until when."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas import codes
from schemas.codes import CATEGORIES, CLASS_OF, ConsentClass
from schemas.envelope import Erased, seal_of
from schemas.plans import ConsentRequested, ConsentTerms, ContactCardChanged, PartnerChosen, Party
from schemas.referrals import OfferMade
from services.chassis.kernel import Command, Context, Decision, Refused
from services.plans.domain import consents
from services.plans.domain.cases import Case
from services.plans.domain.consents import (
    Consent,
    ConsentBook,
    ConsentFacts,
    Use,
    asked_about,
    covering,
    standing,
)
from services.plans.domain.needs import Need
from services.plans.domain.students import Contact, Student, signer
from services.plans.domain.surroundings import Surroundings

PARTIES_AT_MOST: Final = 5
OPEN_FOR: Final = timedelta(days=14)


def ask_for_choice(
    book: ConsentBook | None, said: PartnerChosen, context: Context
) -> Decision[ConsentBook]:
    """A partner was chosen: ask about it and the next in rank, unless a consent covers it."""
    book = book or consents.blank(said.student_id, context.district)
    if said.led_by == "family":
        return Decision(book)
    return asked_for(book, said.offer_id, context)


def ask_for_offer(
    book: ConsentBook | None, said: OfferMade, context: Context
) -> Decision[ConsentBook]:
    """An offer went to a partner that the family was not asked about: it is asked now."""
    book = book or consents.blank(said.student_id, context.district)
    return asked_for(book, said.offer_id, context)


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
    book = _placed(book, student.school_id, student.case_manager_id)
    who = signer(student, context.now.date())
    if who is None:
        raise Refused(*codes.NO_SIGNER)
    if before := standing(book, asked.consent_class, context.now):
        raise Refused(*(codes.CONSENT_STANDS if before.given_at else codes.CONSENT_ASKED))
    consent = _standing(asked, context, who)
    return Decision(book.put(consent), (_requested(book.student_id, consent),))


def _standing(asked: AskStanding, context: Context, who: Contact) -> Consent:
    consent_id = context.id(f"standing consent {asked.consent_class}")
    terms = ConsentTerms(
        parties=(),
        records=consents.RECORDS,
        purpose=consents.PURPOSE,
        category=next(each for each in CATEGORIES if CLASS_OF.get(each) == asked.consent_class),
        consent_class=asked.consent_class,
        until=_until(asked.student_id, context),
        text_version=consents.TEXT_VERSION,
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


def _until(student_id: str, context: Context) -> date:
    zone = context.get(Surroundings).zone(student_id)
    return consents.last_day(context.now.astimezone(ZoneInfo(zone)).date())


def follow_student(
    book: ConsentBook, said: ContactCardChanged, context: Context
) -> Decision[ConsentBook]:
    """Go along to another school or case manager."""
    del context
    return Decision(_placed(book, said.school_id, said.case_manager_id))


def use_of(case: Case, need: Need, offer_id: str) -> Use | None:
    """What an offer would disclose; nothing where its facts are erased."""
    party = case.party(offer_id)
    if party is None or isinstance(need.facts, Erased):
        return None
    return Use(
        organization_id=party.organization_id,
        need_id=need.need_id,
        category=need.facts.category,
        restricted=need.restricted,
    )


def asked_for(book: ConsentBook, offer_id: str, context: Context) -> Decision[ConsentBook]:
    """Ask about an offer, unless a consent covers it, the family was asked, or nobody may sign."""
    student, case, need = context.get(Student), context.get(Case), context.get(Need)
    book = _placed(book, student.school_id, student.case_manager_id)
    use, today = use_of(case, need, offer_id), context.now.date()
    who = signer(student, today)
    if use is None or who is None or not need.is_open:
        return Decision(book)
    if covering(book, use, context.now) or asked_about(book, use, context.now):
        return Decision(book)
    consent = _request(case, need, context, offer_id=offer_id, who=who, use=use)
    return Decision(book.put(consent), (_requested(book.student_id, consent),))


def _placed(book: ConsentBook, school_id: str | None, manager_id: str | None) -> ConsentBook:
    if (book.school_id, book.case_manager_id) == (school_id, manager_id):
        return book
    return replace(book, school_id=school_id, case_manager_id=manager_id)


def _request(
    case: Case, need: Need, context: Context, *, offer_id: str, who: Contact, use: Use
) -> Consent:
    terms = ConsentTerms(
        parties=parties(case, offer_id),
        records=use.records,
        purpose=use.purpose,
        category=use.category,
        service_name=case.service_name(offer_id),
        until=_until(need.student_id, context),
        text_version=consents.TEXT_VERSION,
    )
    return Consent(
        consent_id=context.id(f"consent {offer_id}"),
        need_id=need.need_id,
        referral_id=case.referral_id,
        contact_id=who.contact_id,
        restricted=need.restricted,
        requested_at=context.now,
        open_until=context.now + OPEN_FOR,
        facts=ConsentFacts(terms=terms),
    )


def parties(case: Case, offer_id: str) -> tuple[Party, ...]:
    """The chosen organization first, then those of the next candidates in rank."""
    first = case.party(offer_id)
    named = {each.organization_id: each for each in ([first] if first else [])}
    for each in case.next_parties:
        named.setdefault(each.organization_id, each)
    return tuple(named.values())[:PARTIES_AT_MOST]


def _requested(student_id: str, consent: Consent) -> ConsentRequested:
    assert not isinstance(consent.facts, Erased)  # noqa: S101 - made above
    return ConsentRequested(
        student_id=student_id,
        consent_id=consent.consent_id,
        need_id=consent.need_id,
        referral_id=consent.referral_id,
        contact_id=consent.contact_id,
        restricted=consent.restricted,
        requested_at=consent.requested_at,
        open_until=consent.open_until,
        sealed=seal_of(student_id, consent.facts.terms),
    )
