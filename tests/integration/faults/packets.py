"""A partner who looks at a Packet, and a permission that is taken back meanwhile."""

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2

from deploy.checker.outside import until
from tests.integration.faults.filling import MANAGER, coordinator_of
from tests.integration.faults.world import PATIENCE_SECONDS
from tests.toy.running import new_id

if TYPE_CHECKING:
    from tests.integration.faults.people import People


async def released(people: "People", referral: dict[str, Any]) -> None:
    """Wait until the Packet is with the partner."""

    async def is_open() -> bool:
        (row,) = await people.world.rows("referrals", "referrals", _id=referral["_id"])
        return any(each["packet"] for each in row["offers"])

    await until(is_open, "the packet is there", PATIENCE_SECONDS)


async def revoke(people: "People", referral: dict[str, Any], *, after: float) -> None:
    """The case manager takes a permission back, as the family has said."""
    need, student = referral["need_id"], referral["student_id"]
    (book,) = await people.world.rows("plans", "consent_books", _id=student)
    (consent,) = [each for each in book["consents"] if each["need_id"] == need]
    await asyncio.sleep(after)
    async with people.world.browser(MANAGER) as manager:
        path = f"/plans/students/{student}/consents/{consent['consent_id']}/revoke"
        answer = await manager.post(path, data={"key": str(new_id())})
    assert answer.status_code == 303, (path, answer.status_code, answer.text[-2_000:])


async def looks(people: "People", referral: dict[str, Any], times: int) -> list[bool]:
    """A partner opens the Packet so many times; gives whether it was shown each time."""
    offer = next(each for each in referral["offers"] if each["state"] == "OFFERED")
    path = f"/referrals/{referral['_id']}/offers/{offer['offer_id']}/packet"
    async with people.world.browser(coordinator_of(offer["organization_id"])) as partner:
        return [await _is_shown(partner, path) for _ in range(times)]


async def _is_shown(partner: httpx2.AsyncClient, path: str) -> bool:
    answer = await partner.get(path)
    assert answer.status_code in {200, 404, 409}, (answer.status_code, answer.text[-2_000:])
    return answer.status_code == 200
