"""Places of services: free = maximum - occupied outside - taken - held."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from schemas import codes
from schemas.codes import Outcome, Seat
from schemas.referrals import RuleResult
from services.chassis.kernel import Command, Context, Decision, Refused
from services.referrals.domain.rules import result

SeatClass = Literal["pass", "waitlist", "full", "closed", "unknown", "stale"]

STALE_DAYS: Final = 14
LARGEST: Final = 10_000  # places of one service


@dataclass(frozen=True, kw_only=True, slots=True)
class Seats:
    """The places of one service; without a maximum they are unknown."""

    service_id: str
    district: str
    organization_id: str
    categories: tuple[str, ...] = ()
    maximum: int | None = None
    occupied_outside: int = 0
    taken: int = 0
    held: int = 0
    updated_on: date | None = None
    is_taking: bool = True
    accepts_waitlist: bool = False

    @property
    def free(self) -> int | None:
        """Places nobody has; below zero after an edit or a yes without a hold; None: unknown."""
        if self.maximum is None:
            return None
        return self.maximum - self.occupied_outside - self.taken - self.held

    def days_old(self, today: date) -> int:
        """How old the figures are."""
        return (today - self.updated_on).days if self.updated_on else 0

    def known_free(self, today: date) -> int | None:
        """Free places that may be counted on; None where unknown or stale."""
        return None if self.days_old(today) > STALE_DAYS else self.free


@dataclass(frozen=True, slots=True)
class Change:
    """What one event does to the figures of a service."""

    held: int = 0
    taken: int = 0

    def __add__(self, other: "Change") -> "Change":
        return Change(self.held + other.held, self.taken + other.taken)


HOLDS: Final[Mapping[Seat, Change]] = {
    "held": Change(held=1),
    "taken": Change(taken=1),
    "freed": Change(),
    "none": Change(),
}


def seat_change(before: Seat, after: Seat) -> Change:
    """What it means for a service that an offer's seat goes from one state to another."""
    old, new = HOLDS[before], HOLDS[after]
    return Change(new.held - old.held, new.taken - old.taken)


def seat_class(seats: Seats, today: date) -> SeatClass:
    """Where a service stands; unknown and stale figures block nothing."""
    if not seats.is_taking:
        return "closed"
    free = seats.known_free(today)
    if free is None:
        return "unknown" if seats.free is None else "stale"
    if free > 0:
        return "pass"
    return "waitlist" if seats.accepts_waitlist else "full"


OUTCOMES: Final[Mapping[SeatClass, Outcome]] = {
    "pass": "pass",
    "waitlist": "pass",
    "full": "fail",
    "closed": "fail",
    "unknown": "unknown",
    "stale": "unknown",
}


def capacity(seats: Seats | None, today: date) -> RuleResult:
    """The rule capacity in words."""
    found: SeatClass = seat_class(seats, today) if seats else "unknown"
    number = 0
    if seats and found == "pass":
        number = seats.free or 0
    elif seats and found == "stale":
        number = seats.days_old(today)
    outcome = OUTCOMES[found]
    values = {"pass": {"count": number}, "stale": {"days": number}}.get(found, {})
    return result("capacity", found, outcome, hard=outcome != "unknown", **values)


# -- figures -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PutSeats(Command):
    """Say what a directory knows of a service's places; older figures change nothing."""

    service_id: str
    organization_id: str
    categories: tuple[str, ...]
    accepts_waitlist: bool
    maximum: int | None = None
    occupied_outside: int = 0
    updated_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class EditSeats(Command):
    """A coordinator says how many places there are and whether referrals are taken."""

    service_id: str
    maximum: int | None
    occupied_outside: int
    is_taking: bool


def put_seats(before: Seats | None, asked: PutSeats, context: Context) -> Decision[Seats]:
    """The figures of a directory, unless newer ones are known."""
    now = before or Seats(
        service_id=asked.service_id,
        district=context.district,
        organization_id=asked.organization_id,
    )
    now = replace(
        now,
        organization_id=asked.organization_id,
        categories=asked.categories,
        accepts_waitlist=asked.accepts_waitlist,
    )
    if asked.updated_on and (now.updated_on is None or now.updated_on < asked.updated_on):
        now = replace(
            now,
            maximum=asked.maximum,
            occupied_outside=asked.occupied_outside,
            updated_on=asked.updated_on,
        )
    return Decision(now)


def edit_seats(before: Seats | None, asked: EditSeats, context: Context) -> Decision[Seats]:
    """The coordinator's figures; below zero nothing is cancelled, and nothing more is held.

    Raises:
        Refused: `service_unknown`, `figures_wrong`.
    """
    if before is None:
        raise Refused(*codes.SERVICE_UNKNOWN)
    if not _are_sound(asked):
        raise Refused(*codes.FIGURES_WRONG)
    now = replace(
        before,
        maximum=asked.maximum,
        occupied_outside=asked.occupied_outside,
        is_taking=asked.is_taking,
        updated_on=context.now.date(),
    )
    return Decision(now)


def _are_sound(asked: EditSeats) -> bool:
    most = LARGEST if asked.maximum is None else asked.maximum
    return 0 <= asked.occupied_outside <= most <= LARGEST
