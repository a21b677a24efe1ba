"""Events of a plainly fictional family, and what the notification service makes of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from schemas.envelope import Event, seal_of
from schemas.notifications import MessageQueued
from schemas.plans import (
    Channel,
    ConsentGiven,
    ConsentRequested,
    ConsentTerms,
    ContactCard,
    ContactCardChanged,
    NeedFacts,
    NeedIdentified,
    PacketFacts,
    PacketPending,
    PacketReleased,
    Party,
    PreviewFacts,
    SchoolCardChanged,
    SignedFacts,
    StaffCard,
    StaffCardChanged,
    StudentCard,
    Window,
)
from schemas.referrals import (
    CoordinatorCard,
    CoordinatorCardChanged,
    OfferAccepted,
    OfferFacts,
    OfferMade,
    ServiceCardChanged,
)
from services.chassis.kernel import Context
from services.notifications.domain.cards import Coordinators, FamilyCard
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import Message, MessageState
from services.notifications.domain.pins import ContactChoice
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.stops import Stops
from services.notifications.domain.tokens import Tokens

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # a Monday, 12:00 in New York
NEW_YORK = "America/New_York"
DISTRICT = "d-harbor"
ALL = frozenset({"en", "es", "pt", "ht", "kea", "ar"})
TOKENS = Tokens(b"k" * 32)


def an_id(number: int) -> UUID:
    return uuid5(UUID(int=7), str(number))


def a_contact_card(**more: Any) -> ContactCard:
    given: dict[str, Any] = {
        "name": "Nadège Sampleau",
        "languages": ("ht",),
        "channels": (
            Channel(kind="phone", value="+15550100142", may_text=True),
            Channel(kind="email", value="nadege@families.example"),
        ),
        "notify": "news",
        "is_guardian": True,
        "household": "h1",
        "is_chosen": True,
    }
    return ContactCard(**given | more)


def a_family_changed(*contacts: tuple[str, ContactCard], **more: Any) -> ContactCardChanged:
    given: dict[str, Any] = {
        "student_id": "s1",
        "school_id": "school1",
        "case_manager_id": "cm1",
        "student": seal_of(
            more.get("student_id", "s1"),
            StudentCard(first_name="Lovely", birth_month=3, birth_day=14),
        ),
        "contacts": tuple(seal_of(who, card) for who, card in contacts)
        or (seal_of("c1", a_contact_card()),),
    }
    return ContactCardChanged(**given | more)


def a_family(*contacts: tuple[str, ContactCard], **more: Any) -> FamilyCard:
    changed = a_family_changed(*contacts)
    given: dict[str, Any] = {
        "student_id": "s1",
        "district": DISTRICT,
        "is_known": True,
        "school_id": "school1",
        "case_manager_id": "cm1",
        "student": changed.student,
        "contacts": changed.contacts,
    }
    return FamilyCard(**given | more)


def some_coordinators(*people: tuple[str, CoordinatorCard]) -> Coordinators:
    cards = people or (("p1", a_coordinator_card()),)
    by_id = {who: seal_of(who, card) for who, card in cards}
    return Coordinators(organization_id="o1", district=DISTRICT, by_id=by_id)


def a_coordinator_card(**more: Any) -> CoordinatorCard:
    given: dict[str, Any] = {"name": "Robin Specimen", "email": "robin@tidepool.example"}
    return CoordinatorCard(**given | more)


def a_coordinator_changed(**more: Any) -> CoordinatorCardChanged:
    given: dict[str, Any] = {
        "coordinator_id": "p1",
        "organization_id": "o1",
        "sealed": seal_of("p1", a_coordinator_card()),
    }
    return CoordinatorCardChanged(**given | more)


def a_school_changed(**more: Any) -> SchoolCardChanged:
    given: dict[str, Any] = {
        "school_id": "school1",
        "name": "Harbor Elementary",
        "phone": "+15550100100",
        "time_zone": NEW_YORK,
    }
    return SchoolCardChanged(**given | more)


def a_colleague_changed(**more: Any) -> StaffCardChanged:
    card = StaffCard(name="Sam Placeholder", email="sam@harbor.example", work_phone="+15550100111")
    given: dict[str, Any] = {
        "staff_id": "cm1",
        "role": "case_manager",
        "school_ids": ("school1",),
        "sealed": seal_of("cm1", card),
    }
    return StaffCardChanged(**given | more)


def a_service_changed(**more: Any) -> ServiceCardChanged:
    given: dict[str, Any] = {
        "service_id": "v1",
        "organization_id": "o1",
        "name": "Homework Club",
        "organization_name": "Tide Pool",
        "category": "enrich.tutoring",
        "restricted": False,
        "address": "12 Quay Street, Harbor",
        "phone": "+15550100177",
        "weekdays": (1, 3),
        "starts": "15:00",
        "ends": "17:00",
        "is_free": True,
    }
    return ServiceCardChanged(**given | more)


def a_need(**more: Any) -> NeedIdentified:
    contact = more.pop("family_contact", "normal")
    preview = PreviewFacts(category="enrich.tutoring", urgency="routine")
    facts = NeedFacts(category="enrich.tutoring", family_contact=contact, preview=preview)
    given: dict[str, Any] = {
        "need_id": "n1",
        "student_id": "s1",
        "school_id": "school1",
        "case_manager_id": "cm1",
        "urgency": "routine",
        "restricted": False,
        "identified_at": NOON,
        "sealed": seal_of(more.get("student_id", "s1"), facts),
    }
    return NeedIdentified(**given | more)


def some_terms(**more: Any) -> ConsentTerms:
    given: dict[str, Any] = {
        "parties": (
            Party(organization_id="o1", name="Tide Pool"),
            Party(organization_id="o2", name="Lantern House"),
        ),
        "records": ("identity", "contact", "schedule", "need-summary"),
        "purpose": "arrange-service",
        "category": "enrich.tutoring",
        "service_name": "Homework Club",
        "until": date(2027, 6, 30),
        "text_version": "2026-1",
    }
    return ConsentTerms(**given | more)


def a_consent_asked(**more: Any) -> ConsentRequested:
    given: dict[str, Any] = {
        "student_id": "s1",
        "consent_id": "k1",
        "need_id": "n1",
        "referral_id": "r1",
        "contact_id": "c1",
        "restricted": False,
        "requested_at": NOON,
        "open_until": NOON + timedelta(days=14),
        "sealed": seal_of(more.get("student_id", "s1"), some_terms()),
    }
    return ConsentRequested(**given | more)


def a_consent_given(**more: Any) -> ConsentGiven:
    signed = SignedFacts(
        terms=some_terms(), typed_name="Nadège Sampleau", locale="ht", step_up="code"
    )
    given: dict[str, Any] = {
        "student_id": "s1",
        "consent_id": "k1",
        "need_id": "n1",
        "contact_id": "c1",
        "basis": "parent",
        "restricted": False,
        "given_at": NOON,
        "expires_at": NOON + timedelta(days=200),
        "sealed": seal_of("s1", signed),
    }
    return ConsentGiven(**given | more)


STANDING: dict[str, str] = dict.fromkeys(("consent_id", "need_id", "referral_id"), "k2")


def a_standing_asked(**more: Any) -> ConsentRequested:
    """A guardian is asked for a class of partners; tied to no need."""
    terms = some_terms(parties=(), consent_class="enrichment", service_name="")
    return a_consent_asked(**STANDING, **{"sealed": seal_of("s1", terms)} | more)


def an_offer_made(**more: Any) -> OfferMade:
    facts = OfferFacts(
        organization_id="o1",
        organization_name="Tide Pool",
        service_id="v1",
        service_name="Homework Club",
        category="enrich.tutoring",
        preview=PreviewFacts(category="enrich.tutoring", urgency="routine"),
    )
    given: dict[str, Any] = {
        "student_id": "s1",
        "referral_id": "r1",
        "need_id": "n1",
        "offer_id": "f1",
        "seat": "held",
        "made_at": NOON,
        "answer_by": NOON + timedelta(days=4),
        "public_reference": "R-7KQ2-M4",
        "sealed": seal_of(more.get("student_id", "s1"), facts),
    }
    return OfferMade(**given | more)


def an_offer_accepted(**more: Any) -> OfferAccepted:
    given: dict[str, Any] = {
        "student_id": "s1",
        "referral_id": "r1",
        "need_id": "n1",
        "offer_id": "f1",
        "seat": "taken",
        "accepted_at": NOON,
        "accepted_by": "p1",
        "starts_on": date(2026, 11, 30),
    }
    return OfferAccepted(**given | more)


def a_packet_released(**more: Any) -> PacketReleased:
    facts = PacketFacts(
        windows=(Window(weekday=1, starts=time(15), ends=time(17)),),
        category="enrich.tutoring",
        urgency="routine",
        case_manager_name="Sam Placeholder",
        purpose="arrange-service",
        consent_until=date(2027, 6, 30),
        classes=("identity", "contact"),
        notice_version="2026-1",
    )
    given: dict[str, Any] = {
        "student_id": "s1",
        "need_id": "n1",
        "referral_id": "r1",
        "offer_id": "f1",
        "consent_id": "k1",
        "released_at": NOON,
        "sealed": seal_of("s1", facts),
    }
    return PacketReleased(**given | more)


def a_packet_pending(**more: Any) -> PacketPending:
    given: dict[str, Any] = {
        "student_id": "s1",
        "need_id": "n1",
        "referral_id": "r1",
        "offer_id": "f1",
        "kept_until": NOON + timedelta(days=5),
    }
    return PacketPending(**given | more)


def a_message(**more: Any) -> Message:
    given: dict[str, Any] = {
        "message_id": str(an_id(1)),
        "template": "consent-needed",
        "version": "2026-1",
        "recipient": "family",
        "recipient_id": "c1",
        "locale": "ht",
        "channels": ("sms", "email"),
        "state": MessageState.QUEUED,
        "queued_at": NOON,
        "next_at": NOON,
        "useful_until": NOON + timedelta(days=14),
        "need_id": "n1",
        "consent_id": "k1",
        "household": "h1",
    }
    return Message(**given | more)


def a_mailbox(*messages: Message, **more: Any) -> Mailbox:
    given: dict[str, Any] = {"student_id": "s1", "district": DISTRICT, "messages": messages}
    return Mailbox(**given | more)


def a_message_queued(**more: Any) -> MessageQueued:
    given: dict[str, Any] = {
        "student_id": "s1",
        "message_id": str(an_id(1)),
        "need_id": "n1",
        "recipient": "family",
        "recipient_id": "c1",
        "template": "consent-needed",
        "at": NOON,
        "channel": "sms",
        "locale": "ht",
    }
    return MessageQueued(**given | more)


def a_context(*seen: Any, now: datetime = NOON, number: int = 100, subject: str = "s1") -> Context:
    """What a decision may see: the given states, and of the rest a family and its choices."""
    known: dict[type, Any] = {
        FamilyCard: a_family(),
        ContactChoice: ContactChoice(contact_id="c1", district=DISTRICT),
        Stops: Stops(stops_id="any", district=DISTRICT),
        Policy: Policy(reviewed=frozenset(ALL), has_texts=True),  # type: ignore[arg-type]
        Traces: Traces({an_id(number): "00-trace"}),
        Tokens: TOKENS,
    }
    return Context(
        message_id=an_id(number),
        subject=subject,
        now=now,
        district=DISTRICT,
        seen=known | {type(each): each for each in seen},
    )


def told(events: tuple[Event, ...]) -> list[tuple[str, str, str]]:
    """Template, recipient and what became of it, of each event."""
    return [
        (
            getattr(each, "template", ""),
            getattr(each, "recipient_id", ""),
            getattr(each, "code", "") or type(each).__name__,
        )
        for each in events
    ]
