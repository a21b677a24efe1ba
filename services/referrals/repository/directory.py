"""How the directory is stored: organizations, services, coordinators, seats."""

from dataclasses import asdict
from datetime import date
from typing import Final

from schemas.referrals import CoordinatorCard
from services.chassis.kinds import Document, Index, Kind
from services.chassis.vault import Keyring
from services.referrals.domain.directory import Agreement, Coordinator, Organization, Service
from services.referrals.domain.seats import Seats
from services.referrals.repository.values import day_of, day_text, hour_of, hour_text


def _fields(state: Service | Seats, own_id: str) -> Document:
    """All fields but the id; `asdict` would copy each value, which a large import feels."""
    return {name: getattr(state, name) for name in state.__dataclass_fields__ if name != own_id}


def _organization(state: Organization, _: Keyring) -> Document:
    agreement = state.agreement
    row = asdict(state) | {"shape": 1}
    if agreement:
        row["agreement"] |= {
            "begins_on": day_text(agreement.begins_on),
            "ends_on": day_text(agreement.ends_on),
        }
    del row["organization_id"]
    return row


def organization_of(row: Document, _: Keyring | None = None) -> Organization:
    """An organization from its document."""
    agreed = row["agreement"]
    return Organization(
        organization_id=row["_id"],
        district=row["district"],
        name=row["name"],
        phone=row["phone"],
        place=row["place"],
        is_suspended=row["is_suspended"],
        agreement=Agreement(
            begins_on=date.fromisoformat(agreed["begins_on"]),
            ends_on=date.fromisoformat(agreed["ends_on"]),
            answer_days=agreed["answer_days"],
        )
        if agreed
        else None,
    )


_TUPLES: Final = ("categories", "interests", "areas", "languages", "weekdays")


def _service(state: Service, _: Keyring) -> Document:
    hours = {"starts": hour_text(state.starts), "ends": hour_text(state.ends)}
    return {**_fields(state, "service_id"), **hours, "shape": 1}


def service_of(row: Document, _: Keyring | None = None) -> Service:
    """A service from its document."""
    plain = {name: row[name] for name in Service.__dataclass_fields__ if name in row}
    return Service(
        service_id=row["_id"],
        **plain
        | {name: tuple(row[name]) for name in _TUPLES}
        | {"starts": hour_of(row["starts"]), "ends": hour_of(row["ends"])},
    )


def _coordinator(state: Coordinator, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "organization_id": state.organization_id,
        "is_active": state.is_active,
        "card": keys.seal_facts(state.coordinator_id, state.card),
    }


def _coordinator_of(row: Document, keys: Keyring) -> Coordinator:
    return Coordinator(
        coordinator_id=row["_id"],
        district=row["district"],
        organization_id=row["organization_id"],
        is_active=row["is_active"],
        card=keys.open_facts(row["_id"], CoordinatorCard, row["card"]),
    )


def _seats(state: Seats, _: Keyring) -> Document:
    updated = day_text(state.updated_on)
    return {**_fields(state, "service_id"), "updated_on": updated, "shape": 1}


def seats_of(row: Document, _: Keyring | None = None) -> Seats:
    """Seats from their document."""
    return Seats(
        service_id=row["_id"],
        district=row["district"],
        organization_id=row["organization_id"],
        categories=tuple(row["categories"]),
        maximum=row["maximum"],
        occupied_outside=row["occupied_outside"],
        taken=row["taken"],
        held=row["held"],
        updated_on=day_of(row["updated_on"]),
        is_taking=row["is_taking"],
        accepts_waitlist=row["accepts_waitlist"],
    )


ORGANIZATIONS: Final[Kind[Organization]] = Kind(
    state=Organization,
    collection="organizations",
    to_document=_organization,
    from_document=organization_of,
    indexes=(Index((("district", 1),)),),
)
SERVICES: Final[Kind[Service]] = Kind(
    state=Service,
    collection="services",
    to_document=_service,
    from_document=service_of,
    indexes=(Index((("district", 1), ("organization_id", 1))),),
)
COORDINATORS: Final[Kind[Coordinator]] = Kind(
    state=Coordinator,
    collection="coordinators",
    to_document=_coordinator,
    from_document=_coordinator_of,
    persons=lambda state: (state.coordinator_id,),
    indexes=(Index((("district", 1), ("organization_id", 1))),),
)
SEATS: Final[Kind[Seats]] = Kind(
    state=Seats,
    collection="seats",
    to_document=_seats,
    from_document=seats_of,
    watch=lambda state: (state.organization_id,),
    indexes=(
        Index((("district", 1), ("organization_id", 1))),
        Index((("district", 1), ("categories", 1))),
    ),
)
