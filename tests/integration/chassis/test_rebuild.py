"""A copy is built anew from its topic, and is the same."""

import asyncio

import pytest

from deploy.checker.outside import until
from services.chassis.kinds import Document
from services.chassis.rebuild import NotRebuildable, rebuild
from tests.integration.chassis.conftest import Toys
from tests.toy.boxes import FILL
from tests.toy.builders import to_fill
from tests.toy.running import PARTITIONS, engine_of, running

FILLINGS = 60
OWNERS = 7


async def some_history(toys: Toys) -> list[Document]:
    """Both services work for a while; gives the copy that came of it."""
    async with (
        running(toys.settings("boxes")) as boxes,
        running(toys.settings("counts")),
    ):
        asked = [to_fill(f"box-{n % OWNERS}", owner_id=f"o-{n % OWNERS}") for n in range(FILLINGS)]
        await asyncio.gather(*(boxes.committer.submit(each, FILL) for each in asked))
        tallies = boxes.database.collection("tallies")

        async def copied() -> bool:
            return sum(int(row["total"]) for row in await tallies.find({})) == FILLINGS

        await until(copied, "all is counted and copied")
        with pytest.raises(NotRebuildable, match="stop it"):
            await rebuild(boxes, "tallies", partitions=PARTITIONS)
        return await tallies.find({}, sort=(("_id", 1),))


def but_the_lock(rows: list[Document]) -> list[Document]:
    """Documents without what depends on how records fell into batches."""
    return [{name: row[name] for name in row if name != "version"} for row in rows]


async def test_equal_history_gives_equal_documents(toys_on_kafka: Toys) -> None:
    before = await some_history(toys_on_kafka)
    engine = engine_of(toys_on_kafka.settings("boxes"))
    tallies = engine.database.collection("tallies")
    await tallies.update_one({"_id": "o-1"}, {"$set": {"total": -1}})
    await tallies.insert_many([{**before[0], "_id": "never told of"}])

    rebuilt = await rebuild(engine, "tallies", partitions=PARTITIONS)

    assert (rebuilt.records, rebuilt.documents) == (FILLINGS, OWNERS)
    assert but_the_lock(await tallies.find({}, sort=(("_id", 1),))) == but_the_lock(before)
    names = await engine.database.collection("tallies__new").count({})
    assert names == 0
    await engine.database.close()


async def test_what_is_parked_stays_out_until_it_is_replayed(toys_on_kafka: Toys) -> None:
    before = await some_history(toys_on_kafka)
    engine = engine_of(toys_on_kafka.settings("boxes"))
    parked = engine.database.collection("parked")
    everywhere = {"topic": "counts.counts.v1", "marker": None}
    await parked.insert_many(
        [
            {**everywhere, "partition": partition, "offset": offset}
            for partition in range(PARTITIONS)
            for offset in range(FILLINGS)
        ]
    )

    rebuilt = await rebuild(engine, "tallies", partitions=PARTITIONS)

    assert (rebuilt.records, rebuilt.documents) == (FILLINGS, 0)
    assert len(before) == OWNERS
    await engine.database.close()


async def test_a_copy_after_a_rebuild_goes_on(toys_on_kafka: Toys) -> None:
    await some_history(toys_on_kafka)
    engine = engine_of(toys_on_kafka.settings("boxes"))
    await rebuild(engine, "tallies", partitions=PARTITIONS)
    await engine.database.close()

    after = await some_more(toys_on_kafka)

    assert sum(row["total"] for row in after) == FILLINGS + 1


async def some_more(toys: Toys) -> list[Document]:
    """One filling more; gives the copy once it is there."""
    async with (
        running(toys.settings("boxes")) as boxes,
        running(toys.settings("counts")),
    ):
        await boxes.committer.submit(to_fill("box-0", owner_id="o-0"), FILL)
        tallies = boxes.database.collection("tallies")

        async def copied() -> bool:
            return sum(int(row["total"]) for row in await tallies.find({})) == FILLINGS + 1

        await until(copied, "one more is copied")
        return await tallies.find({})


@pytest.mark.parametrize("collection", ["boxes", "nothing"])
async def test_only_a_copy_is_rebuilt(toys: Toys, collection: str) -> None:
    engine = engine_of(toys.settings("boxes"))

    with pytest.raises(NotRebuildable, match="keeps no copy"):
        await rebuild(engine, collection)

    await engine.database.close()
