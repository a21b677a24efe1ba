"""A family takes its permission back while a partner says yes or looks: never both, end to end."""

import asyncio
import html
from collections.abc import Collection
from typing import Any, Final

import pytest

from deploy.checker.invariants import findings
from deploy.checker.outside import until
from deploy.checker.seen import Seen, look, settled
from schemas.codes import REFUSALS
from tests.integration.faults.filling import MANAGER, coordinator_of
from tests.integration.faults.packets import looks, released, revoke
from tests.integration.faults.people import People
from tests.toy.running import new_id

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOOKS: Final = 12
LATER_SECONDS: Final = (0.0, 0.02, 0.05, 0.1)  # that the revocation comes after the others began
# A race at each of these moments, and more of them in `make kills`.
ROUNDS: Final = pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.long)])


async def signed(people: People, referrals: list[dict[str, Any]]) -> None:
    """Families have signed, and the partners' service knows of it."""
    students = [each["student_id"] for each in referrals]
    await asyncio.gather(*(people.sign(each["need_id"], each["student_id"]) for each in referrals))

    async def is_known() -> bool:
        copied = {"_id": {"$in": students}, "seen": {"$exists": True}}
        return len(await people.world.rows("referrals", "consents", **copied)) == len(students)

    await until(is_known, "the signatures are known")


@ROUNDS
async def test_a_yes_and_a_revocation_never_both_stand(people: People, rounds: int) -> None:
    ours: list[str] = []
    for kind in [people.kinds.pop() for _ in range(rounds)]:
        placed = await people.offers(kind)
        ours += [each["_id"] for each in placed]
        await signed(people, placed)
        async with asyncio.TaskGroup() as group:
            for later, each in zip(LATER_SECONDS, placed, strict=True):
                group.create_task(revoke(people, each, after=later))
                group.create_task(try_to_accept(people, each))
    await settled(people.world.outside)
    seen = await look(people.world.outside)

    assert findings(seen, people.done) == []
    assert_nothing_stands(seen, ours)


async def try_to_accept(people: People, referral: dict[str, Any]) -> None:
    """A partner says yes; too late, and the page says so."""
    offer = next(each for each in referral["offers"] if each["state"] == "OFFERED")
    async with people.world.browser(coordinator_of(offer["organization_id"])) as partner:
        path = f"/referrals/{referral['_id']}/offers/{offer['offer_id']}/accept"
        answer = await partner.post(path, data={"key": str(new_id())})
    assert answer.status_code in {303, 409}
    if answer.status_code == 303:
        people.done.is_done("offer_accepted", offer["offer_id"])


@ROUNDS
async def test_nobody_looks_at_a_packet_once_the_revocation_is_known(
    people: People, rounds: int
) -> None:
    ours: list[str] = []
    for kind in [people.kinds.pop() for _ in range(rounds)]:
        placed = await people.offers(kind)
        ours += [each["_id"] for each in placed]
        await signed(people, placed)
        await asyncio.gather(*(people.answer(each) for each in placed))
        for each in placed:
            await released(people, each)
        async with asyncio.TaskGroup() as group:
            for later, each in zip(LATER_SECONDS, placed, strict=True):
                group.create_task(revoke(people, each, after=later))
                group.create_task(look_often(people, each))
    await settled(people.world.outside)
    seen = await look(people.world.outside)

    assert findings(seen, people.done) == []
    assert_nothing_stands(seen, ours)
    facts = [(each.subject, each.fact) for each in seen.told if each.subject in ours]
    for subject in {subject for subject, fact in facts if fact == "offer_recalled"}:
        said = [fact for about, fact in facts if about == subject]
        assert "packet_viewed" not in said[said.index("offer_recalled") :]
    assert any(fact == "packet_viewed" for _, fact in facts)


async def look_often(people: People, referral: dict[str, Any]) -> None:
    """A partner opens the Packet again and again; once it is refused, it stays so."""
    shown = await looks(people, referral, LOOKS)
    assert shown == sorted(shown, reverse=True)


def assert_nothing_stands(seen: Seen, ours: Collection[str]) -> None:
    """All of ours was taken back: no place is promised, no Packet is open."""
    offers = [
        each
        for row in seen.rows["referrals referrals"]
        if row["_id"] in ours
        for each in row["offers"]
    ]
    assert [each for each in offers if each["state"] == "ACCEPTED"] == []
    assert not any(each["packet"] and each["packet"]["closed_at"] is None for each in offers)
    services = {each["service_id"] for each in offers}
    seats = [row for row in seen.rows["referrals seats"] if row["_id"] in services]
    assert {row["held"] + row["taken"] for row in seats} == {0}


async def test_a_choice_that_comes_too_late_is_answered_and_shown(people: People) -> None:
    before = people.done.of("need_identified")
    placed = await people.offers(people.kinds.pop())
    others = {*before, *(each["need_id"] for each in placed)}
    (late,) = [each for each in people.done.of("need_identified") if each not in others]
    (need,) = await people.world.rows("plans", "needs", _id=late)
    assert [(each["state"], each["code"]) for each in need["acts"]] == [("refused", "no_seat")] * 2

    async with people.world.browser(MANAGER) as manager:
        page = await manager.get(f"/plans/students/{need['student_id']}")

    shown = html.unescape(page.text)
    assert f"· {REFUSALS['no_seat']}" in shown  # beside what was asked
    assert shown.count(REFUSALS["no_seat"]) > len(need["acts"])  # and on the timeline
