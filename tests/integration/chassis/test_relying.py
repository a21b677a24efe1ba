"""A revocation racing with what relies on the permission: never both."""

import asyncio

import pytest

from services.chassis.kernel import Refused, StaleWrite
from services.chassis.mongo import Change, Insert
from tests.toy.builders import to_count, to_revoke
from tests.toy.counts import COUNT_ONE, REVOKE
from tests.toy.door import Door

RACES = 60


async def race(counts: Door, second: Door, number: int) -> bool:
    """One count against one revocation in another process; True if the count came through."""
    owner = f"owner-{number}"
    counting = counts.engine.committer.submit(to_count(owner), COUNT_ONE)
    revoking = second.engine.committer.submit(to_revoke(owner), REVOKE)
    answer, _ = await asyncio.gather(counting, revoking, return_exceptions=True)
    return not isinstance(answer, Refused)


async def order_of(door: Door, owner: str) -> tuple[bool, bool]:
    """Whether the owner was counted, and whether that was touched by the licence's last writer."""
    counted = await door.row("counts", owner) is not None
    licence = await door.row("licences", owner)
    assert licence is not None
    return counted, licence["version"] > 1


async def test_a_count_is_refused_or_was_before_the_revocation(
    counts: Door, second_counts: Door
) -> None:
    for number in range(RACES):
        came_through = await race(counts, second_counts, number)
        counted, revoked_later = await order_of(counts, f"owner-{number}")
        assert counted is came_through
        # the count wrote the licence (version 1) and the revocation followed (version 2)
        assert counted is revoked_later


async def revoke_around(counts: Door) -> None:
    """Read the licence, let a count rely on it, then revoke: what a snapshot alone allows."""
    database = counts.engine.database
    async with database.transaction() as session:
        licences = database.collection("licences")
        known = await licences.find_one({"_id": "owner-1"}, session=session)
        await counts.engine.committer.submit(to_count(), COUNT_ONE)
        revoked = {"_id": "owner-1", "is_live": False}
        write = Change(known, revoked) if known else Insert(revoked)
        await licences.write([write], session=session)


async def test_a_revocation_that_did_not_see_a_count_is_a_conflict(counts: Door) -> None:
    await counts.engine.committer.submit(to_count(), COUNT_ONE)

    with pytest.raises(StaleWrite):
        await revoke_around(counts)


async def test_a_first_revocation_meets_the_empty_licence_that_was_relied_on(counts: Door) -> None:
    with pytest.raises(StaleWrite):
        await revoke_around(counts)


async def test_reading_alone_is_no_reliance(counts: Door) -> None:
    """A refusal relies on the licence too, but changes nothing, so it touches nothing."""
    await counts.engine.committer.submit(to_revoke(), REVOKE)
    before = await counts.row("licences", "owner-1")

    with pytest.raises(Refused):
        await counts.engine.committer.submit(to_count(), COUNT_ONE)

    assert await counts.row("licences", "owner-1") == before
