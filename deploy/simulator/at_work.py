"""Everybody at work in one town: the lanes of staff and families, and needs at their times."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from deploy.checker.outside import Outside
from deploy.simulator.arrivals import Arrival
from deploy.simulator.families import Families
from deploy.simulator.managers import CaseManager
from deploy.simulator.partners import Coordinator
from deploy.simulator.people import Town
from services.chassis.accounts import Role

FAMILIES_LOOK_HOURS: Final = 0.2
STAFF_LOOK_HOURS: Final = 3.0
REST_SECONDS: Final = 20.0  # for what people are at when it ends


@asynccontextmanager
async def at_work(
    town: Town, outside: Outside, needs: Iterable[Arrival]
) -> AsyncIterator[Callable[[], None]]:
    """Everybody works until the block ends; what it gives raises what nobody reckoned with."""
    people = await accounts(outside)
    managers = [CaseManager(town, each) for each in people[Role.CASE_MANAGER]]
    partners = [Coordinator(town, each) for each in people[Role.PARTNER_COORDINATOR]]
    families = Families(town=town, outside=outside)
    try:
        await asyncio.gather(*(each.begin() for each in managers))
        lanes = [
            asyncio.create_task(town.every(FAMILIES_LOOK_HOURS, families.look)),
            *(asyncio.create_task(town.every(STAFF_LOOK_HOURS, each.look)) for each in managers),
            *(asyncio.create_task(town.every(STAFF_LOOK_HOURS, each.look)) for each in partners),
            asyncio.create_task(write_needs(town, managers, needs)),
        ]

        def look() -> None:
            for error in town.failed:
                raise error
            for lane in lanes:
                if lane.done():
                    lane.result()

        try:
            yield look
        finally:
            for each in lanes:
                each.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
            await town.rest(REST_SECONDS)
    finally:
        await asyncio.gather(*(each.close() for each in managers))
        await asyncio.gather(*(each.close() for each in partners))


async def write_needs(
    town: Town, managers: Sequence[CaseManager], needs: Iterable[Arrival]
) -> None:
    """Each need at its time, whatever the system does meanwhile."""
    able = [each for each in managers if each.has_students]
    for arrival in needs:
        await town.sleep_until(arrival.at)
        town.needs = arrival.number
        town.tell_time()
        town.begin(able[int(arrival.manager * len(able))].write(arrival))


async def accounts(outside: Outside) -> dict[Role, list[str]]:
    """Everybody who can sign in, by what they are."""
    settings = outside.settings["plans"]
    rows = outside.database("plans").beside(settings.platform_database).collection("accounts")
    found = sorted(await rows.find({}), key=lambda each: str(each["_id"]))
    return {role: [each["_id"] for each in found if each["role"] == role] for role in Role}
