"""Copies of the cards of people, schools and services: what messages and pages say of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from schemas.codes import Locale
from schemas.envelope import Erased, Sealed
from schemas.plans import (
    ContactCard,
    ContactCardChanged,
    SchoolCardChanged,
    StaffCard,
    StaffCardChanged,
    StudentCard,
    StudentErased,
)
from schemas.referrals import CoordinatorCard, CoordinatorCardChanged, ServiceCardChanged
from services.chassis.kernel import Context, Decision
from services.chassis.languages import known
from services.notifications.domain.messages import Channel


@dataclass(frozen=True, kw_only=True)
class FamilyCard:
    """A student and all contacts; `is_known` once its card has come."""

    student_id: str
    district: str
    is_known: bool = False
    is_erased: bool = False
    school_id: str | None = None
    case_manager_id: str | None = None
    student: Sealed[StudentCard] | None = None
    contacts: tuple[Sealed[ContactCard], ...] = ()

    def contact(self, contact_id: str) -> ContactCard | None:
        """One contact, unless erased, barred or not of this student."""
        return next((card for each, card in self.reachable() if each == contact_id), None)

    def reachable(self) -> list[tuple[str, ContactCard]]:
        """Ids and cards of those who may hear anything at all."""
        cards = [(each.person, each.facts) for each in self.contacts]
        return [(who, c) for who, c in cards if not isinstance(c, Erased) and not c.barred]

    def news(self) -> list[str]:
        """Ids of those who hear all news of this student."""
        return [who for who, card in self.reachable() if card.notify == "news"]

    @property
    def first_name(self) -> str:
        """The student's first name; empty when it is not known any more."""
        card = self.student.facts if self.student else None
        return card.first_name if isinstance(card, StudentCard) else ""


@dataclass(frozen=True, kw_only=True)
class SchoolCard:
    """A school as families know it."""

    school_id: str
    district: str
    name: str
    phone: str | None
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """A member of staff."""

    staff_id: str
    district: str
    role: str
    sealed: Sealed[StaffCard]


@dataclass(frozen=True, kw_only=True)
class ServiceCard:
    """A service as families are told of it."""

    service_id: str
    district: str
    card: ServiceCardChanged


@dataclass(frozen=True, kw_only=True)
class Coordinators:
    """Those who answer for an organization; only the active ones are kept."""

    organization_id: str
    district: str
    by_id: Mapping[str, Sealed[CoordinatorCard]] = field(default_factory=dict)

    def reachable(self) -> list[tuple[str, CoordinatorCard]]:
        """Ids and cards of those with a mail address."""
        cards = [(who, self.by_id[who].facts) for who in sorted(self.by_id)]
        return [(who, c) for who, c in cards if not isinstance(c, Erased) and c.email]


def copy_family(
    family: FamilyCard | None, said: ContactCardChanged, context: Context
) -> Decision[FamilyCard]:
    """Keep the newest card; an erased student stays forgotten."""
    if family is not None and family.is_erased:
        return Decision(family)
    return Decision(
        FamilyCard(
            student_id=said.student_id,
            district=context.district,
            is_known=True,
            school_id=said.school_id,
            case_manager_id=said.case_manager_id,
            student=said.student,
            contacts=said.contacts,
        )
    )


def forget_family(
    family: FamilyCard | None, said: StudentErased, context: Context
) -> Decision[FamilyCard]:
    """Forget everybody, for good."""
    del family
    return Decision(
        FamilyCard(student_id=said.student_id, district=context.district, is_erased=True)
    )


def copy_school(
    school: SchoolCard | None, said: SchoolCardChanged, context: Context
) -> Decision[SchoolCard]:
    """Keep the newest card."""
    del school
    return Decision(
        SchoolCard(
            school_id=said.school_id,
            district=context.district,
            name=said.name,
            phone=said.phone,
            time_zone=said.time_zone,
        )
    )


def copy_colleague(
    colleague: Colleague | None, said: StaffCardChanged, context: Context
) -> Decision[Colleague]:
    """Keep the newest card."""
    del colleague
    return Decision(
        Colleague(
            staff_id=said.staff_id, district=context.district, role=said.role, sealed=said.sealed
        )
    )


def copy_service(
    service: ServiceCard | None, said: ServiceCardChanged, context: Context
) -> Decision[ServiceCard]:
    """Keep the newest card."""
    del service
    return Decision(ServiceCard(service_id=said.service_id, district=context.district, card=said))


def copy_coordinator(
    found: Coordinators | None, said: CoordinatorCardChanged, context: Context
) -> Decision[Coordinators]:
    """Keep the newest card of one coordinator of an organization, or drop it."""
    found = found or Coordinators(organization_id=said.organization_id, district=context.district)
    others = {who: card for who, card in found.by_id.items() if who != said.coordinator_id}
    active = {said.coordinator_id: said.sealed} if said.is_active else {}
    return Decision(replace(found, by_id=others | active))


def channels_of(card: ContactCard, *, has_texts: bool) -> tuple[Channel, ...]:
    """The ladder of a contact: a text to a mobile phone, else a mail."""
    may_text = has_texts and any(c.kind == "phone" and c.may_text for c in card.channels)
    has_mail = any(c.kind == "email" for c in card.channels)
    return (*(("sms",) if may_text else ()), *(("email",) if has_mail else ()))


def address_of(card: ContactCard, channel: Channel) -> str | None:
    """Where a channel of the ladder leads."""
    return next(
        (
            each.value
            for each in card.channels
            if (each.kind == "email" if channel == "email" else each.may_text)
        ),
        None,
    )


def spoken(languages: tuple[str, ...]) -> Locale:
    """The first of somebody's languages that we speak, else English."""
    found = (known(each) for each in languages)
    return cast("Locale", next((each for each in found if each), "en"))
