"""Copies of what the referral service follows of districts and schools."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.codes import OfferMode
from schemas.plans import DistrictCardChanged, SchoolCardChanged
from services.chassis.days import DEFAULT_ZONE
from services.chassis.kernel import Context, Decision


@dataclass(frozen=True, kw_only=True)
class District:
    """How a district wants offers to be made."""

    district: str
    offer_first: bool = True
    offer_mode: OfferMode = "assisted"


@dataclass(frozen=True, kw_only=True)
class School:
    """Where a student goes to school: its time zone counts for partners' days too."""

    school_id: str
    district: str
    time_zone: str


@dataclass(frozen=True)
class Districts:
    """The districts and schools of a batch."""

    districts: Mapping[str, District] = field(default_factory=dict)
    schools: Mapping[str, School] = field(default_factory=dict)

    def district(self, district: str) -> District:
        """A district's settings; the defaults until its card came."""
        return self.districts.get(district) or District(district=district)

    def zone(self, school_id: str | None) -> str:
        """The time zone of a school."""
        school = self.schools.get(school_id or "")
        return school.time_zone if school else DEFAULT_ZONE


def copy_district(
    before: District | None, said: DistrictCardChanged, context: Context
) -> Decision[District]:
    """The newest settings."""
    del before, context
    return Decision(
        District(
            district=said.district_id, offer_first=said.offer_first, offer_mode=said.offer_mode
        )
    )


def copy_school(
    before: School | None, said: SchoolCardChanged, context: Context
) -> Decision[School]:
    """The newest card."""
    del before
    return Decision(
        School(school_id=said.school_id, district=context.district, time_zone=said.time_zone)
    )


def settings(context: Context) -> District:
    """The settings of the district that a decision is made in."""
    return context.get(Districts).district(context.district)
