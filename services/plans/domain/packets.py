"""The Packet: what an accepted partner is told, class by class as the family allowed."""

from typing import Any, Final

from schemas.envelope import Erased
from schemas.plans import PacketFacts
from services.chassis.kernel import Context
from services.plans.domain.consents import Consent
from services.plans.domain.districts import StaffMember
from services.plans.domain.ledger import NOTICE_VERSION
from services.plans.domain.needs import Need
from services.plans.domain.school_days import today
from services.plans.domain.students import Student, StudentFacts, age_on, chosen

NO_NAME: Final = "the school office"  # where no case manager is on record


def packet(context: Context, consent: Consent) -> PacketFacts | None:
    """What a consent lets a partner know; nothing once the student is erased.

    What it never holds: docs/explanation/consent-and-ledger.md, *The Gate*.
    """
    student, need = context.get(Student), context.get(Need)
    facts = need.facts
    if isinstance(student.facts, Erased) or isinstance(facts, Erased):
        return None
    if isinstance(consent.facts, Erased):
        return None
    terms = consent.facts.terms
    by_class: dict[str, dict[str, Any]] = {
        "identity": _identity(student, student.facts, context),
        "contact": _contact(student),
        "schedule": {"windows": facts.windows, "transport_needed": facts.transport_needed},
        "need-summary": {"summary": facts.summary},
    }
    told: dict[str, Any] = {}
    for each in terms.records:
        told |= by_class.get(each, {})
    return PacketFacts(
        category=facts.category,
        urgency=need.urgency,
        purpose=terms.purpose,
        consent_until=terms.until,
        classes=terms.records,
        notice_version=NOTICE_VERSION,
        **_case_manager(context),
        **told,
    )


def _identity(student: Student, who: StudentFacts, context: Context) -> dict[str, Any]:
    return {
        "preferred_name": who.called,
        "surname": who.surname,
        "grade": student.grade,
        "age_years": age_on(who.birth_date, today(student.student_id, context)),
    }


def _contact(student: Student) -> dict[str, Any]:
    """Whom to call: the chosen contact, by phone if there is one."""
    contact = chosen(student)
    if contact is None or isinstance(contact.facts, Erased):
        return {}
    channels = sorted(contact.facts.channels, key=lambda each: each.kind != "phone")
    return {
        "contact_name": contact.facts.name,
        "contact_channel": channels[0].value if channels else None,
        "contact_language": contact.facts.language,
    }


def _case_manager(context: Context) -> dict[str, str | None]:
    member = context.seen.get(StaffMember)
    card = member.facts if member else Erased()
    if isinstance(card, Erased):
        return {"case_manager_name": NO_NAME, "case_manager_phone": None}
    return {"case_manager_name": card.name, "case_manager_phone": card.work_phone}
