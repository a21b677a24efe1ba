"""The seats that one batch looks at and moves, as figures and as masks."""

from dataclasses import dataclass, field, replace
from datetime import date

from schemas.codes import Seat
from schemas.envelope import Erased, Event
from schemas.referrals import OfferEvent, OfferMade
from services.chassis.kernel import Watching
from services.referrals.domain.index import CategoryIndex
from services.referrals.domain.seats import Change, Seats, seat_change, seat_class


@dataclass(kw_only=True, slots=True)
class SeatClasses:
    """Masks over a category: free places, unknown, waiting list only, none; with open offers."""

    free: int = 0
    unknown: int = 0
    queue: int = 0
    shut: int = 0
    busy: int = 0

    def put(self, bit: int, seats: Seats, today: date) -> None:
        """Say anew where one service stands."""
        others, kind = ~bit, seat_class(seats, today)
        self.free &= others
        self.unknown &= others
        self.queue &= others
        self.shut &= others
        self.busy &= others
        if kind == "pass":
            self.free |= bit
        elif kind == "waitlist":
            self.queue |= bit
        elif kind in {"full", "closed"}:
            self.shut |= bit
        else:
            self.unknown |= bit
        self.busy |= bit if seats.held > 0 else 0


@dataclass(slots=True)
class _Followed:
    index: CategoryIndex  # kept, so that its id stays its own
    classes: SeatClasses
    until: int = 0  # of the moves seen


@dataclass(kw_only=True)
class SeatBook(Watching):
    """The seats that a batch looks at; follows the events of the batch in memory.

    `offers`: offer id -> (service id, its seat now). `changes` is what the batch does to each
    service; a hold is only decided where `known_free` is above zero.
    """

    seats: dict[str, Seats]
    offers: dict[str, tuple[str, Seat]] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)  # services, in order
    _classes: dict[tuple[int, date], "_Followed"] = field(default_factory=dict)

    def find(self, service_id: str) -> Seats | None:
        """The seats of a service as they are now in this batch."""
        return self.seats.get(service_id)

    def load(self, service_id: str) -> float:
        """Open offers per place."""
        seats = self.seats.get(service_id)
        return seats.held / seats.maximum if seats and seats.maximum else 0.0

    def classes(self, index: CategoryIndex, today: date) -> SeatClasses:
        """Which services of a category have places, none, or a waiting list."""
        followed = self._classes.get((id(index), today))
        if followed is None:
            followed = _Followed(index, SeatClasses(unknown=index.everything))
            self._classes[id(index), today] = followed
            moved = [each for each in index.places if each in self.seats]
        else:
            moved = self.moved[followed.until :]
        for service_id in moved:
            if (place := index.places.get(service_id)) is not None:
                followed.classes.put(1 << place, self.seats[service_id], today)
        followed.until = len(self.moved)
        return followed.classes

    def see(self, event: Event) -> None:
        """Take in an offer's event: its seat moved."""
        if not isinstance(event, OfferEvent) or not hasattr(event, "seat"):
            return
        if isinstance(event, OfferMade) and not isinstance(event.sealed.facts, Erased):
            self.offers[event.offer_id] = (event.sealed.facts.service_id, "none")
        if event.offer_id in self.offers:
            self._move(event.offer_id, event.seat)

    def _move(self, offer_id: str, seat: Seat) -> None:
        service_id, before = self.offers[offer_id]
        change = seat_change(before, seat)
        self.offers[offer_id] = (service_id, seat)
        seats = self.seats.get(service_id)
        if change == Change() or seats is None:
            return
        self.changes[service_id] = self.changes.get(service_id, Change()) + change
        self.seats[service_id] = replace(
            seats, held=seats.held + change.held, taken=seats.taken + change.taken
        )
        self.moved.append(service_id)
