"""Time is a message: a clock that has run out ticks once."""

import asyncio
from datetime import UTC, datetime, timedelta

from deploy.checker.outside import until
from services.chassis.kernel import Context, Decision, Tick
from services.chassis.leases import Lease
from services.chassis.line_stop import STOP_KEYS
from services.chassis.messages import from_tick, tick_id
from services.chassis.telemetry import Telemetry
from tests.integration.chassis.conftest import Toys
from tests.toy.counts import Count, clock_of, tables, wake
from tests.toy.door import DISTRICT, MONDAY, Door, open_door, sequence_of
from tests.toy.events import ThingCounted
from tests.toy.running import new_id

HOUR = timedelta(hours=1)
STUCK = datetime(1999, 1, 1, tzinfo=UTC)


async def resting(counts: Door, owner_id: str = "owner-1", *, ends: datetime = MONDAY) -> None:
    """An owner whose clock runs out."""
    await counts.engine.database.collection("counts").insert_many(
        [
            {
                "_id": owner_id,
                "district": DISTRICT,
                "shape": 1,
                "version": 1,
                "sequence": 0,
                "at": MONDAY - HOUR,
                "persons": [],
                "total": 1,
                "rests_until": ends,
                "clocks": {clock_of(owner_id): ends},
                "due_at": ends,
            }
        ]
    )


async def test_a_clock_ticks_when_it_has_run_out_and_only_once(counts: Door) -> None:
    await resting(counts, ends=MONDAY + HOUR)
    tick = counts.engine.timers.tick

    assert await tick() == 0
    counts.clock.move(HOUR)
    assert await tick() == 1
    assert await tick() == 0

    assert len(await counts.told(ThingCounted)) == 1
    (row,) = await counts.rows("counts")
    assert "due_at" not in row
    assert row["version"] == 2


async def test_two_schedulers_at_once_tick_once(counts: Door, second_counts: Door) -> None:
    for number in range(30):
        await resting(counts, f"owner-{number}")

    await asyncio.gather(counts.engine.timers.tick(), second_counts.engine.timers.tick())

    assert len(await counts.told(ThingCounted)) == 30


async def test_a_clock_set_to_the_same_time_again_runs_out_again(counts: Door) -> None:
    await resting(counts)
    await counts.engine.timers.tick()
    again = {"rests_until": MONDAY, "clocks": {clock_of("owner-1"): MONDAY}, "due_at": MONDAY}
    await counts.engine.database.collection("counts").update_one(
        {"_id": "owner-1"}, {"$set": again}
    )

    await counts.engine.timers.tick()

    first, second = await counts.told()
    assert [sequence_of(each) for each in (first, second)] == [1, 2]
    assert dict(first.headers)["ce_id"] != dict(second.headers)["ce_id"]


async def test_a_tick_that_comes_after_its_clock_was_moved_does_nothing(counts: Door) -> None:
    await resting(counts, ends=MONDAY + HOUR)
    rest = Tick(kind="counts", subject="owner-1", name=clock_of("owner-1"), at=MONDAY)
    (route,) = counts.engine.tables.clocks

    await counts.engine.committer.handle([from_tick(rest, route, DISTRICT, 1)])

    assert await counts.told() == []
    (row,) = await counts.rows("counts")
    assert row["clocks"] == {clock_of("owner-1"): MONDAY + HOUR}


async def test_a_clock_that_its_decision_leaves_is_parked_and_not_tried_for_ever(
    counts: Door,
) -> None:
    await resting(counts, "stuck", ends=STUCK)
    await resting(counts, "well")
    tick = counts.engine.timers.tick

    assert await tick() == 2
    assert await tick() == 0

    (row,) = await counts.parked()
    stuck = Tick(kind="counts", subject="stuck", name=clock_of("stuck"), at=STUCK)
    assert (row["_id"], row["topic"], row["code"]) == (tick_id(stuck), "ticks", "undecidable")
    assert [said.owner_id for said in await counts.told(ThingCounted)] == ["well"]


async def test_a_clock_that_was_given_up_has_no_effect_also_once_it_is_mended(
    toys: Toys, counts: Door
) -> None:
    await resting(counts, "stuck", ends=STUCK)
    await counts.engine.timers.tick()
    (row,) = await counts.parked()

    await counts.engine.replay.discard(row, by="operator", reason="a test", new_id=new_id())

    assert await counts.engine.timers.tick() == 0
    assert await counts.parked() == []
    settings = toys.settings("counts")
    async with open_door(settings, tables=tables(waking=wake_all), clock=counts.clock) as mended:
        assert await mended.engine.timers.tick() == 0
    assert await counts.told() == []


async def test_a_tick_that_was_given_up_is_not_parked_again(counts: Door) -> None:
    await resting(counts, "stuck", ends=STUCK)
    await counts.engine.timers.tick()
    (row,) = await counts.parked()
    await counts.engine.replay.discard(row, by="operator", reason="a test", new_id=new_id())
    (route,) = counts.engine.tables.clocks
    late = from_tick(Tick(**row["tick"]), route, DISTRICT, 1)  # of a scheduler that read before

    await counts.engine.committer.handle([late])

    assert await counts.parked() == []


async def test_one_sort_of_clock_that_parks_all_stops_the_line_whatever_the_clocks_are_about(
    counts: Door,
) -> None:
    for number in range(STOP_KEYS):
        await resting(counts, f"stuck-{number}", ends=STUCK)

    await counts.engine.timers.tick()

    assert counts.engine.dead_letters.is_stopped


async def test_metrics_say_which_sort_of_clock_ran_out_and_not_about_whom(toys: Toys) -> None:
    telemetry = Telemetry("counts")
    async with open_door(toys.settings("counts"), telemetry=telemetry) as counts:
        await resting(counts, "owner-1")
        await resting(counts, "stuck-1", ends=STUCK)

        await counts.engine.timers.tick()

    said = telemetry.exposition().decode()
    assert 'wraparound_clocks_run_out_total{clock="rest"} 2.0' in said
    assert 'wraparound_events_handled_total{type="tick counts rest"} 1.0' in said
    assert "owner-1" not in said
    assert "stuck-1" not in said


async def test_a_mended_clock_is_replayed(toys: Toys, counts: Door) -> None:
    await resting(counts, "stuck", ends=STUCK)
    await counts.engine.timers.tick()
    (row,) = await counts.parked()

    still = await counts.engine.replay.replay(row_id=row["_id"])
    assert still.failure is not None
    assert (still.done, still.left) == (0, 1)
    settings = toys.settings("counts")
    async with open_door(settings, tables=tables(waking=wake_all), clock=counts.clock) as mended:
        replayed = await mended.engine.replay.replay(row_id=row["_id"])

    assert (replayed.done, replayed.left) == (1, 0)
    assert len(await counts.told(ThingCounted)) == 1


def wake_all(found: Count, tick: Tick, context: Context) -> Decision[Count]:
    """The mended decision: whoever rests, wakes."""
    later = Tick(kind=tick.kind, subject=tick.subject, name=tick.name, at=MONDAY)
    return wake(found, later, context)


async def test_many_stuck_clocks_do_not_keep_the_others_waiting(counts: Door) -> None:
    for number in range(5):
        await resting(counts, f"stuck-{number}", ends=STUCK)
    await resting(counts, "well")

    while await counts.engine.timers.tick(limit=3):
        pass

    assert [said.owner_id for said in await counts.told(ThingCounted)] == ["well"]


async def test_one_holder_has_a_lease_until_it_ends_or_is_let_go(counts: Door) -> None:
    first = Lease(counts.engine.database, "test", "first", seconds=0.3)
    second = Lease(counts.engine.database, "test", "second", seconds=60)

    assert await first.hold()
    assert not await second.hold()
    assert await first.hold()
    await until(second.hold, "the first lease has run out, by the database's time")
    assert not await first.hold()
    await second.release()
    assert await first.hold()


async def test_processes_that_meet_at_the_first_lease_agree(counts: Door) -> None:
    leases = [Lease(counts.engine.database, "first ever", f"process-{n}") for n in range(8)]

    held = await asyncio.gather(*(lease.hold() for lease in leases))

    assert sum(held) <= 1
    assert sum([await lease.hold() for lease in leases]) == 1
