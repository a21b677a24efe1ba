"""Districts, schools and staff: what a roster and the settings say of them."""

from dataclasses import dataclass, field, replace
from typing import Final

from schemas import codes
from schemas.codes import OfferMode
from schemas.envelope import Erased, seal_of
from schemas.plans import DistrictCardChanged, SchoolCardChanged, StaffCard, StaffCardChanged
from services.chassis.days import Calendar
from services.chassis.kernel import Command, Context, Decision, Refused

FORMER: Final = "former"  # the role of whoever works here no more


@dataclass(frozen=True, kw_only=True)
class District:
    """The tenant, and the settings that the other services follow."""

    district_id: str
    district: str
    name: str
    time_zone: str
    offer_first: bool = True
    offer_mode: OfferMode = "assisted"


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
    """A roster says this of the district."""

    state: District


@dataclass(frozen=True, kw_only=True)
class SetOffering(Command):
    """How offers go out in a district."""

    district_id: str
    offer_first: bool
    offer_mode: OfferMode


@dataclass(frozen=True, kw_only=True)
class RegisterSchool(Command):
    """A roster says this of a school."""

    state: School


@dataclass(frozen=True, kw_only=True)
class RegisterStaff(Command):
    """A list says this of a member of staff."""

    state: StaffMember


@dataclass(frozen=True, kw_only=True)
class LeaveStaff(Command):
    """Somebody works here no more."""

    staff_id: str


def time_zone(known: District | None, said: str | None, *, is_meant: bool = False) -> str:
    """The zone of a district: said when it is new, then as known unless a change is meant.

    Raises:
        Refused: `time_zone_missing`, `time_zone_other`.
    """
    if known is None:
        if said is None:
            sentence = "This district is new: say --time-zone with it, such as America/Denver."
            raise Refused("time_zone_missing", sentence)
        return said
    if said not in {None, known.time_zone} and not is_meant:
        sentence = (
            f"The time zone of this district is {known.time_zone} so far: leave --time-zone out, "
            "or say --change-time-zone if that is meant. Nothing was changed."
        )
        raise Refused("time_zone_other", sentence)
    return said or known.time_zone


def register_district(
    district: District | None, asked: RegisterDistrict, context: Context
) -> Decision[District | None]:
    """Take over the district, not its settings; the same again changes nothing."""
    del context
    said = asked.state
    if district is not None:
        said = replace(said, offer_first=district.offer_first, offer_mode=district.offer_mode)
    return _told(district, said)


def set_offering(
    district: District | None, asked: SetOffering, context: Context
) -> Decision[District | None]:
    """Change how offers go out; what is out stays out.

    Raises:
        Refused: `subject_unknown`.
    """
    del context
    if district is None:
        raise Refused(*codes.SUBJECT_UNKNOWN)
    said = replace(district, offer_first=asked.offer_first, offer_mode=asked.offer_mode)
    return _told(district, said)


def _told(before: District | None, after: District) -> Decision[District | None]:
    card = DistrictCardChanged(
        district_id=after.district_id,
        name=after.name,
        offer_first=after.offer_first,
        offer_mode=after.offer_mode,
    )
    return Decision(after, () if after == before else (card,))


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


def leave_staff(
    member: StaffMember | None, asked: LeaveStaff, context: Context
) -> Decision[StaffMember | None]:
    """Give them nobody any more; the card stays, for what they did."""
    del asked, context
    if member is None or not member.role:
        return Decision(member)
    return Decision(replace(member, role=FORMER, school_ids=()))
