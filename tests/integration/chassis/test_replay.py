"""Parked rows go through the same door again, in order, until the marker can be lifted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.chassis.kernel import table
from services.chassis.messages import Message, from_record, rows_by_type
from tests.integration.chassis.conftest import Toys
from tests.toy.builders import a_filling
from tests.toy.counts import POISON, count_all, tables
from tests.toy.door import Door, open_door
from tests.toy.events import ThingCounted
from tests.toy.running import new_id

MARKER = "boxes.fillings.v1|sick"


@pytest.fixture
async def mended(toys: Toys, counts: Door) -> AsyncIterator[Door]:
    """The next release of the same service, for which poison is none."""
    settings, given = toys.settings("counts"), {"clock": counts.clock}
    async with open_door(settings, tables=tables(counting=count_all), **given) as door:
        yield door


async def fall_sick(counts: Door, *, behind: int = 3) -> None:
    """Park a poison record with others of its key behind it."""
    later = [a_filling("sick", number=n) for n in range(behind)]
    await counts.happened(a_filling("sick", note=POISON), *later)


async def test_replay_of_a_mended_decision_goes_in_order_and_lifts_the_marker(
    counts: Door, mended: Door
) -> None:
    await fall_sick(counts)
    ids = [dict(row["headers"])["ce_id"] for row in await counts.parked()]

    replayed = await mended.engine.replay.replay(MARKER)

    assert (replayed.done, replayed.left, replayed.failure) == (4, 0, None)
    assert [said.total for said in await counts.told(ThingCounted)] == [1, 2, 3, 4]
    assert len(ids) == len(await counts.rows("inbox")) == 4
    assert await counts.rows("parked_keys") == []
    await counts.happened(a_filling("sick", number=9))
    assert [row["total"] for row in await counts.rows("counts")] == [5]


async def test_replay_stops_at_the_first_row_that_still_fails_and_other_keys_go_on(
    counts: Door,
) -> None:
    await fall_sick(counts, behind=1)
    broken = await counts.record(a_filling("well"))
    await counts.deliver(replace(broken, value=b"{"))
    rows = counts.engine.database.collection("parked")
    await rows.update_one({"key": b"well"}, {"$set": {"value": broken.value}})

    replayed = await counts.engine.replay.replay()

    assert (replayed.done, replayed.left) == (1, 2)
    assert replayed.failure is not None
    assert replayed.failure.error_class == "RuntimeError"
    first, second = await counts.parked()
    assert (first["attempts"], second["attempts"]) == (2, 1)
    assert [row["_id"] for row in await counts.rows("counts")] == ["well"]


async def test_one_row_may_not_overtake_those_before_it(counts: Door, mended: Door) -> None:
    await fall_sick(counts, behind=1)
    first, second = await counts.parked()

    overtaking = await mended.engine.replay.replay(row_id=second["_id"])
    in_order = await mended.engine.replay.replay(row_id=first["_id"])

    assert overtaking.failure is not None
    assert (overtaking.failure.code, overtaking.done) == ("behind", 0)
    assert (in_order.done, len(await counts.parked())) == (1, 1)


async def test_records_that_arrive_during_a_replay_keep_their_order(
    counts: Door, mended: Door
) -> None:
    await fall_sick(counts, behind=10)

    async def arrive() -> None:
        for number in range(30):
            await counts.happened(a_filling("sick", number=100 + number))

    arriving = asyncio.create_task(arrive())
    while not arriving.done() or await counts.rows("parked"):
        replayed = await mended.engine.replay.replay(MARKER)
        assert replayed.failure is None
    await arriving

    assert await counts.rows("parked_keys") == []
    said = await counts.told(ThingCounted)
    assert [each.total for each in said] == list(range(1, 42))
    assert [row["total"] for row in await counts.rows("counts")] == [41]


async def test_a_record_queued_while_the_last_row_is_replayed_is_not_left_behind(
    counts: Door, mended: Door
) -> None:
    await fall_sick(counts, behind=0)
    rows = rows_by_type(table(counts.engine.tables.rows))
    late = from_record(await counts.record(a_filling("sick", number=2)), rows)
    assert isinstance(late, Message)

    async with counts.engine.database.transaction() as session:
        assert await counts.engine.dead_letters.queue_behind(session, [late]) == []
        replaying = asyncio.create_task(mended.engine.replay.replay(MARKER))
        await asyncio.wait({replaying}, timeout=2)  # it cannot lift the marker now
    await replaying

    assert await counts.parked() == []
    assert await counts.rows("parked_keys") == []
    assert [row["total"] for row in await counts.rows("counts")] == [2]


async def test_two_people_who_replay_at_once_have_one_effect(counts: Door, mended: Door) -> None:
    await fall_sick(counts)

    await asyncio.gather(*(mended.engine.replay.replay(MARKER) for _ in range(2)))

    assert [row["total"] for row in await counts.rows("counts")] == [4]
    assert await counts.rows("parked_keys") == []
    assert await counts.parked() == []


async def test_a_discarded_row_is_remembered_with_who_and_why_and_never_parked_again(
    counts: Door,
) -> None:
    poison = await counts.record(a_filling("sick", note=POISON))
    await counts.deliver(poison)
    (row,) = await counts.parked()

    await counts.engine.replay.discard(row, by="operator", reason="a test", new_id=new_id())
    await counts.deliver(poison)
    await counts.happened(a_filling("sick", number=2))

    (kept,) = await counts.rows("discarded")
    assert (kept["by"], kept["reason"], kept["offset"]) == ("operator", "a test", poison.offset)
    assert await counts.parked() == []
    assert [row["total"] for row in await counts.rows("counts")] == [1]


async def test_what_was_given_up_has_no_effect_also_once_it_could_be_decided(
    counts: Door, mended: Door
) -> None:
    poison = await counts.record(a_filling("sick", note=POISON))
    await counts.deliver(poison)
    (row,) = await counts.parked()
    await counts.engine.replay.discard(row, by="operator", reason="a test", new_id=new_id())

    await mended.deliver(poison, replace(poison, offset=poison.offset + 1))  # and a repeat

    assert await counts.rows("counts") == []
    assert await counts.parked() == []


async def test_what_came_behind_a_discarded_record_is_not_parked_again_when_all_comes_again(
    counts: Door,
) -> None:
    broken = replace(await counts.record(a_filling("sick")), value=b"{")
    behind = await counts.record(a_filling("sick", number=2))
    await counts.deliver(broken, behind)
    first, _ = await counts.parked()
    await counts.engine.replay.discard(first, by="operator", reason="a test", new_id=new_id())
    assert (await counts.engine.replay.replay()).done == 1

    await counts.deliver(broken, behind)  # the group lost its offsets
    await counts.happened(a_filling("sick", number=3))

    assert await counts.parked() == []
    assert await counts.rows("parked_keys") == []
    assert [row["total"] for row in await counts.rows("counts")] == [2]


async def test_what_was_handled_before_its_key_was_marked_is_not_parked_when_it_comes_again(
    counts: Door,
) -> None:
    broken = replace(await counts.record(a_filling("sick")), value=b"{")
    done = await counts.record(a_filling("sick", number=2))
    await counts.deliver(done)

    await counts.deliver(broken, done)

    assert [row["code"] for row in await counts.parked()] == ["value_malformed"]


async def test_what_stands_between_two_unreadable_records_waits_for_the_first_alone(
    counts: Door,
) -> None:
    broken = [replace(await counts.record(a_filling("sick")), value=b"{") for _ in range(1)]
    between = await counts.record(a_filling("sick", number=2))
    broken.append(replace(await counts.record(a_filling("sick", number=3)), value=b"{"))
    await counts.deliver(broken[0])
    (row,) = await counts.parked()
    await counts.engine.replay.discard(row, by="operator", reason="a test", new_id=new_id())

    await counts.deliver(broken[0], between, broken[1])

    assert [row["offset"] for row in await counts.parked()] == [broken[1].offset]
    assert [row["total"] for row in await counts.rows("counts")] == [1]


async def test_a_row_that_was_replayed_meanwhile_cannot_be_given_up(
    counts: Door, mended: Door
) -> None:
    await fall_sick(counts, behind=0)
    (row,) = await counts.parked()
    await mended.engine.replay.replay()

    given_up = await counts.engine.replay.discard(row, by="o", reason="r", new_id=new_id())

    assert not given_up
    assert await counts.rows("discarded") == []


async def test_a_list_of_parked_rows_shows_no_content(counts: Door) -> None:
    await fall_sick(counts)

    (first, *_) = await counts.engine.replay.rows()
    whole = await counts.engine.replay.find(first["_id"])

    assert not {"value", "headers", "key"} & first.keys()
    assert whole is not None
    assert POISON.encode() not in whole["value"]
