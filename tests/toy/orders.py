"""The toy service `orders`: selections, shared stock, and a reliance that only the state knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.envelope import Event
from services.chassis.declared import Tables
from services.chassis.kernel import (
    Command,
    Context,
    Decision,
    On,
    Refused,
    Reliance,
    Route,
    Selection,
    Watching,
)
from services.chassis.kinds import Document, Index, Kind
from services.chassis.messages import Message
from services.chassis.mongo import Database, Session, Update
from tests.toy.counts import LICENCES, Licence
from tests.toy.events import OrderMoved, OrderPaid, OrderPlaced, OwnerLeft

STOCK = "stock"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One thing that somebody wants."""

    order_id: str
    owner_id: str
    district: str
    state: str = "placed"

    @property
    def is_open(self) -> bool:
        """Whether anything may still become of it."""
        return self.state not in {"closed", "sold_out"}


@dataclass
class Stock(Watching):
    """How many things are left, as the batch goes on."""

    left: int
    taken: int = 0
    seen: list[str] = field(default_factory=list)

    def see(self, event: Event) -> None:
        """One less for each order that was taken."""
        if isinstance(event, OrderMoved) and event.state == "taken":
            self.taken += 1


class StockProvider:
    """The stock in the database: one number that many orders want."""

    def __init__(self, database: Database) -> None:
        self._rows = database.collection(STOCK)

    async def load(self, session: Session, messages: Sequence[Message]) -> Stock:
        """Read it for the batch."""
        del messages
        row = await self._rows.find_one({"_id": STOCK}, session=session)
        return Stock(left=row["left"] if row else 0)

    async def save(self, session: Session, value: Stock) -> None:
        """Take what was taken, if it is still there."""
        if value.taken:
            enough = {"_id": STOCK, "left": {"$gte": value.taken}}
            change = Update(enough, {"$inc": {"left": -value.taken}})
            await self._rows.write([change], session=session)


@dataclass(frozen=True, kw_only=True)
class PlaceOrder(Command):
    """Order one thing."""

    order_id: str
    owner_id: str


@dataclass(frozen=True, kw_only=True)
class RegisterCode(Command):
    """Give an order a code that no other may have."""

    order_id: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code of an order."""

    order_id: str
    district: str
    code: str


def place(order: Order | None, said: OrderPlaced | PlaceOrder, context: Context) -> Decision[Order]:
    """Take it from the stock, if one is left."""
    if order is not None:
        return Decision(order)
    stock = context.get(Stock)
    state = "taken" if stock.left > stock.taken else "sold_out"
    made = Order(
        order_id=said.order_id, owner_id=said.owner_id, district=context.district, state=state
    )
    return Decision(made, (OrderMoved(order_id=made.order_id, state=state),))


def pay(order: Order | None, said: OrderPaid, context: Context) -> Decision[Order | None]:
    """Paid things are sent, if the owner's licence lives."""
    del said
    if order is None:
        return Decision(None)
    state = "sent" if context.get(Licence).is_live else "kept"
    return Decision(
        replace(order, state=state), (OrderMoved(order_id=order.order_id, state=state),)
    )


def leave(order: Order, said: OwnerLeft, context: Context) -> Decision[Order]:
    """Nobody is there to take it."""
    del said, context
    closed = replace(order, state="closed")
    return Decision(closed, (OrderMoved(order_id=order.order_id, state="closed"),))


def register(found: Code | None, asked: RegisterCode, context: Context) -> Decision[Code]:
    """Keep the code."""
    if found is not None:
        raise Refused("code_there", "There is a code already.")
    return Decision(Code(order_id=asked.order_id, district=context.district, code=asked.code))


PLACE: Route[Order, PlaceOrder] = Route(
    kind=Order, by=lambda asked: [asked.order_id], decide=place, needs=(Stock,)
)
REGISTER: Route[Code, RegisterCode] = Route(
    kind=Code, by=lambda asked: [asked.order_id], decide=register
)
OF_THE_ORDERS_OWNER = Reliance(Licence, lambda order, _: order.owner_id if order else None)


def _order(order: Order, _: object) -> Document:
    return {"shape": 2, "owner_id": order.owner_id, "state": order.state}


def _lifted(row: Document) -> Document:
    """Shape 1 said only whether an order was open."""
    return {**row, "shape": 2, "state": "taken" if row["active"] else "closed"}


ORDERS: Kind[Any] = Kind(
    state=Order,
    collection="orders",
    to_document=_order,
    from_document=lambda row, _: Order(
        order_id=row["_id"], owner_id=row["owner_id"], district=row["district"], state=row["state"]
    ),
    shape=2,
    lifts=(_lifted,),
    indexes=(Index((("owner_id", 1),)),),
)
CODES: Kind[Any] = Kind(
    state=Code,
    collection="codes",
    to_document=lambda code, _: {"shape": 1, "code": code.code},
    from_document=lambda row, _: Code(
        order_id=row["_id"], district=row["district"], code=row["code"]
    ),
    indexes=(Index((("code", 1),), unique=True),),
)
TABLES = Tables(
    kinds=(ORDERS, CODES, LICENCES),
    rows=(
        On(
            OrderPlaced,
            kind=Order,
            by=lambda said: [said.order_id],
            decide=place,
            needs=(Stock,),
        ),
        On(
            OrderPaid,
            kind=Order,
            by=lambda said: [said.order_id],
            decide=pay,
            relies_on=(OF_THE_ORDERS_OWNER,),
        ),
        On(OwnerLeft, kind=Order, by=Selection("owner_id"), decide=leave),
    ),
    collections={STOCK: ()},
)
