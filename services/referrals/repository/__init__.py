"""How the service's aggregates are stored: mappers, seals, indexes. No rule."""

from typing import Any, Final

from services.chassis.kinds import Kind
from services.referrals.repository.copies import (
    CONSENTS,
    DISTRICTS,
    SCHOOLS,
    district_of,
    school_of,
)
from services.referrals.repository.directory import (
    COORDINATORS,
    ORGANIZATIONS,
    SEATS,
    SERVICES,
    organization_of,
    seats_of,
    service_of,
)
from services.referrals.repository.referrals import REFERRALS

KINDS: Final[tuple[Kind[Any], ...]] = (
    REFERRALS,
    ORGANIZATIONS,
    SERVICES,
    COORDINATORS,
    SEATS,
    CONSENTS,
    DISTRICTS,
    SCHOOLS,
)

__all__ = [
    "CONSENTS",
    "COORDINATORS",
    "DISTRICTS",
    "KINDS",
    "ORGANIZATIONS",
    "REFERRALS",
    "SCHOOLS",
    "SEATS",
    "SERVICES",
    "district_of",
    "organization_of",
    "school_of",
    "seats_of",
    "service_of",
]
