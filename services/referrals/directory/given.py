"""What is brought in: a directory's records, or a town's, whoever made them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.referrals.directory.records import (
    AgreementRecord,
    CoordinatorRecord,
    OrganizationRecord,
    SeatRecord,
    ServiceRecord,
    stable_id,
)


class Given(Protocol):
    """What is to be imported: a directory's records, with or without people and figures."""

    @property
    def organizations(self) -> Sequence[OrganizationRecord]:
        """Partners."""

    @property
    def services(self) -> Sequence[ServiceRecord]:
        """What they offer."""


@dataclass(frozen=True, kw_only=True)
class Records:
    """All that one import brings; `organizations` name all whose source ids the others use."""

    source: str
    organizations: Sequence[OrganizationRecord]
    services: Sequence[ServiceRecord]
    coordinators: Sequence[CoordinatorRecord] = ()
    agreements: Sequence[AgreementRecord] = ()
    seats: Sequence[SeatRecord] = ()


def records_of(given: Given, source: str) -> Records:
    """The records of a directory or of a town's partners."""
    return Records(
        source=source,
        organizations=given.organizations,
        services=given.services,
        coordinators=getattr(given, "coordinators", ()),
        agreements=getattr(given, "agreements", ()),
        seats=getattr(given, "seats", ()),
    )


def coordinator_id(source: str, source_id: str) -> str:
    """The id of a coordinator of a source: also the user id of the account to sign in with."""
    return str(stable_id(source, "coordinator", source_id))


def agreements_for(
    organizations: Iterable[OrganizationRecord], *, begins_on: date, ends_on: date
) -> tuple[AgreementRecord, ...]:
    """The same agreement for each organization, where a directory names none."""
    return tuple(
        AgreementRecord(organization_source_id=each.source_id, begins_on=begins_on, ends_on=ends_on)
        for each in organizations
    )
