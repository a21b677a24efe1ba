"""How the copies of cards are stored: seals as they were received."""

from typing import Any, Final

from schemas.envelope import Sealed
from schemas.plans import ContactCard, StaffCard, StudentCard
from schemas.referrals import CoordinatorCard, ServiceCardChanged
from services.chassis.kinds import Document, Index, Kind
from services.chassis.seals import box_of, seal_from
from services.chassis.vault import Keyring
from services.notifications.domain.cards import (
    Colleague,
    Coordinators,
    FamilyCard,
    SchoolCard,
    ServiceCard,
)

Stored = dict[str, Any] | None


def stored(seal: Sealed[Any] | None, keys: Keyring) -> Stored:
    """A seal as it is stored: whose, and the bytes."""
    return None if seal is None else {"person": seal.person, "box": box_of(seal, keys)}


def restored(kind: type[Sealed[Any]], row: Stored, keys: Keyring) -> Any:
    """A stored seal, opened."""
    return None if row is None else seal_from(kind, row["person"], row["box"], keys)


def _family(family: FamilyCard, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "is_known": family.is_known,
        "is_erased": family.is_erased,
        "school_id": family.school_id,
        "case_manager_id": family.case_manager_id,
        "student": stored(family.student, keys),
        "contacts": [stored(each, keys) for each in family.contacts],
    }


def _family_of(row: Document, keys: Keyring) -> FamilyCard:
    return FamilyCard(
        student_id=row["_id"],
        district=row["district"],
        is_known=row["is_known"],
        is_erased=row["is_erased"],
        school_id=row["school_id"],
        case_manager_id=row["case_manager_id"],
        student=restored(Sealed[StudentCard], row["student"], keys),
        contacts=tuple(restored(Sealed[ContactCard], each, keys) for each in row["contacts"]),
    )


def _family_persons(family: FamilyCard) -> list[str]:
    student = [family.student.person] if family.student else []
    return [*student, *(seal.person for seal in family.contacts)]


def _coordinators(found: Coordinators, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "by_id": {who: stored(card, keys) for who, card in sorted(found.by_id.items())},
    }


def _coordinators_of(row: Document, keys: Keyring) -> Coordinators:
    return Coordinators(
        organization_id=row["_id"],
        district=row["district"],
        by_id={
            who: restored(Sealed[CoordinatorCard], card, keys) for who, card in row["by_id"].items()
        },
    )


FAMILIES: Final[Kind[Any]] = Kind(
    state=FamilyCard,
    collection="families",
    to_document=_family,
    from_document=_family_of,
    persons=_family_persons,
    blank=lambda student_id, district: FamilyCard(student_id=student_id, district=district),
)
SCHOOLS: Final[Kind[Any]] = Kind(
    state=SchoolCard,
    collection="schools",
    to_document=lambda school, _: {
        "shape": 1,
        "name": school.name,
        "phone": school.phone,
        "time_zone": school.time_zone,
    },
    from_document=lambda row, _: SchoolCard(
        school_id=row["_id"],
        district=row["district"],
        name=row["name"],
        phone=row["phone"],
        time_zone=row["time_zone"],
    ),
)
COLLEAGUES: Final[Kind[Any]] = Kind(
    state=Colleague,
    collection="colleagues",
    to_document=lambda found, keys: {
        "shape": 1,
        "role": found.role,
        "sealed": stored(found.sealed, keys),
    },
    from_document=lambda row, keys: Colleague(
        staff_id=row["_id"],
        district=row["district"],
        role=row["role"],
        sealed=restored(Sealed[StaffCard], row["sealed"], keys),
    ),
    persons=lambda found: [found.sealed.person],
)
SERVICES: Final[Kind[Any]] = Kind(
    state=ServiceCard,
    collection="services",
    to_document=lambda found, _: {"shape": 1, "card": found.card.model_dump(mode="json")},
    from_document=lambda row, _: ServiceCard(
        service_id=row["_id"],
        district=row["district"],
        card=ServiceCardChanged.model_validate(row["card"]),
    ),
    indexes=(Index((("district", 1), ("card.category", 1))),),
)
COORDINATORS: Final[Kind[Any]] = Kind(
    state=Coordinators,
    collection="coordinators",
    to_document=_coordinators,
    from_document=_coordinators_of,
    persons=lambda found: [seal.person for seal in found.by_id.values()],
    blank=lambda organization_id, district: Coordinators(
        organization_id=organization_id, district=district
    ),
)
CARDS: Final = (FAMILIES, SCHOOLS, COLLEAGUES, SERVICES, COORDINATORS)
