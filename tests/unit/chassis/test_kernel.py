from dataclasses import dataclass
from uuid import UUID

import pytest

from services.chassis.kernel import Context, On, Selection, Undeclared, table
from services.chassis.kinds import Kind
from tests.toy.counts import Licence
from tests.toy.door import DISTRICT, MONDAY
from tests.toy.events import BoxFilled, ThingCounted
from tests.toy.orders import ORDERS, Order


@dataclass(frozen=True)
class Thing:
    """A state with a kind of its own."""

    thing_id: str
    district: str


def a_context(*, message: int = 1, subject: str = "one", **seen: object) -> Context:
    """What a decision sees."""
    return Context(
        message_id=UUID(int=message),
        subject=subject,
        now=MONDAY,
        district=DISTRICT,
        seen={type(value): value for value in seen.values()},
    )


def test_a_decision_sees_what_its_route_names_and_nothing_else() -> None:
    licence = Licence(owner_id="owner", district=DISTRICT)

    assert a_context(licence=licence).get(Licence) is licence
    with pytest.raises(Undeclared, match="Order"):
        a_context(licence=licence).get(Order)


def test_an_id_follows_from_message_subject_and_name() -> None:
    assert a_context().id("offer") == a_context().id("offer")
    others = {
        a_context().id(),
        a_context(message=2).id("offer"),
        a_context(subject="two").id("offer"),
    }
    assert a_context().id("offer") not in others
    assert len(others) == 3


def test_a_selection_takes_open_states_with_the_value() -> None:
    order = Order(order_id="order", owner_id="owner", district=DISTRICT)
    closed = Order(order_id="order", owner_id="owner", district=DISTRICT, state="closed")
    by_owner = Selection("owner_id")

    assert by_owner.matches(order, "owner")
    assert not by_owner.matches(order, "another")
    assert not by_owner.matches(closed, "owner")
    assert by_owner.value(order) == "owner"
    assert Selection("owner_id", of=lambda said: said.upper()).value("owner") == "OWNER"


def test_rows_of_one_message_keep_their_order() -> None:
    first, second, other = (
        On(said, kind=Thing, by=lambda _: [], decide=lambda state, said, context: state)
        for said in (BoxFilled, BoxFilled, ThingCounted)
    )

    assert table([first, other, second]) == {BoxFilled: (first, second), ThingCounted: (other,)}


def test_a_kind_needs_a_lift_from_each_older_shape() -> None:
    with pytest.raises(ValueError, match="shape 3 needs 2 lifts"):
        Kind(
            state=Thing,
            collection="things",
            to_document=lambda thing, _: {"shape": 3},
            from_document=lambda row, _: Thing(row["_id"], row["district"]),
            shape=3,
            lifts=(dict,),
        )
    assert len(ORDERS.lifts) == ORDERS.shape - 1
