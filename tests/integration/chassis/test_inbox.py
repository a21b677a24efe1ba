"""Twice is once: events, commands, double clicks."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from services.chassis.kernel import Refused
from services.chassis.scope import Scope
from tests.toy import boxes as toy_boxes
from tests.toy.boxes import FILL, FULL
from tests.toy.builders import a_filling, to_fill
from tests.toy.door import DISTRICT, Door, a_key
from tests.toy.events import BoxFilled, ThingCounted


async def test_an_event_delivered_twice_is_counted_once(counts: Door) -> None:
    record = await counts.record(a_filling())

    await counts.deliver(record)
    await counts.deliver(replace(record, offset=2))

    assert [row["total"] for row in await counts.rows("counts")] == [1]
    assert [said.total for said in await counts.told(ThingCounted)] == [1]
    assert await counts.parked() == []


async def test_an_event_twice_in_one_batch_is_counted_once(counts: Door) -> None:
    record = await counts.record(a_filling())

    await counts.deliver(record, replace(record, offset=2))

    assert [row["total"] for row in await counts.rows("counts")] == [1]
    assert await counts.parked() == []


async def test_an_event_delivered_to_two_processes_at_once_is_counted_once(
    counts: Door, second_counts: Door
) -> None:
    records = [await counts.record(a_filling(f"owner-{n}")) for n in range(20)]

    await asyncio.gather(counts.deliver(*records), second_counts.deliver(*records))

    assert [row["total"] for row in await counts.rows("counts")] == [1] * 20
    assert await counts.parked() == []


async def test_ids_of_handled_events_never_expire_those_of_commands_do(
    boxes: Door, counts: Door
) -> None:
    await counts.happened(a_filling())
    await boxes.engine.committer.submit(to_fill(), FILL)

    assert all("expires_at" not in row for row in await counts.rows("inbox"))
    assert all("expires_at" in row for row in await boxes.rows("inbox"))


async def test_a_command_sent_again_has_one_effect_and_is_answered(boxes: Door) -> None:
    asked = to_fill(key=a_key(1))

    first = await boxes.engine.committer.submit(asked, FILL)
    again = await boxes.engine.committer.submit(asked, FILL)

    assert (first.things, again.things) == (1, 1)
    assert len(await boxes.told(BoxFilled)) == 1


async def test_a_double_click_has_one_effect(boxes: Door) -> None:
    asked = to_fill(key=a_key(1))
    submit = boxes.engine.committer.submit

    answers = await asyncio.gather(*(submit(asked, FILL) for _ in range(5)))

    assert [box.things for box in answers] == [1] * 5
    assert len(await boxes.told(BoxFilled)) == 1


async def test_a_double_click_on_what_is_refused_is_refused_twice(boxes: Door) -> None:
    await boxes.engine.committer.submit(to_fill(), FILL)
    await boxes.engine.database.collection("boxes").update_one(
        {"_id": "box-1"}, {"$set": {"things": FULL}}
    )
    asked = to_fill(key=a_key(1))
    submit = boxes.engine.committer.submit

    answers = await asyncio.gather(*(submit(asked, FILL) for _ in range(2)), return_exceptions=True)

    assert [type(each) for each in answers] == [Refused, Refused]


async def test_a_key_used_again_for_something_else_is_refused(boxes: Door) -> None:
    await boxes.engine.committer.submit(to_fill(key=a_key(1), note="blue"), FILL)

    with pytest.raises(Refused) as refused:
        await boxes.engine.committer.submit(to_fill(key=a_key(1), note="red"), FILL)

    assert refused.value.code == "key_reused"
    assert [row["things"] for row in await boxes.rows("boxes")] == [1]


async def test_a_key_of_one_person_is_nothing_to_another(boxes: Door) -> None:
    another = Scope(district=DISTRICT, actor="somebody else")

    await boxes.engine.committer.submit(to_fill(key=a_key(1)), FILL)
    await boxes.engine.committer.submit(to_fill(key=a_key(1), scope=another), FILL)

    assert [row["things"] for row in await boxes.rows("boxes")] == [2]


async def test_a_refusal_is_not_stored_and_changes_nothing(boxes: Door) -> None:
    await boxes.engine.committer.submit(to_fill(), FILL)
    things = boxes.engine.database.collection("boxes")
    await things.update_one({"_id": "box-1"}, {"$set": {"things": FULL}})
    before = await boxes.rows("boxes"), await boxes.rows("inbox"), await boxes.rows("outbox")
    asked = to_fill(key=a_key(7))

    with pytest.raises(Refused) as refused:
        await boxes.engine.committer.submit(asked, FILL)

    assert refused.value.code == "box_full"
    after = await boxes.rows("boxes"), await boxes.rows("inbox"), await boxes.rows("outbox")
    assert after == before
    await things.update_one({"_id": "box-1"}, {"$set": {"things": 5}})
    filled: toy_boxes.Box = await boxes.engine.committer.submit(asked, FILL)
    assert filled.things == 6


async def test_what_follows_from_a_message_has_the_same_ids_each_time(counts: Door) -> None:
    record = await counts.record(a_filling())
    ids: list[bytes] = []
    for _ in range(2):
        await counts.deliver(record)
        (sent,) = await counts.told()
        ids.append(dict(sent.headers)["ce_id"])
        for collection in ("counts", "inbox", "outbox"):
            await counts.engine.database.collection(collection).delete_many({})

    assert ids[0] == ids[1]
    assert UUID(ids[0].decode())
