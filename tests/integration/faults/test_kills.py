"""kill -9 at every named point of every real service while people work: nothing lost or doubled.

`deploy/checker` says what that means; a build without transactions shows that it would be seen.
One scene per service is in every run of the tests; `make kills` plays all.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from deploy.checker.invariants import findings
from deploy.checker.seen import Seen, look, settled
from deploy.checker.told import Told
from deploy.local.servers import Mail
from services.chassis.failpoints import FAIL_POINTS
from tests.integration.faults.conftest import living
from tests.integration.faults.filling import PLACES
from tests.integration.faults.people import People
from tests.integration.faults.world import ROWS, World, dying

pytestmark = pytest.mark.asyncio(loop_scope="module")
# The first of its kind and a later one: a batch of records, a command, a clock, an answer.
POINTS: Final = (
    "commit.writing",
    "commit.before:2",
    "commit.after:3",
    "relay.sent",
    "relay.sent:7",
    "relay.delete:3",
    "consumer.offset:2",
)
SHORT: Final = {  # written and not committed; told and still queued; handled and not noted
    "referrals": "commit.before:2",
    "plans": "relay.delete:3",
    "notifications": "consumer.offset:2",
}
SCENES: Final = [
    pytest.param(service, point, marks=() if SHORT[service] == point else pytest.mark.long)
    for service in ROWS
    for point in POINTS
]


async def test_every_named_point_has_its_scene() -> None:
    assert {each.partition(":")[0] for each in POINTS} == set(FAIL_POINTS)


@pytest.mark.parametrize(("service", "point"), SCENES)
async def test_a_service_killed_at_a_named_point_loses_and_doubles_nothing(
    people: People, service: str, point: str
) -> None:
    victim = people.world.start(service, WRAPAROUND_FAIL_AT=point)

    async with dying(people.world, victim):
        await people.play()

    await settled(people.world.outside)
    assert await people.violations() == []


@pytest.mark.long
async def test_referral_processes_that_join_and_leave_during_work_agree(people: People) -> None:
    world = people.world

    async def come_and_go() -> None:
        leaving = world.start_beside("referrals")
        await world.ready(leaving)
        await asyncio.to_thread(leaving.stop)
        dying = world.start_beside("referrals")
        await world.ready(dying)
        await people.play()
        dying.kill()

    await asyncio.gather(come_and_go(), people.play())

    await settled(world.outside)
    assert await people.violations() == []


@pytest.mark.long
async def test_no_damage_goes_unseen(people: People) -> None:
    await people.play()
    await settled(people.world.outside)
    seen = await look(people.world.outside)
    assert findings(seen, people.done) == []

    damaged = {
        "happened 0 times": without(seen, "offer_accepted"),
        "happened 2 times": replace(seen, told=[*seen.told, last(seen, "need_identified")]),
        "knows of no referral": changed(seen, "plans needs", referral_id=None),
        "answered 0 times": without(seen, "act_refused"),
        "withdrawn: False": changed(seen, "plans needs", state="WITHDRAWN"),
        "and partners heard of": untold(seen, "partner"),
        "place-kept due, and its family heard 0": untold(seen, "family"),
        "still waits for an answer": changed(seen, "plans needs", acts=[{"state": "asked"}]),
        "is ACCEPTED, shown None": replace(seen, rows={**seen.rows, "plans cases": []}),
        "was shown without a signature": replace(
            seen, told=[each for each in seen.told if each.fact != "consent_given"]
        ),
        "without a live consent": replace(seen, books=[]),
        "1 packets, 0 entries": replace(seen, entries=[]),
        "was released 2 times": replace(seen, told=[*seen.told, last(seen, "packet_released")]),
        "places and promised": changed(seen, "referrals seats", held=PLACES + 1),
        "its offers say": changed(seen, "referrals seats", taken=-1),
        "numbered [1, 3": without(seen, "candidates_ranked"),
        "plans never handled": replace(seen, rows={**seen.rows, "plans inbox": []}),
        "was queued 2 times": replace(seen, told=[*seen.told, last(seen, "message_queued")]),
        "was told 2 times": twice_told(seen),
        "parked a b c": added(seen, "plans parked", topic="a", code="b", error_class="c"),
        "still has to send d about e": added(
            seen, "referrals outbox", events=[{"topic": "d", "headers": {"ce_subject": b"e"}}]
        ),
    }

    for sentence, what in damaged.items():
        assert any(sentence in each for each in findings(what, people.done)), sentence


def last(seen: Seen, fact: str) -> Told:
    return seen.of(fact)[-1]


def without(seen: Seen, fact: str) -> Seen:
    lost = last(seen, fact)
    return replace(seen, told=[each for each in seen.told if each is not lost])


def untold(seen: Seen, side: str) -> Seen:
    """What would be seen if no partner, or no family, had been told of anything."""
    told = [each for each in seen.told if each.value.get("recipient") != side]
    return replace(seen, told=told)


def changed(seen: Seen, name: str, **fields: Any) -> Seen:
    """What would be seen if one row were another, which none needs to be to begin with."""
    rows = seen.rows[name]
    other = next(each for each in rows if any(each[key] != fields[key] for key in fields))
    made = [{**each, **fields} if each is other else each for each in rows]
    return replace(seen, rows={**seen.rows, name: made})


def added(seen: Seen, name: str, **row: Any) -> Seen:
    return replace(seen, rows={**seen.rows, name: [*seen.rows[name], row]})


def twice_told(seen: Seen) -> Seen:
    name = "notifications mailboxes"
    told = next(row["messages"] for row in seen.rows[name] if row["messages"])
    return changed(seen, name, messages=[told[0], told[0]])


@pytest.mark.long
async def test_a_build_without_transactions_is_found_out_by_the_same_check(
    kafka_servers: str, mongo_url: str, mail: Mail, tmp_path: Path
) -> None:
    world = World(
        kafka_servers=kafka_servers, mongo_url=mongo_url, folder=tmp_path, smtp_port=mail.port
    )
    async with living(world) as people:
        build = {"factory": "tests.integration.faults.broken:create"}
        victim = world.start("referrals", **build, WRAPAROUND_FAIL_AT="commit.writing")
        async with dying(world, victim):
            needs = await people.write("enrich.tutoring")
        await settled(world.outside)

        found = await people.violations()

        lost = [each for each in needs if f"need {each}: opened 0, kept 1 times" in found]
        assert lost, found
