"""Asking a family for its consent: whom, about which partners, until when."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from schemas.envelope import Erased, seal_of
from schemas.plans import (
    ConsentRequested,
    ConsentTerms,
    ContactCardChanged,
    NeedWithdrawn,
    PartnerChosen,
    Party,
)
from schemas.referrals import ChoiceKept, OfferMade, ReferralClosed
from services.chassis.kernel import Context, Decision
from services.plans.domain import consents
from services.plans.domain.cases import Case
from services.plans.domain.consents import Consent, ConsentBook, ConsentFacts
from services.plans.domain.covering import Use, asked_about, covering
from services.plans.domain.lasting import last_day
from services.plans.domain.needs import Need
from services.plans.domain.rights import in_force
from services.plans.domain.school_days import today
from services.plans.domain.students import Contact, Student, signer

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
    """An offer went to a partner that the family was not asked about: it is asked now.

    Not where the permission that the offer rests on was taken back meanwhile: it is recalled, and
    a question would only follow the family's no.
    """
    book = book or consents.blank(said.student_id, context.district)
    rests_on = book.find(said.consent_id)
    if rests_on and rests_on.state == "revoked":
        return Decision(book)
    return asked_for(book, said.offer_id, context)


def ask_for_kept(
    book: ConsentBook | None, said: ChoiceKept, context: Context
) -> Decision[ConsentBook]:
    """A choice waits for a signature: what covered it when it was made may have ended meanwhile."""
    book = book or consents.blank(said.student_id, context.district)
    return asked_for(book, said.offer_id, context)


def ask_no_more(
    book: ConsentBook | None, said: NeedWithdrawn | ReferralClosed, context: Context
) -> Decision[ConsentBook | None]:
    """A need has ended: what was asked for it is not to be signed any more."""
    if book is None:
        return Decision(None)
    closed = tuple(
        replace(each, open_until=min(each.open_until, context.now))
        if (each.need_id, each.state) == (said.need_id, "asked")
        else each
        for each in book.consents
    )
    return Decision(replace(book, consents=closed))


def until(student_id: str, context: Context) -> date:
    """The last day of a consent that is asked for now."""
    return last_day(today(student_id, context))


def follow_student(
    book: ConsentBook, said: ContactCardChanged, context: Context
) -> Decision[ConsentBook]:
    """Go along to another school or case manager; kept places are looked at, by other signers."""
    looked_at = tuple(replace(each, look_at=context.now) for each in book.pending)
    book = replace(book, pending=looked_at)
    return Decision(placed(book, said.school_id, said.case_manager_id))


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
    """Ask about an offer, unless a consent covers it, the family was asked, or nobody may sign.

    Whoever lost the rights was asked and has signed in vain: then somebody else is asked.
    """
    student, case, need = context.get(Student), context.get(Case), context.get(Need)
    book = placed(book, student.school_id, student.case_manager_id)
    use = use_of(case, need, offer_id)
    day = today(book.student_id, context)
    who = signer(student, day)
    if use is None or who is None or not need.is_open:
        return Decision(book)
    known = in_force(book, student, context.now, day)
    if covering(known, use, context.now) or asked_about(known, use, context.now):
        return Decision(book)
    consent = _request(case, need, context, offer_id=offer_id, who=who, use=use)
    return Decision(book.put(consent, context.now), (requested(book.student_id, consent),))


def placed(book: ConsentBook, school_id: str | None, manager_id: str | None) -> ConsentBook:
    """The book at the school and with the case manager of its student."""
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
        until=until(need.student_id, context),
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


def requested(student_id: str, consent: Consent) -> ConsentRequested:
    """A guardian is to be asked for this."""
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
