"""Two events for tests of the chassis: a box is filled, and what is in boxes is counted."""

from typing import ClassVar

from schemas.envelope import ActEvent, Answer, Event, Id, Sealed, SealedFacts

FILLINGS = "boxes.fillings.v1"
COUNTS = "counts.counts.v1"


class Note(SealedFacts):
    """What somebody wrote about an owner."""

    KIND: ClassVar[str] = "boxes.note"
    text: str


class BoxFilled(Event):
    """A thing was put into a box."""

    TYPE: ClassVar[str] = "boxes.box_filled.v1"
    TOPIC: ClassVar[str] = FILLINGS
    SUBJECT: ClassVar[str] = "box_id"
    KEY: ClassVar[str] = "owner_id"
    box_id: Id
    owner_id: Id
    seat_id: Id = "seat"
    number: int
    sealed: Sealed[Note]


class RecountAsked(ActEvent):
    """Somebody asked for a shelf to be counted again."""

    TYPE: ClassVar[str] = "boxes.recount_asked.v1"
    TOPIC: ClassVar[str] = FILLINGS
    SUBJECT: ClassVar[str] = "box_id"
    KEY: ClassVar[str] = "owner_id"
    box_id: Id
    owner_id: Id


class ThingCounted(Answer):
    """A thing was counted for its owner."""

    TYPE: ClassVar[str] = "counts.thing_counted.v1"
    TOPIC: ClassVar[str] = COUNTS
    SUBJECT: ClassVar[str] = "owner_id"
    KEY: ClassVar[str] = "owner_id"
    owner_id: Id
    total: int


class RecountRefused(Answer):
    """A recount was refused."""

    TYPE: ClassVar[str] = "counts.recount_refused.v1"
    TOPIC: ClassVar[str] = COUNTS
    SUBJECT: ClassVar[str] = "owner_id"
    KEY: ClassVar[str] = "owner_id"
    owner_id: Id
    code: str


class RecountSettled(Answer):
    """A recount changed nothing."""

    TYPE: ClassVar[str] = "counts.recount_settled.v1"
    TOPIC: ClassVar[str] = COUNTS
    SUBJECT: ClassVar[str] = "owner_id"
    KEY: ClassVar[str] = "owner_id"
    owner_id: Id


class OrderPlaced(Event):
    """Somebody ordered one thing."""

    TYPE: ClassVar[str] = "boxes.order_placed.v1"
    TOPIC: ClassVar[str] = FILLINGS
    SUBJECT: ClassVar[str] = "order_id"
    KEY: ClassVar[str] = "owner_id"
    order_id: Id
    owner_id: Id


class OrderPaid(Event):
    """An order was paid; whose it is, only the order knows."""

    TYPE: ClassVar[str] = "boxes.order_paid.v1"
    TOPIC: ClassVar[str] = FILLINGS
    SUBJECT: ClassVar[str] = "order_id"
    KEY: ClassVar[str] = "order_id"
    order_id: Id


class OwnerLeft(Event):
    """An owner is gone, and so are all open orders."""

    TYPE: ClassVar[str] = "boxes.owner_left.v1"
    TOPIC: ClassVar[str] = FILLINGS
    SUBJECT: ClassVar[str] = "owner_id"
    KEY: ClassVar[str] = "owner_id"
    owner_id: Id


class OrderMoved(Answer):
    """An order has another state."""

    TYPE: ClassVar[str] = "orders.order_moved.v1"
    TOPIC: ClassVar[str] = COUNTS
    SUBJECT: ClassVar[str] = "order_id"
    KEY: ClassVar[str] = "order_id"
    order_id: Id
    state: str


class OrderCalledBack(ActEvent):
    """Somebody of another service wants an order back."""

    TYPE: ClassVar[str] = "boxes.order_called_back.v1"
    TOPIC: ClassVar[str] = FILLINGS
    SUBJECT: ClassVar[str] = "owner_id"
    KEY: ClassVar[str] = "owner_id"
    owner_id: Id
