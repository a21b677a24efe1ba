"""Events and commands of the toys, with defaults."""

from typing import Any

from schemas.envelope import seal_of
from services.chassis.scope import Scope
from tests.toy import boxes, counts, orders
from tests.toy.door import SOMEBODY
from tests.toy.events import (
    BoxFilled,
    Note,
    OrderPaid,
    OrderPlaced,
    OwnerLeft,
    RecountAsked,
    ThingCounted,
)
from tests.toy.running import new_id


def a_filling(owner_id: str = "owner-1", *, number: int = 1, note: str = "careful") -> BoxFilled:
    """A thing was put into a box."""
    return BoxFilled(
        box_id=f"box-of-{owner_id}",
        owner_id=owner_id,
        number=number,
        sealed=seal_of(owner_id, Note(text=note)),
    )


def a_total(owner_id: str = "owner-1", *, total: int = 1) -> ThingCounted:
    """A thing was counted."""
    return ThingCounted(owner_id=owner_id, total=total)


def a_recount(owner_id: str = "owner-1", *, act_id: str | None = None) -> RecountAsked:
    """An act: somebody wants the total again."""
    return RecountAsked(box_id="box", owner_id=owner_id, act_id=act_id or str(new_id()))


def an_order(order_id: str = "order-1", *, owner_id: str = "owner-1") -> OrderPlaced:
    """Somebody ordered."""
    return OrderPlaced(order_id=order_id, owner_id=owner_id)


def a_payment(order_id: str = "order-1") -> OrderPaid:
    """An order was paid."""
    return OrderPaid(order_id=order_id)


def a_departure(owner_id: str = "owner-1") -> OwnerLeft:
    """An owner left."""
    return OwnerLeft(owner_id=owner_id)


def to_fill(box_id: str = "box-1", *, scope: Scope = SOMEBODY, **given: Any) -> boxes.FillBox:
    """A command to fill a box."""
    asked = {"key": new_id(), "owner_id": "owner-1", **given}
    return boxes.FillBox(box_id=box_id, scope=scope, **asked)


def to_count(owner_id: str = "owner-1") -> counts.CountOne:
    """A command to count one."""
    return counts.CountOne(key=new_id(), scope=SOMEBODY, owner_id=owner_id)


def to_revoke(owner_id: str = "owner-1") -> counts.RevokeLicence:
    """A command to stop the counting."""
    return counts.RevokeLicence(key=new_id(), scope=SOMEBODY, owner_id=owner_id)


def to_order(order_id: str = "order-1", *, owner_id: str = "owner-1") -> orders.PlaceOrder:
    """A command to order one thing."""
    return orders.PlaceOrder(key=new_id(), scope=SOMEBODY, order_id=order_id, owner_id=owner_id)


def to_register(order_id: str, *, code: str) -> orders.RegisterCode:
    """A command to give an order a code."""
    return orders.RegisterCode(key=new_id(), scope=SOMEBODY, order_id=order_id, code=code)
