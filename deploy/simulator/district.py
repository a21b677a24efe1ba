"""A district of any size: the made-up town as often as it takes, each time with other people."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import date
from itertools import cycle
from math import ceil
from typing import Any, Final, TypeVar

from deploy.local.story.sources import Filling
from deploy.local.town.families import STUDENTS
from deploy.local.town.town import Town, town
from deploy.simulator.sizes import Size
from services.plans.translating import Source
from services.referrals.directory.given import Records, records_of
from services.referrals.directory.records import ServiceRecord, stable_id

T = TypeVar("T")
OF_SOURCE: Final = ("source_id", "source_ids")  # how the fields end that name a row of a file


def district(size: Size, today: date, seed: int) -> Filling:
    """Everything that goes into it; the same size, day and seed give the same."""
    wards = ceil(size.students / STUDENTS)
    made = [town(today, seed=seed + number) for number in range(wards)]
    return Filling(
        people=_people(made, size),
        partners=tuple(
            _partners(each, size, number=number, of=wards) for number, each in enumerate(made)
        ),
        clock_start=made[0].clock_start,
    )


def _people(made: Sequence[Town], size: Size) -> Source:
    towns = [(each, f"-w{number}") for number, each in enumerate(made)]
    students = [renamed(each, ward) for town, ward in towns for each in town.roster.students][
        : size.students
    ]
    known = {each.source_id for each in students}
    roster = replace(
        made[0].roster,
        schools=_all(towns, lambda each: each.roster.schools),
        sessions=_all(towns, lambda each: each.roster.sessions),
        calendar_days=_all(towns, lambda each: each.roster.calendar_days),
        students=tuple(students),
        contacts=_all(towns, lambda each: each.roster.contacts),
        student_contacts=tuple(
            each
            for each in _all(towns, lambda each: each.roster.student_contacts)
            if each.student_source_id in known
        ),
    )
    return Source(
        roster=roster,
        staff=tuple(
            replace(renamed(each, ward), email=f"{ward[1:]}.{each.email}")
            for town, ward in towns
            for each in town.staff
        ),
        assignments=tuple(
            each
            for each in _all(towns, lambda each: each.assignments)
            if each.student_source_id in known
        ),
        zones=made[0].zones,
    )


def _all(towns: Sequence[tuple[Town, str]], rows: Any) -> tuple[Any, ...]:
    return tuple(renamed(each, ward) for town, ward in towns for each in rows(town))


def renamed(record: T, ending: str) -> T:
    """The same row as one of another ward's files."""
    changed: dict[str, Any] = {}
    for each in fields(record):  # type: ignore[arg-type]
        value = getattr(record, each.name)
        if value and each.name.endswith(OF_SOURCE):
            changed[each.name] = (
                f"{value}{ending}"
                if isinstance(value, str)
                else tuple(f"{one}{ending}" for one in value)
            )
    return replace(record, **changed)  # type: ignore[type-var]


def _partners(made: Town, size: Size, *, number: int, of: int) -> Records:
    """A ward's share of the organizations and services, with names and ids of its own.

    Wards begin at different partners of the town, so that together they have all sorts.
    """
    source = f"ward-{number}"
    town = records_of(made.partners, source)
    first = size.organizations * number // of
    organizations = _turned(town.organizations, first)[: share(size.organizations, number, of)]
    kept = [each.source_id for each in organizations]
    services = _offered(town, kept, at_most=share(size.services, number, of))
    offered = {each.source_id for each in services}
    return Records(
        source=source,
        organizations=[
            replace(
                each,
                organization_id=stable_id(source, "organization", each.source_id),
                name=f"{each.name}, ward {number + 1}" if of > 1 else each.name,
            )
            for each in organizations
        ],
        services=[
            replace(each, service_id=stable_id(source, "service", each.source_id))
            for each in services
        ],
        coordinators=[
            replace(each, email=f"w{number}.{each.email}")
            for each in town.coordinators
            if each.organization_source_id in kept
        ],
        agreements=[each for each in town.agreements if each.organization_source_id in kept],
        seats=[each for each in town.seats if each.service_source_id in offered],
    )


def _offered(town: Records, kept: Collection[str], *, at_most: int) -> list[ServiceRecord]:
    """Services of the partners that are kept; where these are too few, others' in their hands."""
    own = [each for each in town.services if each.organization_source_id in kept]
    others = [each for each in town.services if each.organization_source_id not in kept]
    hands = cycle(kept)
    moved = [replace(each, organization_source_id=next(hands)) for each in others]
    return [*own, *moved][:at_most]


def _turned(rows: Sequence[T], first: int) -> Sequence[T]:
    """The same rows, begun at another one."""
    first %= len(rows)
    return [*rows[first:], *rows[:first]]


def share(total: int, number: int, of: int) -> int:
    """How many of a total fall to one of several, so that all of them make the total."""
    return total * (number + 1) // of - total * number // of
