"""Copies of other services' facts: guarded by sequence, and erased ones stay erased."""

from datetime import timedelta

import pytest

from schemas.envelope import Erased
from services.chassis.declared import Tables
from services.chassis.kernel import Context, Copy, Decision
from tests.integration.chassis.conftest import Toys
from tests.toy.boxes import BOXES, TALLIES, Tally, copy_count
from tests.toy.builders import a_filling, a_total
from tests.toy.door import MONDAY, Door, open_door
from tests.toy.events import BoxFilled, RecountSettled, ThingCounted

DAY = timedelta(days=1)


async def total(boxes: Door) -> int:
    """What the copy says."""
    (row,) = await boxes.rows("tallies")
    return int(row["total"])


async def test_an_older_fact_after_a_newer_one_changes_nothing(boxes: Door) -> None:
    await boxes.deliver(await boxes.record(a_total(total=2), sequence=2))
    before = await boxes.rows("tallies")

    await boxes.deliver(await boxes.record(a_total(total=1), sequence=1))
    await boxes.deliver(await boxes.record(a_total(total=7), sequence=2))

    assert await boxes.rows("tallies") == before


async def test_an_older_fact_after_a_newer_one_of_the_same_batch_changes_nothing(
    boxes: Door,
) -> None:
    newer = await boxes.record(a_total(total=3), sequence=3)

    await boxes.deliver(newer, await boxes.record(a_total(total=2), sequence=2))

    assert await total(boxes) == 3


async def test_a_copy_of_several_subjects_keeps_each_ones_sequence(toys: Toys) -> None:
    fillings = Copy(BoxFilled, kind=Tally, by=lambda said: [said.owner_id], decide=copy_filling)
    tables = Tables(kinds=(TALLIES,), rows=(fillings,))
    async with open_door(toys.settings("boxes"), tables=tables) as boxes:
        first = a_filling("owner-1", number=7)
        second = first.model_copy(update={"box_id": "another-box", "number": 1})

        await boxes.deliver(await boxes.record(first, sequence=7))
        await boxes.deliver(await boxes.record(second, sequence=1))
        await boxes.deliver(await boxes.record(first, sequence=6))

        (row,) = await boxes.rows("tallies")
        assert (row["total"], row["seen"]) == (8, {"box-of-owner-1": 7, "another-box": 1})


def copy_filling(tally: Tally | None, said: BoxFilled, context: Context) -> Decision[Tally]:
    """Add up the numbers of all boxes of an owner."""
    total = said.number + (tally.total if tally else 0)
    return Decision(Tally(owner_id=said.owner_id, district=context.district, total=total))


async def test_a_copy_has_the_time_of_its_fact_and_none_of_its_own(boxes: Door) -> None:
    boxes.clock.now = MONDAY + 30 * DAY

    await boxes.deliver(await boxes.record(a_total(), told_at=MONDAY))

    (row,) = await boxes.rows("tallies")
    assert row["at"] == MONDAY


def test_a_copy_is_fed_by_one_topic() -> None:
    rows = tuple(
        Copy(said, kind=Tally, by=lambda said: [said.owner_id], decide=copy_count)
        for said in (ThingCounted, RecountSettled, BoxFilled)
    )

    assert Tables(kinds=(BOXES, TALLIES), rows=rows[:2]).topics == [ThingCounted.TOPIC]
    with pytest.raises(ValueError, match="fed by"):
        Tables(kinds=(BOXES, TALLIES), rows=rows)


async def test_facts_about_an_erased_person_stay_erased(counts: Door) -> None:
    record = await counts.record(a_filling("gone"))
    await counts.engine.vault.erase("gone")

    await counts.deliver(record)
    await counts.happened(a_filling("gone", number=2))

    assert [row["total"] for row in await counts.rows("counts")] == [2]
    keys = await counts.engine.vault.keyring(["gone"])
    assert keys.seal("gone", "kind", b"plain") is None
    assert keys.open("gone", "kind", b"anything") == Erased()
