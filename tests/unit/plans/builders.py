"""States, messages and contexts of the plan service, with defaults that fit together."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.envelope import Event, Sealed, seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from schemas.plans import (
    Channel,
    ConsentTerms,
    NeedFacts,
    PartnerChosen,
    Party,
    PreviewFacts,
    StaffCard,
)
from schemas.referrals import (
    Candidate,
    CandidatesRanked,
    MatchRunFacts,
    OfferAccepted,
    OfferFacts,
    OfferMade,
    RuleResult,
)
from services.chassis.days import Calendar
from services.chassis.kernel import NAMESPACE, Context
from services.chassis.scope import Scope
from services.plans.domain.asking import OPEN_FOR
from services.plans.domain.cases import Case, Offer
from services.plans.domain.consents import RECORDS, Consent, ConsentBook, ConsentFacts
from services.plans.domain.districts import StaffMember
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.needs import Need
from services.plans.domain.previews import Cell, Cells
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.students import Contact, ContactFacts, Student, StudentFacts

NOW: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)  # a Monday, 10 in the morning in New York
DISTRICT: Final = "district"
STUDENT: Final = "student"
NEED: Final = "need"
REFERRAL: Final = "referral"
MOTHER: Final = "mother"
MANAGER: Final = "manager"
KEY: Final = LedgerKey(b"k" * 32)
SCOPE: Final = Scope(district=DISTRICT, actor=MANAGER)
NAMES: Final = ("Tide Pool", "Harbor Branch", "Anchor", "Kelp House", "Reef", "Dune")
PARTIES: Final = tuple(
    Party(organization_id=f"organization-{number}", name=name) for number, name in enumerate(NAMES)
)


def key_of(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def a_contact(contact_id: str = MOTHER, **given: Any) -> Contact:
    facts = ContactFacts(
        name=f"The {contact_id}",
        relation="mother",
        language="ht",
        channels=(Channel(kind="phone", value="+16175550100", may_text=True),),
    )
    fields: dict[str, Any] = {
        "contact_id": contact_id,
        "is_guardian": "yes",
        "notify": "news",
        "facts": facts,
    }
    return Contact(**(fields | given))


def a_student(*contacts: Contact, **given: Any) -> Student:
    fields: dict[str, Any] = {
        "student_id": STUDENT,
        "district": DISTRICT,
        "school_id": "school",
        "case_manager_id": MANAGER,
        "grade": 3,
        "language": "ht",
        "area": "harbor",
        "contacts": contacts or (a_contact(),),
        "facts": StudentFacts(first_name="Ada", surname="Pebblebrook", birth_date=date(2018, 3, 2)),
    }
    return Student(**(fields | given))


def need_facts(**given: Any) -> NeedFacts:
    fields: dict[str, Any] = {
        "category": "enrich.tutoring",
        "summary": "Help with homework",
        "preview": PreviewFacts(category="enrich.tutoring", urgency="routine"),
    }
    return NeedFacts(**(fields | given))


def a_need(**given: Any) -> Need:
    fields: dict[str, Any] = {
        "need_id": NEED,
        "district": DISTRICT,
        "student_id": STUDENT,
        "school_id": "school",
        "case_manager_id": MANAGER,
        "raised_by": MANAGER,
        "urgency": "routine",
        "restricted": False,
        "state": "IN_REFERRAL",
        "identified_at": NOW,
        "referral_id": REFERRAL,
        "facts": need_facts(),
    }
    return Need(**(fields | given))


def a_candidate(number: int = 0, **given: Any) -> Candidate:
    result = RuleResult(rule="grade", outcome="pass", code="grade.pass", hard=True)
    fields: dict[str, Any] = {
        "offer_id": f"offer-{number}",
        "service_id": f"service-{number}",
        "organization_id": f"organization-{number}",
        "service_name": f"Homework at {NAMES[number]}",
        "organization_name": NAMES[number],
        "verdict": "eligible",
        "results": (result,),
    }
    return Candidate(**(fields | given))


def a_run(*candidates: Candidate) -> Sealed[MatchRunFacts]:
    found = candidates or tuple(a_candidate(number) for number in range(len(NAMES)))
    facts = MatchRunFacts(
        directory_version=1, category="enrich.tutoring", considered=9, candidates=found
    )
    return seal_of(STUDENT, facts)


def a_case(*offers: Offer, **given: Any) -> Case:
    fields: dict[str, Any] = {
        "referral_id": REFERRAL,
        "district": DISTRICT,
        "need_id": NEED,
        "student_id": STUDENT,
        "run": a_run(),
        "offers": offers,
    }
    return Case(**(fields | given))


def an_offer(number: int = 0, state: Any = "OFFERED", **given: Any) -> Offer:
    return Offer(offer_id=f"offer-{number}", state=state, at=NOW, **given)


def a_consent(*agreed: int, state: Any = "given", **given: Any) -> Consent:
    terms = ConsentTerms(
        parties=PARTIES[:5],
        records=RECORDS,
        purpose="arrange-service",
        category="enrich.tutoring",
        until=date(2027, 9, 30),
        text_version="1",
    )
    is_given = state in {"given", "revoked"}
    fields: dict[str, Any] = {
        "consent_id": "consent",
        "need_id": NEED,
        "referral_id": REFERRAL,
        "contact_id": MOTHER,
        "restricted": False,
        "state": state,
        "requested_at": NOW - timedelta(days=2),
        "open_until": NOW - timedelta(days=2) + OPEN_FOR,
        "given_at": NOW - timedelta(days=1) if is_given else None,
        "expires_at": NOW + timedelta(days=300) if is_given else None,
        "facts": ConsentFacts(
            terms=terms,
            agreed=tuple(f"organization-{each}" for each in agreed) if is_given else (),
        ),
    }
    return Consent(**(fields | given))


def a_standing(state: Any = "given", consent_class: Any = "enrichment", **given: Any) -> Consent:
    """A permission for a class of partners; tied to no need."""
    fields = dict.fromkeys(("consent_id", "need_id", "referral_id"), "standing")
    consent = a_consent(state=state, **(fields | given))
    return with_terms(consent, parties=(), consent_class=consent_class)


def a_book(*consents: Consent, **given: Any) -> ConsentBook:
    fields: dict[str, Any] = {
        "student_id": STUDENT,
        "district": DISTRICT,
        "school_id": "school",
        "case_manager_id": MANAGER,
        "consents": consents,
    }
    return ConsentBook(**(fields | given))


def a_context(*seen: Any, now: datetime = NOW, message: str = "message") -> Context:
    """A context that sees some states, and everything that decisions share."""
    calendar = Calendar(zone="America/New_York")
    shared: dict[type, Any] = {
        LedgerKey: KEY,
        SchoolDays: SchoolDays({STUDENT: calendar}),
        Cells: Cells({STUDENT: Cell(in_zone=40, in_district=400)}),
        StaffMember: a_manager(),
    }
    return Context(
        message_id=key_of(message),
        subject=STUDENT,
        now=now,
        district=DISTRICT,
        seen=shared | {type(each): each for each in seen},
    )


def a_manager() -> StaffMember:
    card = StaffCard(name="Nora Harborlight", work_phone="+16175550190")
    return StaffMember(staff_id=MANAGER, district=DISTRICT, role="case_manager", facts=card)


ABOUT: Final[dict[str, Any]] = {"student_id": STUDENT, "referral_id": REFERRAL, "need_id": NEED}


def chosen(number: int = 0, **given: Any) -> PartnerChosen:
    fields: dict[str, Any] = {
        "act_id": "act",
        "offer_id": f"offer-{number}",
        "asked_by": MANAGER,
        "asked_at": NOW,
    }
    return PartnerChosen(**(ABOUT | fields | given))


def ranked() -> CandidatesRanked:
    return CandidatesRanked(
        **ABOUT, run_id="run", ranked_at=NOW, eligible=6, possible=0, sealed=a_run()
    )


def offer_made(number: int = 0, **given: Any) -> OfferMade:
    facts = OfferFacts(
        organization_id=f"organization-{number}",
        organization_name=NAMES[number],
        service_id=f"service-{number}",
        service_name=f"Homework at {NAMES[number]}",
        category="enrich.tutoring",
        preview=PreviewFacts(category="enrich.tutoring", urgency="routine"),
    )
    fields: dict[str, Any] = {
        "offer_id": f"offer-{number}",
        "seat": "held",
        "made_at": NOW,
        "answer_by": NOW + timedelta(days=4),
        "public_reference": "R-7KQ2-M4",
        "sealed": seal_of(STUDENT, facts),
    }
    return OfferMade(**(ABOUT | fields | given))


def offer_accepted(number: int = 0, **given: Any) -> OfferAccepted:
    fields: dict[str, Any] = {
        "offer_id": f"offer-{number}",
        "seat": "taken",
        "accepted_at": NOW,
        "accepted_by": "coordinator",
        "starts_on": date(2026, 12, 1),
    }
    return OfferAccepted(**(ABOUT | fields | given))


def an_answer(kind: Any = "consent", *organizations: int, **given: Any) -> FamilyAnswered:
    facts = AnswerFacts(
        typed_name=given.pop("typed_name", "Mother Pebblebrook"),
        organization_ids=tuple(f"organization-{each}" for each in organizations),
        locale="ht",
        step_up="pin",
    )
    fields: dict[str, Any] = {
        "link_id": "link",
        "student_id": STUDENT,
        "contact_id": MOTHER,
        "need_id": NEED,
        "at": NOW,
        "answer_id": "answer",
        "kind": kind,
        "consent_id": "consent",
        "sealed": seal_of(STUDENT, facts),
    }
    return FamilyAnswered(**(fields | given))


def types_of(events: tuple[Event, ...]) -> list[str]:
    """What was told, by name."""
    return [type(each).__name__ for each in events]


def with_terms(consent: Consent, **changed: Any) -> Consent:
    """The same consent about something else."""
    assert isinstance(consent.facts, ConsentFacts)
    terms = consent.facts.terms.model_copy(update=changed)
    return replace(consent, facts=consent.facts.model_copy(update={"terms": terms}))
