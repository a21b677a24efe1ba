"""A directory given as records goes through the door, one statement per thing.

The same directory twice changes nothing: a statement that says what is known already has no
effect. What a later directory no longer names is left as it is; a person ends it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final, cast, get_args
from uuid import UUID, uuid5

from schemas.codes import Category
from schemas.referrals import CoordinatorCard
from services.chassis.kernel import NAMESPACE, Command
from services.chassis.scope import Scope
from services.chassis.submitting import submit_all
from services.referrals.directory.given import Records, coordinator_id
from services.referrals.directory.records import (
    AgreementRecord,
    CostKind,
    OrganizationRecord,
    SeatRecord,
    ServiceRecord,
    Weekday,
)
from services.referrals.domain.directory import (
    Agreement,
    Coordinator,
    Organization,
    PutCoordinator,
    PutOrganization,
    PutService,
    Service,
)
from services.referrals.domain.seats import PutSeats
from services.referrals.usecases import DirectoryDesk

CATEGORIES: Final[frozenset[str]] = frozenset(get_args(Category))
ISO_WEEKDAYS: Final[Mapping[Weekday, int]] = {day: n for n, day in enumerate(Weekday, start=1)}
CENTS: Final = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """How many of each kind went through; `unmapped` services have no category, match nothing."""

    organizations: int
    services: int
    coordinators: int
    unmapped: int
    without_agreement: int


Progress = Callable[[int, int], None]  # done, of all


def _silent(done: int, of_all: int) -> None:
    """Tell nobody."""
    del done, of_all


@dataclass(kw_only=True)
class DirectoryImport:
    """One run; `run_id` makes its commands its own."""

    desk: DirectoryDesk
    district: str
    run_id: UUID
    progress: Progress = _silent

    async def run(self, records: Records) -> Imported:
        """Put all records; organizations first, for services carry their names."""
        scope = Scope(district=self.district, actor="import")
        stated = [*_statements(records, self.run_id, scope)]
        await submit_all(
            (partial(self.desk.put, each) for each in stated),
            lambda done: self.progress(done, len(stated)),
        )
        return _counted(records)


def _counted(records: Records) -> Imported:
    agreed = {each.organization_source_id for each in records.agreements}
    return Imported(
        organizations=len(records.organizations),
        services=len(records.services),
        coordinators=len(records.coordinators),
        unmapped=sum(not _categories(each) for each in records.services),
        without_agreement=sum(each.source_id not in agreed for each in records.organizations),
    )


def _statements(records: Records, run_id: UUID, scope: Scope) -> Iterator[Command]:
    """Everything as commands, in an order in which each may rely on the ones before."""

    def key(kind: str, thing: str) -> UUID:
        return uuid5(NAMESPACE, f"{run_id} {kind} {thing}")

    partners = {each.source_id: each for each in records.organizations}
    agreements = {each.organization_source_id: each for each in records.agreements}
    for partner in records.organizations:
        state = _organization(partner, agreements.get(partner.source_id), scope.district)
        asked = key("organization", state.organization_id)
        yield PutOrganization(key=asked, scope=scope, organization=state)
    figures = {each.service_source_id: each for each in records.seats}
    for offered in records.services:
        partner = partners[offered.organization_source_id]
        service = _service(offered, partner, scope.district)
        asked = key("service", service.service_id)
        yield PutService(key=asked, scope=scope, service=service)
        asked = key("seats", service.service_id)
        yield _seats(service, figures.get(offered.source_id), asked, scope)
    yield from _people(records, partners, key, scope)


def _people(
    records: Records,
    partners: Mapping[str, OrganizationRecord],
    key: Callable[[str, str], UUID],
    scope: Scope,
) -> Iterator[Command]:
    for each in records.coordinators:
        person = Coordinator(
            coordinator_id=coordinator_id(records.source, each.source_id),
            district=scope.district,
            organization_id=str(partners[each.organization_source_id].organization_id),
            card=CoordinatorCard(
                name=f"{each.first_name} {each.surname}",
                email=each.email or None,
                phone=each.phone,
                locale=next(iter(each.languages), "en"),
            ),
        )
        asked = key("coordinator", person.coordinator_id)
        yield PutCoordinator(key=asked, scope=scope, coordinator=person)


def _organization(
    record: OrganizationRecord, agreed: AgreementRecord | None, district: str
) -> Organization:
    agreement = (
        Agreement(
            begins_on=agreed.begins_on, ends_on=agreed.ends_on, answer_days=agreed.answer_days
        )
        if agreed
        else None
    )
    return Organization(
        organization_id=str(record.organization_id),
        district=district,
        name=record.name,
        phone=record.phone,
        place=_place(record),
        agreement=agreement,
    )


def _place(record: OrganizationRecord) -> str | None:
    return " ".join(filter(None, (record.town, record.zip))) or None


def _categories(record: ServiceRecord) -> tuple[Category, ...]:
    known = [each for each in record.categories if each in CATEGORIES]
    return tuple(cast("Category", each) for each in dict.fromkeys(known))


def _service(record: ServiceRecord, partner: OrganizationRecord, district: str) -> Service:
    price = record.cost.per_week
    return Service(
        service_id=str(record.service_id),
        district=district,
        organization_id=str(partner.organization_id),
        name=record.name,
        organization_name=partner.name,
        place=_place(partner),
        categories=_categories(record),
        interests=record.interests,
        age_min=record.age_min,
        age_max=record.age_max,
        grade_min=record.grade_min,
        grade_max=record.grade_max,
        areas=record.areas,
        is_online=record.is_online,
        languages=record.languages,
        interprets=record.interprets,
        cost_kind={CostKind.FREE: "free", CostKind.AMOUNT: "amount"}.get(  # type: ignore[arg-type]
            record.cost.kind, "unknown"
        ),
        cents_a_week=int(price * CENTS) if price is not None else None,
        weekdays=tuple(sorted(ISO_WEEKDAYS[each] for each in record.schedule.weekdays)),
        starts=record.schedule.begins_at,
        ends=record.schedule.ends_at,
        accepts_waitlist=record.accepts_waitlist,
        phone=record.phone,
        url=record.url,
    )


def _seats(service: Service, record: SeatRecord | None, key: UUID, scope: Scope) -> PutSeats:
    figures: dict[str, Any] = {}
    if record:
        figures = {
            "maximum": record.maximum,
            "occupied_outside": record.occupied_outside,
            "updated_on": record.updated_on,
        }
    return PutSeats(
        key=key,
        scope=scope,
        service_id=service.service_id,
        organization_id=service.organization_id,
        categories=service.categories,
        accepts_waitlist=service.accepts_waitlist,
        **figures,
    )
