"""What a directory says, as records: nothing in them depends on the format it came in."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

DIRECTORIES = uuid5(NAMESPACE_URL, "urn:wraparound:directories")


def stable_id(source: str, kind: str, source_id: str) -> UUID:
    """The id of a thing of a source, the same at every import. Kinds: organization, service."""
    return uuid5(DIRECTORIES, f"{source}/{kind}/{source_id}")


class Weekday(StrEnum):
    """A day of the week as HSDS `byday` writes it."""

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"


class CostKind(StrEnum):
    """Whether a service costs anything."""

    FREE = "free"
    AMOUNT = "amount"
    UNKNOWN = "unknown"


class Transport(StrEnum):
    """How children get to a service."""

    AT_SCHOOL = "at-school"
    BRINGS = "brings"
    NONE = "none"
    UNKNOWN = "unknown"


class Intake(StrEnum):
    """How places are given."""

    ROLLING = "rolling"
    COHORT = "cohort"
    LOTTERY = "lottery"
    APPLICATION = "application"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What a week costs; `stated` keeps the source's words for people to read."""

    kind: CostKind = CostKind.UNKNOWN
    per_week: Decimal | None = None
    stated: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a service meets; what is not given is empty or None."""

    weekdays: tuple[Weekday, ...] = ()
    begins_at: time | None = None
    ends_at: time | None = None
    begins_on: date | None = None
    ends_on: date | None = None
    moved_years: int = 0  # by which its dates lie later here than in its file


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationRecord:
    """A partner; `phone` is E.164, `town` where it sits."""

    source_id: str
    organization_id: UUID
    name: str
    kind: str = ""
    description: str = ""
    url: str | None = None
    email: str | None = None
    phone: str | None = None
    town: str | None = None
    zip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRecord:
    """What a partner offers.

    `areas` are zones or towns served, empty if not given; `categories` those of `schemas.codes`,
    empty if its type is not mapped. None and empty mean not given, never "no limit".
    """

    source_id: str
    service_id: UUID
    organization_source_id: str
    name: str
    description: str = ""
    categories: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    grade_min: int | None = None
    grade_max: int | None = None
    languages: tuple[str, ...] = ()
    interprets: bool = False
    cost: Cost = field(default_factory=Cost)
    schedule: Schedule = field(default_factory=Schedule)
    areas: tuple[str, ...] = ()
    is_online: bool = False
    transport: Transport = Transport.UNKNOWN
    school_sites: tuple[str, ...] = ()
    meals: bool | None = None
    insurance: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    intake: Intake = Intake.ROLLING
    accepts_waitlist: bool = False
    eligibility: str = ""
    url: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CoordinatorRecord:
    """A partner's person who answers offers."""

    source_id: str
    organization_source_id: str
    first_name: str
    surname: str
    email: str
    phone: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementRecord:
    """A dated data-sharing agreement; `answer_days` are partner days, None the default."""

    organization_source_id: str
    begins_on: date
    ends_on: date
    answer_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRecord:
    """Places of a service on a day; a service without one has an unknown capacity."""

    service_source_id: str
    maximum: int
    occupied_outside: int
    updated_on: date

    @property
    def free(self) -> int:
        """Places nobody from outside has taken."""
        return max(self.maximum - self.occupied_outside, 0)


@dataclass(frozen=True, kw_only=True)
class Directory:
    """All records of one directory, in the order of the files."""

    organizations: tuple[OrganizationRecord, ...] = ()
    services: tuple[ServiceRecord, ...] = ()
