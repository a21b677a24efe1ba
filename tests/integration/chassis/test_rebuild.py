"""A copy is built anew from its topic, and is the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.checker.outside import until
from services.chassis.engine import Engine
from services.chassis.kernel import Context, Decision
from services.chassis.kinds import Document
from services.chassis.messages import Message
from services.chassis.mongo import Session
from services.chassis.rebuild import NotRebuildable, rebuild
from services.chassis.settings import Settings
from tests.integration.chassis.conftest import Toys
from tests.toy.boxes import FILL, Tally, tables
from tests.toy.builders import to_fill
from tests.toy.events import COUNTS, ThingCounted
from tests.toy.running import PARTITIONS, engine_of, new_id, running

FILLINGS = 60
OWNERS = 7
OWNER = "o-0"
SICK = 2  # the total that a release with a mistake cannot copy


async def some_history(toys: Toys) -> list[Document]:
    """Both services work for a while; gives the copy that came of it."""
    async with (
        running(toys.settings("boxes")) as boxes,
        running(toys.settings("counts")),
    ):
        asked = [to_fill(f"box-{n % OWNERS}", owner_id=f"o-{n % OWNERS}") for n in range(FILLINGS)]
        await asyncio.gather(*(boxes.committer.submit(each, FILL) for each in asked))
        await copied(boxes, FILLINGS)
        with pytest.raises(NotRebuildable, match="stop it"):
            await rebuild(boxes, "tallies", partitions=PARTITIONS)
        return await boxes.database.collection("tallies").find({}, sort=(("_id", 1),))


async def copied(boxes: Engine, total: int) -> None:
    """Wait until so much was counted and copied."""

    async def is_copied() -> bool:
        return sum(int(row["total"]) for row in await tallies_of(boxes)) == total

    await until(is_copied, "all is counted and copied")


async def tallies_of(boxes: Engine) -> list[Document]:
    """The copy as it is stored."""
    return await boxes.database.collection("tallies").find({}, sort=(("_id", 1),))


def but_the_lock(rows: list[Document]) -> list[Document]:
    """Documents without what depends on how records fell into batches."""
    return [{name: row[name] for name in row if name != "version"} for row in rows]


@asynccontextmanager
async def at_rest(settings: Settings, **given: Any) -> AsyncIterator[Engine]:
    """An engine that does not run, as at a terminal."""
    engine = engine_of(settings, **given)
    try:
        yield engine
    finally:
        await engine.database.close()


async def test_equal_history_gives_equal_documents(toys_on_kafka: Toys) -> None:
    before = await some_history(toys_on_kafka)
    async with at_rest(toys_on_kafka.settings("boxes")) as engine:
        tallies = engine.database.collection("tallies")
        await tallies.update_one({"_id": "o-1"}, {"$set": {"total": -1}})
        await tallies.insert_many([{**before[0], "_id": "never told of"}])

        rebuilt = await rebuild(engine, "tallies", partitions=PARTITIONS)

        assert (rebuilt.records, rebuilt.documents, rebuilt.waiting) == (FILLINGS, OWNERS, 0)
        assert but_the_lock(await tallies_of(engine)) == but_the_lock(before)
        assert await engine.database.collection("tallies__new").count({}) == 0


# -- what is parked ------------------------------------------------------------------------------


def hear(tally: Tally | None, said: ThingCounted, context: Context) -> Decision[Tally]:
    """A copy that counts what it heard: what it missed does not show itself later."""
    heard = tally.total if tally else 0
    return Decision(Tally(owner_id=said.owner_id, district=context.district, total=heard + 1))


def hear_but_the_sick(tally: Tally | None, said: ThingCounted, context: Context) -> Decision[Tally]:
    """The same, in a release that cannot decide one."""
    if said.total == SICK:
        raise RuntimeError
    return hear(tally, said, context)


async def fill(toys: Toys, times: int, *, until_told: int) -> None:
    """Fill a box and have it counted, while nobody copies; so many have been told of then."""
    roles = frozenset({"web", "relay"})
    async with (
        running(toys.settings("boxes", roles=roles)) as boxes,
        running(toys.settings("counts")) as counts,
    ):
        for _ in range(times):
            await boxes.committer.submit(to_fill(owner_id=OWNER), FILL)

        async def are_told() -> bool:
            (row,) = await counts.database.collection("counts").find({}) or [{"total": 0}]
            waiting = await counts.database.collection("outbox").count({})
            return row["total"] == until_told and not waiting

        await until(are_told, "all is counted and told")


async def consume(settings: Settings, *, copies: int, parked: int) -> None:
    """Let the consumer of a release handle what there is."""
    copying = hear_but_the_sick if parked else hear
    async with running(settings, tables=tables(copying=copying)) as boxes:
        rows = boxes.database.collection("parked")

        async def is_handled() -> bool:
            heard = sum(int(row["total"]) for row in await tallies_of(boxes))
            return (heard, await rows.count({})) == (copies, parked)

        await until(is_handled, f"{copies} are copied and {parked} parked")


async def test_what_is_parked_and_what_comes_behind_it_reaches_a_rebuilt_copy_by_replay(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("boxes")
    await fill(toys_on_kafka, 3, until_told=3)
    await consume(settings, copies=1, parked=2)
    await fill(toys_on_kafka, 1, until_told=4)  # which nobody has read yet

    async with at_rest(settings, tables=tables(copying=hear)) as mended:
        rebuilt = await rebuild(mended, "tallies", partitions=PARTITIONS)
        assert (rebuilt.records, rebuilt.documents, rebuilt.waiting) == (4, 1, 3)
        assert [row["total"] for row in await tallies_of(mended)] == [1]
        replayed = await mended.replay.replay()
        assert (replayed.done, replayed.left) == (2, 0)
        assert [row["total"] for row in await tallies_of(mended)] == [3]

    await consume(settings, copies=4, parked=0)


async def test_what_was_given_up_stays_out_and_what_came_behind_it_does_not(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("boxes")
    await fill(toys_on_kafka, 3, until_told=3)
    await consume(settings, copies=1, parked=2)

    async with at_rest(settings, tables=tables(copying=hear)) as mended:
        first, _ = await mended.replay.rows()
        row = await mended.replay.find(first["_id"])
        assert row is not None
        await mended.replay.discard(row, by="operator", reason="a test", new_id=new_id())
        await mended.replay.replay()
        before = await tallies_of(mended)

        rebuilt = await rebuild(mended, "tallies", partitions=PARTITIONS)

        assert (rebuilt.documents, rebuilt.waiting) == (1, 0)
        assert but_the_lock(await tallies_of(mended)) == but_the_lock(before)
        assert [row["total"] for row in before] == [2]


async def test_what_was_handled_before_something_of_its_key_was_parked_is_not_left_out(
    toys_on_kafka: Toys,
) -> None:
    settings = toys_on_kafka.settings("boxes")
    await fill(toys_on_kafka, 3, until_told=3)
    await consume(settings, copies=3, parked=0)

    async with at_rest(settings, tables=tables(copying=hear)) as engine:
        before = await tallies_of(engine)
        again = {"topic": COUNTS, "partition": 0, "offset": 0, "marker": f"{COUNTS}|{OWNER}"}
        await engine.database.collection("parked").insert_many([again])  # it came once more

        rebuilt = await rebuild(engine, "tallies", partitions=PARTITIONS)

        assert rebuilt.waiting == 0
        assert but_the_lock(await tallies_of(engine)) == but_the_lock(before)


async def test_what_comes_behind_what_nobody_can_read_waits_as_well(toys_on_kafka: Toys) -> None:
    settings = toys_on_kafka.settings("boxes")
    await fill(toys_on_kafka, 2, until_told=2)
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_servers) as producer:
        await producer.send_and_wait(
            f"{toys_on_kafka.given['unique']}.{COUNTS}", b"{", key=OWNER.encode()
        )
    await fill(toys_on_kafka, 1, until_told=3)

    async with at_rest(settings, tables=tables(copying=hear)) as engine:
        rebuilt = await rebuild(engine, "tallies", partitions=PARTITIONS)

        assert (rebuilt.records, rebuilt.waiting) == (4, 1)
        assert [row["total"] for row in await tallies_of(engine)] == [2]


# -- what happens meanwhile ----------------------------------------------------------------------


@dataclass
class Meanwhile:
    """Lets something happen once, in the middle of a rebuild: its copy needs this."""

    happen: Callable[[], Awaitable[object]] | None

    async def load(self, session: Session, messages: Sequence[Message]) -> "Meanwhile":
        """Now."""
        del session, messages
        happen, self.happen = self.happen, None
        if happen is not None:
            await happen()
        return self

    async def save(self, session: Session, value: "Meanwhile") -> None:
        """Nothing is written."""


async def refused(
    settings: Settings, happen: Callable[[], Awaitable[object]], **given: Any
) -> None:
    """A rebuild in the middle of which something happens changes nothing, and says so."""
    async with at_rest(settings, tables=tables(needs=(Meanwhile,), **given)) as engine:
        engine.wiring.providers[Meanwhile] = Meanwhile(happen)  # type: ignore[index]

        with pytest.raises(NotRebuildable, match="stays as it was"):
            await rebuild(engine, "tallies", partitions=PARTITIONS)

        assert await engine.database.collection("tallies__new").count({}) == 0


async def test_what_a_consumer_handled_during_a_rebuild_is_not_thrown_away(
    toys_on_kafka: Toys,
) -> None:
    await some_history(toys_on_kafka)
    settings = toys_on_kafka.settings("boxes")

    await refused(settings, lambda: some_more(toys_on_kafka))

    async with at_rest(settings) as engine:
        assert sum(row["total"] for row in await tallies_of(engine)) == FILLINGS + 1


async def test_a_consumer_that_began_during_a_rebuild_keeps_its_copy(toys_on_kafka: Toys) -> None:
    await some_history(toys_on_kafka)
    settings = toys_on_kafka.settings("boxes")

    async with AsyncExitStack() as stack:

        async def begin() -> None:
            begun = await stack.enter_async_context(running(settings))

            async def is_assigned() -> bool:
                return begun.consumer.is_assigned

            await until(is_assigned, "it has its partitions")

        await refused(settings, begin)


async def test_what_was_replayed_during_a_rebuild_is_not_thrown_away(toys_on_kafka: Toys) -> None:
    settings = toys_on_kafka.settings("boxes")
    await fill(toys_on_kafka, 3, until_told=3)
    await consume(settings, copies=1, parked=2)

    async with at_rest(settings, tables=tables(copying=hear)) as mended:
        await refused(settings, mended.replay.replay, copying=hear)

        assert [row["total"] for row in await tallies_of(mended)] == [3]


async def test_a_copy_after_a_rebuild_goes_on(toys_on_kafka: Toys) -> None:
    await some_history(toys_on_kafka)
    async with at_rest(toys_on_kafka.settings("boxes")) as engine:
        await rebuild(engine, "tallies", partitions=PARTITIONS)

        await some_more(toys_on_kafka)

        assert sum(row["total"] for row in await tallies_of(engine)) == FILLINGS + 1


async def some_more(toys: Toys) -> None:
    """One filling more, until it is copied."""
    async with (
        running(toys.settings("boxes")) as boxes,
        running(toys.settings("counts")),
    ):
        await boxes.committer.submit(to_fill("box-0", owner_id="o-0"), FILL)
        await copied(boxes, FILLINGS + 1)


# -- what can be rebuilt -------------------------------------------------------------------------


@pytest.mark.parametrize("collection", ["boxes", "nothing"])
async def test_only_a_copy_is_rebuilt(toys: Toys, collection: str) -> None:
    async with at_rest(toys.settings("boxes")) as engine:
        with pytest.raises(NotRebuildable, match="keeps no copy"):
            await rebuild(engine, collection)
