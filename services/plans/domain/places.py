"""Districts, schools and staff: what a roster and the settings say of them."""

from dataclasses import dataclass, field

from schemas.envelope import Erased, seal_of
from schemas.plans import DistrictCardChanged, SchoolCardChanged, StaffCard, StaffCardChanged
from services.chassis.days import Calendar
from services.chassis.kernel import Command, Context, Decision


@dataclass(frozen=True, kw_only=True)
class District:
    """The tenant, and the settings that the other services follow."""

    district_id: str
    district: str
    name: str
    time_zone: str
    offer_first: bool = True


@dataclass(frozen=True, kw_only=True)
class School:
    """A place of enrolment with its instructional days."""

    school_id: str
    district: str
    name: str
    phone: str | None = None  # E.164
    calendar: Calendar


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """Somebody who works for the district."""

    staff_id: str
    district: str
    role: str
    school_ids: tuple[str, ...] = ()  # none: the whole district
    facts: StaffCard | Erased = field(default_factory=Erased)


def nobody(staff_id: str, district: str) -> StaffMember:
    """A member of staff of whom nothing is known."""
    return StaffMember(staff_id=staff_id, district=district, role="")


@dataclass(frozen=True, kw_only=True)
class RegisterDistrict(Command):
    """This is the district."""

    state: District


@dataclass(frozen=True, kw_only=True)
class RegisterSchool(Command):
    """A roster says this of a school."""

    state: School


@dataclass(frozen=True, kw_only=True)
class RegisterStaff(Command):
    """A list says this of a member of staff."""

    state: StaffMember


def register_district(
    district: District | None, asked: RegisterDistrict, context: Context
) -> Decision[District | None]:
    """Take over the district; the same again changes nothing."""
    del context
    if district == asked.state:
        return Decision(district)
    said = asked.state
    card = DistrictCardChanged(
        district_id=said.district_id, name=said.name, offer_first=said.offer_first
    )
    return Decision(said, (card,))


def register_school(
    school: School | None, asked: RegisterSchool, context: Context
) -> Decision[School | None]:
    """Take over a school; the same again changes nothing."""
    del context
    if school == asked.state:
        return Decision(school)
    said = asked.state
    card = SchoolCardChanged(
        school_id=said.school_id, name=said.name, phone=said.phone, time_zone=said.calendar.zone
    )
    return Decision(said, (card,))


def register_staff(
    member: StaffMember | None, asked: RegisterStaff, context: Context
) -> Decision[StaffMember | None]:
    """Take over a member of staff; the same again changes nothing, an erased one stays so."""
    del context
    said = asked.state
    was_erased = member is not None and member.role and isinstance(member.facts, Erased)
    if member == said or was_erased or isinstance(said.facts, Erased):
        return Decision(member)
    card = StaffCardChanged(
        staff_id=said.staff_id,
        role=said.role,
        school_ids=said.school_ids,
        sealed=seal_of(said.staff_id, said.facts),
    )
    return Decision(said, (card,))
