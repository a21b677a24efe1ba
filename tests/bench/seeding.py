"""A step of the benchmark: the made-up town, with places for everybody, offers by rule.

`python -m tests.bench.seeding TIMES`; finds the same settings as the services in its environment.
"""

import asyncio
import sys
from dataclasses import replace
from typing import Final

from deploy.local.story.fill import fill
from deploy.local.story.sources import Filling, filling
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.settings import read, real_time
from services.plans import main as plans
from services.plans.domain.places import SetOffering
from services.plans.translating import Source
from services.plans.usecases import Plans
from services.referrals import main as referrals
from services.referrals.directory.records import ServiceRecord

PLACES: Final = 1_000_000  # of each service, so that no need goes without an offer


def roomy(given: Filling, times: int) -> Filling:
    """The same partners with places for everybody: each need gets an offer."""
    partners = tuple(
        replace(
            each,
            services=tuple(open_to_all(service) for service in each.services),
            seats=tuple(replace(seats, maximum=PLACES, occupied_outside=0) for seats in each.seats),
        )
        for each in given.partners
    )
    return replace(given, people=larger(given.people, times), partners=partners)


def larger(people: Source, times: int) -> Source:
    """The same families several times, each time as other people."""
    town = people.roster
    roster = replace(
        town,
        students=tuple(
            replace(each, source_id=f"{each.source_id}-{copy}")
            for copy in range(times)
            for each in town.students
        ),
        contacts=tuple(
            replace(each, source_id=f"{each.source_id}-{copy}")
            for copy in range(times)
            for each in town.contacts
        ),
        student_contacts=tuple(
            replace(
                each,
                student_source_id=f"{each.student_source_id}-{copy}",
                contact_source_id=f"{each.contact_source_id}-{copy}",
            )
            for copy in range(times)
            for each in town.student_contacts
        ),
    )
    return replace(people, roster=roster, assignments=())


def open_to_all(service: ServiceRecord) -> ServiceRecord:
    """A service that asks neither for age, grade nor area, and finds somebody who interprets."""
    return replace(
        service,
        age_min=None,
        age_max=None,
        grade_min=0,
        grade_max=12,
        is_online=True,
        interprets=True,
    )


async def set_to_automatic() -> None:
    """The first eligible partner of a need is asked at once, and the family with it."""
    process = plans.process(read("plans"))
    try:
        (district,) = await process.database.collection("districts").find({})
        asked = SetOffering(
            key=process.clocks.new_id(),
            scope=Scope(district=district["_id"]),
            district_id=district["_id"],
            offer_first=True,
            offer_mode="automatic",
        )
        await Plans(process.engine.committer).set_offering(asked)
    finally:
        await process.database.close()


async def send(process: Process) -> None:
    """Send what was told: the baseline has no relay that would."""
    try:
        while await process.engine.relay.relay():
            pass
    finally:
        await process.engine.relay.stop()
        await process.database.close()


async def seed(times: int) -> None:
    """Everything through the services' own doors."""
    await fill(roomy(filling(real_time().date()), times))
    await set_to_automatic()
    await send(plans.process(read("plans")))
    await send(referrals.process(read("referrals")))


if __name__ == "__main__":
    asyncio.run(seed(int(sys.argv[1])))
