"""The directory: organizations, services, coordinators."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Literal, cast

from schemas.codes import RESTRICTED, Category
from schemas.envelope import Erased, seal_of
from schemas.referrals import (
    CoordinatorCard,
    CoordinatorCardChanged,
    OrganizationCardChanged,
    ServiceCardChanged,
)
from services.chassis.kernel import Command, Context, Decision

CostKind = Literal["free", "amount", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """A dated data-sharing agreement; `answer_days` are partner days, None the default."""

    begins_on: date
    ends_on: date
    answer_days: int | None = None

    def is_live(self, day: date) -> bool:
        """Whether it covers a day."""
        return self.begins_on <= day <= self.ends_on


@dataclass(frozen=True, kw_only=True, slots=True)
class Organization:
    """A partner of a district."""

    organization_id: str
    district: str
    name: str
    phone: str | None = None
    place: str | None = None
    is_suspended: bool = False
    agreement: Agreement | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What a partner offers; empty and None mean not given, never "no limit".

    Grades from -1 (pre-kindergarten); weekdays are ISO; costs are US cents a week. What the
    organization is called and where it is goes on the card: `organization_name`, `place`.
    """

    service_id: str
    district: str
    organization_id: str
    name: str
    organization_name: str = ""
    place: str | None = None
    categories: tuple[Category, ...] = ()
    interests: tuple[str, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    grade_min: int | None = None
    grade_max: int | None = None
    areas: tuple[str, ...] = ()
    is_online: bool = False
    languages: tuple[str, ...] = ()
    interprets: bool = False
    cost_kind: CostKind = "unknown"
    cents_a_week: int | None = None
    weekdays: tuple[int, ...] = ()
    starts: time | None = None
    ends: time | None = None
    accepts_waitlist: bool = False
    is_active: bool = True
    phone: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Coordinator:
    """A person who answers for an organization; `card` is sealed where it is stored."""

    coordinator_id: str
    district: str
    organization_id: str
    card: CoordinatorCard | Erased
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Offering:
    """A service with the organization behind it, as matching sees it."""

    service: Service
    organization: Organization


def offerings(
    services: tuple[Service, ...], organizations: Mapping[str, Organization]
) -> tuple[Offering, ...]:
    """Services whose organization is known, by service id."""
    joined = [
        Offering(each, organizations[each.organization_id])
        for each in services
        if each.organization_id in organizations
    ]
    return tuple(sorted(joined, key=lambda each: each.service.service_id))


@dataclass(frozen=True, kw_only=True)
class PutOrganization(Command):
    """Say what an organization is from now on."""

    organization: Organization

    @property
    def organization_id(self) -> str:
        """Whom it is about."""
        return self.organization.organization_id


@dataclass(frozen=True, kw_only=True)
class PutService(Command):
    """Say what a service is from now on."""

    service: Service

    @property
    def service_id(self) -> str:
        """What it is about."""
        return self.service.service_id


@dataclass(frozen=True, kw_only=True)
class PutCoordinator(Command):
    """Say who answers for an organization."""

    coordinator: Coordinator

    @property
    def coordinator_id(self) -> str:
        """Whom it is about."""
        return self.coordinator.coordinator_id


def put_organization(
    before: Organization | None, asked: PutOrganization, context: Context
) -> Decision[Organization]:
    """The organization as said; saying the same again changes nothing.

    Where no agreement is named, the one there was stays: it ends on its day.
    """
    agreement = asked.organization.agreement or (before.agreement if before else None)
    now = replace(asked.organization, district=context.district, agreement=agreement)
    if now == before:
        return Decision(now)
    card = OrganizationCardChanged(
        organization_id=now.organization_id,
        name=now.name,
        phone=now.phone,
        is_suspended=now.is_suspended,
        agreement_until=now.agreement.ends_on if now.agreement else None,
    )
    return Decision(now, (card,))


def put_service(before: Service | None, asked: PutService, context: Context) -> Decision[Service]:
    """The service as said; saying the same again changes nothing.

    A service whose type is not mapped has no category and so no card: nothing matches by it.
    """
    now = replace(asked.service, district=context.district)
    if now == before:
        return Decision(now)
    known = now.categories or (before.categories if before else ())
    if not known:
        return Decision(now)
    return Decision(now, (_card(now, known[0]),))


def _card(now: Service, category: Category) -> ServiceCardChanged:
    return ServiceCardChanged(
        service_id=now.service_id,
        organization_id=now.organization_id,
        name=now.name,
        organization_name=now.organization_name,
        category=category,
        restricted=category in RESTRICTED,
        is_active=now.is_active and bool(now.categories),
        address=now.place,
        phone=now.phone,
        url=now.url,
        weekdays=now.weekdays,
        starts=_hour(now.starts),
        ends=_hour(now.ends),
        is_free={"free": True, "amount": False}.get(now.cost_kind),
    )


def _hour(at: time | None) -> str | None:
    return at.strftime("%H:%M") if at else None


def put_coordinator(
    before: Coordinator | None, asked: PutCoordinator, context: Context
) -> Decision[Coordinator]:
    """The coordinator as said; saying the same again changes nothing, an erased one stays so."""
    now = replace(asked.coordinator, district=context.district)
    if now == before or (before and isinstance(before.card, Erased)):
        return Decision(before or now)
    card = CoordinatorCardChanged(
        coordinator_id=now.coordinator_id,
        organization_id=now.organization_id,
        is_active=now.is_active,
        sealed=seal_of(now.coordinator_id, cast("CoordinatorCard", now.card)),
    )
    return Decision(now, (card,))
