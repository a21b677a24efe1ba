"""What the commit door promises, whoever asks."""

import asyncio
from datetime import timedelta

import pytest

from services.chassis.kernel import Duplicate, Refused, TooBusy
from services.chassis.mongo import Collection
from services.chassis.scope import Scope
from tests.toy.boxes import FILL
from tests.toy.builders import (
    a_departure,
    a_filling,
    a_payment,
    a_recount,
    an_order,
    to_fill,
    to_order,
    to_register,
    to_revoke,
)
from tests.toy.counts import REVOKE
from tests.toy.door import MONDAY, Door, sequence_of
from tests.toy.events import (
    BoxFilled,
    OrderMoved,
    RecountRefused,
    RecountSettled,
    ThingCounted,
)
from tests.toy.orders import ORDERS, PLACE, REGISTER, STOCK

DAY = timedelta(days=1)


async def stock(door: Door, left: int) -> None:
    """So many things may be ordered."""
    rows = door.engine.database.collection(STOCK)
    await rows.update_one({"_id": STOCK}, {"$set": {"left": left}}, upsert=True)


async def test_commands_that_wait_are_committed_together(boxes: Door) -> None:
    submit = boxes.engine.committer.submit

    await asyncio.gather(*(submit(to_fill(f"box-{n}"), FILL) for n in range(101)))

    batches = await boxes.rows("changes")  # one row per transaction
    assert len(batches) <= 3
    assert len(await boxes.told(BoxFilled)) == 101


async def test_each_command_of_a_batch_is_answered_with_what_it_made(boxes: Door) -> None:
    submit = boxes.engine.committer.submit

    answers = await asyncio.gather(*(submit(to_fill(), FILL) for _ in range(10)))

    assert sorted(box.things for box in answers) == list(range(1, 11))


async def test_a_command_that_meets_a_bug_fails_alone(boxes: Door) -> None:
    submit = boxes.engine.committer.submit
    notes = ["careful"] * 5 + ["break"] + ["careful"] * 5

    answers = await asyncio.gather(
        *(submit(to_fill(f"box-{n}", note=note), FILL) for n, note in enumerate(notes)),
        return_exceptions=True,
    )

    assert [type(each).__name__ for each in answers].count("Box") == 10
    assert isinstance(answers[5], RuntimeError)
    assert len(await boxes.rows("boxes")) == 10
    assert await boxes.parked() == []


async def test_two_processes_that_fill_one_box_lose_nothing(
    boxes: Door, second_boxes: Door
) -> None:
    doors = (boxes, second_boxes)

    answers = await asyncio.gather(
        *(doors[n % 2].engine.committer.submit(to_fill(), FILL) for n in range(60))
    )

    assert sorted(box.things for box in answers) == list(range(1, 61))
    sent = await boxes.told()
    assert [sequence_of(each) for each in sent] == list(range(1, 61))


async def test_a_command_that_meets_another_writer_is_run_again(boxes: Door) -> None:
    await boxes.engine.committer.submit(to_fill(), FILL)
    database = boxes.engine.database

    async with database.transaction() as session:
        held = database.collection("boxes")
        await held.update_one({"_id": "box-1"}, {"$inc": {"version": 1}}, session=session)
        asking = asyncio.create_task(boxes.engine.committer.submit(to_fill(), FILL))
        await asyncio.wait({asking}, timeout=0.2)  # it meets the other writer at least once

    assert (await asking).things == 2


async def test_each_message_sees_what_earlier_ones_of_its_batch_did(counts: Door) -> None:
    await counts.happened(*(a_filling(number=n) for n in range(1, 4)))

    assert [said.total for said in await counts.told(ThingCounted)] == [1, 2, 3]
    (row,) = await counts.rows("counts")
    assert (row["version"], row["sequence"]) == (1, 3)


async def test_a_selection_finds_what_its_batch_made_and_closed(orders: Door) -> None:
    await stock(orders, 10)
    await orders.happened(an_order("stored"))

    others = an_order("other", owner_id="owner-2")
    await orders.happened(an_order("new"), others, a_departure(), a_departure())

    states = {row["_id"]: row["state"] for row in await orders.rows("orders")}
    assert states == {"stored": "closed", "new": "closed", "other": "taken"}
    assert [said.state for said in await orders.told(OrderMoved)].count("closed") == 2


async def test_a_selection_of_more_than_a_hundred_is_a_bug_and_parked(orders: Door) -> None:
    await stock(orders, 200)
    await orders.happened(*(an_order(f"order-{n}") for n in range(101)))

    await orders.happened(a_departure())

    assert [row["error_class"] for row in await orders.parked()] == ["ValueError"]


async def test_shared_stock_is_seen_message_by_message_and_never_oversold(
    orders: Door, second_orders: Door
) -> None:
    await stock(orders, 7)
    doors = (orders, second_orders)

    answers = await asyncio.gather(
        *(doors[n % 2].engine.committer.submit(to_order(f"order-{n}"), PLACE) for n in range(20))
    )

    assert [order.state for order in answers].count("taken") == 7
    left = await orders.row(STOCK, STOCK)
    assert left is not None
    assert left["left"] == 0


async def test_a_decision_may_rely_on_what_only_its_state_knows(orders: Door) -> None:
    await stock(orders, 10)
    revoked = {"_id": "owner-2", "district": "d", "persons": [], "shape": 1, "is_live": False}
    await orders.engine.database.collection("licences").insert_many(
        [{**revoked, "version": 1, "sequence": 0, "at": MONDAY}]
    )

    await orders.happened(
        an_order("kept", owner_id="owner-2"), a_payment("kept"), an_order("sent"), a_payment("sent")
    )

    states = {row["_id"]: row["state"] for row in await orders.rows("orders")}
    assert states == {"kept": "kept", "sent": "sent"}
    assert len(await orders.rows("changes")) == 1  # all in one transaction
    touched = await orders.row("licences", "owner-2")
    assert touched is not None
    assert touched["version"] == 2
    made = await orders.row("licences", "owner-1")
    assert made is not None
    assert made["version"] == 1


async def test_an_act_is_answered_by_its_event_a_refusal_or_a_settlement(counts: Door) -> None:
    await counts.happened(a_recount("nobody", act_id="act-1"))
    await counts.happened(a_filling())
    await counts.happened(a_recount(act_id="act-2"))
    await counts.happened(a_filling(number=2))
    await counts.happened(a_recount(act_id="act-3"))

    refused = [(said.answers, said.code) for said in await counts.told(RecountRefused)]
    said = [said.answers for said in await counts.told(ThingCounted) if said.answers]
    settled = [said.answers for said in await counts.told(RecountSettled)]
    assert (refused, said, settled) == ([("act-1", "owner_unknown")], ["act-2"], ["act-3"])


async def test_answers_about_what_does_not_exist_yet_go_on_in_its_sequence(counts: Door) -> None:
    await counts.happened(a_recount(act_id="act-1"))
    await counts.happened(a_recount(act_id="act-2"))
    await counts.happened(a_filling())

    assert [sequence_of(sent) for sent in await counts.told()] == [1, 2, 3]
    assert [row["total"] for row in await counts.rows("counts")] == [1]


async def test_the_time_of_an_aggregate_never_goes_back(counts: Door) -> None:
    counts.clock.now = MONDAY
    await counts.happened(a_filling())
    counts.clock.now = MONDAY - DAY
    await counts.happened(a_filling(number=2))

    (row,) = await counts.rows("counts")
    assert row["at"] == MONDAY
    times = [dict(sent.headers)["ce_time"] for sent in await counts.told()]
    assert times == [b"2026-09-14T08:00:00.000+00:00"] * 2


async def test_a_state_of_an_older_shape_is_lifted_and_written_anew(orders: Door) -> None:
    old = {"_id": "order-1", "shape": 1, "active": True, "owner_id": "owner-1", "open": True}
    kept = {"district": "d", "persons": [], "version": 4, "sequence": 2, "at": MONDAY}
    await orders.engine.database.collection(ORDERS.collection).insert_many([{**old, **kept}])

    await orders.happened(a_departure())

    (row,) = await orders.rows("orders")
    assert (row["shape"], row["state"], row["version"]) == (2, "closed", 5)
    assert "active" not in row


async def test_what_lies_outside_the_askers_scope_is_unknown_and_stays(boxes: Door) -> None:
    await boxes.engine.committer.submit(to_fill(), FILL)
    before = await boxes.rows("boxes")
    stranger = Scope(district="district-2", actor="stranger")

    with pytest.raises(Refused) as refused:
        await boxes.engine.committer.submit(to_fill(scope=stranger), FILL)

    assert refused.value.code == "subject_unknown"
    assert await boxes.rows("boxes") == before


async def test_a_unique_value_that_is_taken_for_good_is_a_bug_not_a_race(orders: Door) -> None:
    await orders.engine.committer.submit(to_register("order-1", code="same"), REGISTER)

    with pytest.raises(Duplicate):
        await orders.engine.committer.submit(to_register("order-2", code="same"), REGISTER)
    await orders.engine.committer.submit(to_register("order-3", code="other"), REGISTER)


async def test_commands_go_on_while_records_wait_for_another_writer(
    counts: Door, second_counts: Door
) -> None:
    database = second_counts.engine.database
    await counts.happened(a_filling())
    async with database.transaction() as session:
        held: Collection = database.collection("counts")
        await held.update_one({"_id": "owner-1"}, {"$set": {"held": True}}, session=session)
        waiting = asyncio.create_task(counts.happened(a_filling(number=2)))
        asked = counts.engine.committer.submit
        for n in range(3):
            await asked(to_revoke(f"owner-{n + 2}"), REVOKE)
        assert not waiting.done()
    await waiting

    assert [row["total"] for row in await counts.rows("counts")] == [2]


async def test_what_has_happened_already_is_noted_however_much_waits(boxes: Door) -> None:
    boxes.engine.committer.is_too_busy = True

    with pytest.raises(TooBusy):
        await boxes.engine.committer.submit(to_fill(), FILL)
    filled = await boxes.engine.committer.submit(to_fill(), FILL, even_if_busy=True)

    assert filled.things == 1


async def test_a_state_is_stored_as_it_is_now_with_nothing_left_of_before(boxes: Door) -> None:
    submit = boxes.engine.committer.submit
    await submit(to_fill("box-1"), FILL)
    rows = boxes.engine.database.collection("boxes")
    await rows.update_one({"_id": "box-1"}, {"$set": {"of_an_older_version": True}})

    await submit(to_fill("box-1"), FILL)

    row = await boxes.row("boxes", "box-1")
    assert row is not None
    assert (row["things"], row["version"]) == (2, 2)
    assert "of_an_older_version" not in row
