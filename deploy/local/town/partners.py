"""The partners of Harbor: 60 organizations and 140 services out of `partners.csv`."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

from deploy.local.town import district
from deploy.local.town.names import address
from services.referrals.directory.records import (
    AgreementRecord,
    CoordinatorRecord,
    Cost,
    CostKind,
    Intake,
    OrganizationRecord,
    Schedule,
    SeatRecord,
    ServiceRecord,
    Transport,
    Weekday,
    stable_id,
)

SOURCE = "harbor-town"
TABLE = Path(__file__).with_name("partners.csv")

SHARE_WITH_WAITING_LIST = 0.7
AGE_OF_STALE_FIGURES = 31
DAYS_FIGURES_ARE_FRESH = 9
AGREEMENT_ENDED = "Second Sail Shop"
AGREEMENT_ENDING = "Steady Hands"
FAMILY_LED = frozenset({"family.legal"})
"""Never referred to by the school, so no agreement is needed."""

SUMMER = ((7, 1), (8, 15))
SCHOOL_YEAR = ((9, 1), (6, 15))
SEASONAL = "enrich."

COORDINATORS = (
    *(("Ruth", "Oarlock"), ("Igor", "Capstan"), ("Mei", "Jetty"), ("Paul", "Bowline")),
    *(("Sara", "Trawler"), ("Tom", "Dinghy"), ("Una", "Lockkeeper"), ("Vic", "Foresail")),
    *(("Wanda", "Rudderly"), ("Yusuf", "Tidegate"), ("Zoe", "Boathouse"), ("Abe", "Moorgate")),
)


@dataclass(kw_only=True)
class Partners:
    """All partner records, in the order of the table."""

    organizations: list[OrganizationRecord] = field(default_factory=list)
    services: list[ServiceRecord] = field(default_factory=list)
    coordinators: list[CoordinatorRecord] = field(default_factory=list)
    agreements: list[AgreementRecord] = field(default_factory=list)
    seats: list[SeatRecord] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Making:
    today: date
    phones: Iterator[str]
    rng: random.Random


def partners(*, today: date, phones: Iterator[str], seed: int) -> Partners:
    """Every organization with its services, people, agreement and places."""
    making = _Making(today=today, phones=phones, rng=random.Random(seed))
    found = Partners()
    place: dict[str, str] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            if cells["organization"]:
                place = cells
                _add_organization(found, cells, making)
            _add_service(found, cells, place, making)
    return found


def _add_organization(found: Partners, cells: dict[str, str], making: _Making) -> None:
    number = len(found.organizations) + 1
    source_id = f"O-{number:02}"
    domain = address(cells["organization"], at="").rstrip("@") + ".example"
    found.organizations.append(
        OrganizationRecord(
            source_id=source_id,
            organization_id=stable_id(SOURCE, "organization", source_id),
            name=cells["organization"],
            kind="nonprofit",
            description="A made-up partner of a made-up town.",
            url=f"https://{domain}/",
            email=f"office@{domain}",
            phone=next(making.phones),
            town="Harbor",
            zip=next(each.zips[0] for each in district.ZONES if each.source_id == cells["zone"]),
        )
    )
    for n in range(1 + number % 2):
        first_name, surname = COORDINATORS[(number + 5 * n) % len(COORDINATORS)]
        found.coordinators.append(
            CoordinatorRecord(
                source_id=f"{source_id}-{n + 1}",
                organization_source_id=source_id,
                first_name=first_name,
                surname=surname,
                email=address(first_name, surname, at=domain),
                phone=next(making.phones),
                languages=("en",),
            )
        )
    if cells["categories"] not in FAMILY_LED:
        found.agreements.append(_agreement(source_id, cells["organization"], making.today))


def _agreement(source_id: str, name: str, today: date) -> AgreementRecord:
    days_left = {AGREEMENT_ENDED: -12, AGREEMENT_ENDING: 20}.get(name, 400)
    return AgreementRecord(
        organization_source_id=source_id,
        begins_on=today - timedelta(days=300),
        ends_on=today + timedelta(days=days_left),
    )


def _add_service(
    found: Partners, cells: dict[str, str], place: dict[str, str], making: _Making
) -> None:
    source_id = f"V-{len(found.services) + 1:03}"
    partner = found.organizations[-1]
    ages, grades = _span(cells["ages"]), _span(cells["grades"])
    categories = tuple(cells["categories"].split())
    travel, _, site = cells["travel"].partition(":")
    transport = Transport(travel)
    found.services.append(
        ServiceRecord(
            source_id=source_id,
            service_id=stable_id(SOURCE, "service", source_id),
            organization_source_id=partner.source_id,
            name=cells["service"],
            categories=categories,
            interests=tuple(cells["interests"].split()),
            age_min=ages[0],
            age_max=ages[1],
            grade_min=grades[0],
            grade_max=grades[1],
            languages=tuple(place["languages"].split()),
            cost=_cost(cells["cost"]),
            schedule=_schedule(cells, categories, making.today),
            areas=_areas(place["zone"], transport),
            transport=transport,
            school_sites=(site,) if site else (),
            intake=Intake.APPLICATION if categories[0] in FAMILY_LED else Intake.ROLLING,
            accepts_waitlist=making.rng.random() < SHARE_WITH_WAITING_LIST,
            url=partner.url,
            email=partner.email,
            phone=partner.phone,
        )
    )
    seats = _seats(source_id, cells["seats"], making)
    if seats is not None:
        found.seats.append(seats)


def _areas(zone: str, transport: Transport) -> tuple[str, ...]:
    """The zone itself, and the ones next to it for those who fetch children."""
    own = next(each for each in district.ZONES if each.source_id == zone)
    return (zone, *own.neighbours) if transport is Transport.BRINGS else (zone,)


def _span(text: str) -> tuple[int | None, int | None]:
    if not text:
        return None, None
    low, _, high = text.replace("K", "0").partition("-")
    return int(low), int(high)


def _cost(text: str) -> Cost:
    if text == "free":
        return Cost(kind=CostKind.FREE, stated="Free")
    if text == "?":
        return Cost()
    return Cost(kind=CostKind.AMOUNT, per_week=Decimal(text), stated=f"${text} a week")


def _schedule(cells: dict[str, str], categories: tuple[str, ...], today: date) -> Schedule:
    begins, _, ends = cells["hours"].partition("-")
    season = _season(categories, today) if categories[0].startswith(SEASONAL) else (None, None)
    return Schedule(
        weekdays=tuple(Weekday(each) for each in cells["days"].split()),
        begins_at=_time(begins),
        ends_at=_time(ends),
        begins_on=season[0],
        ends_on=season[1],
    )


def _season(categories: tuple[str, ...], today: date) -> tuple[date, date]:
    """The season in force or the next one: summer weeks, else the school year."""
    first, last = SUMMER if "enrich.summer" in categories else SCHOOL_YEAR
    year = today.year if today <= date(today.year, *last) else today.year + 1
    return date(year - (first > last), *first), date(year, *last)


def _time(text: str) -> time | None:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0)) if hour else None


def _seats(service: str, text: str, making: _Making) -> SeatRecord | None:
    if text == "?":
        return None
    maximum, _, taken = text.rstrip("*").partition("/")
    fresh = making.rng.randrange(DAYS_FIGURES_ARE_FRESH)
    days = AGE_OF_STALE_FIGURES if text.endswith("*") else fresh
    return SeatRecord(
        service_source_id=service,
        maximum=int(maximum),
        occupied_outside=int(taken),
        updated_on=making.today - timedelta(days=days),
    )
