import time
from dataclasses import replace
from datetime import timedelta

from deploy.local.town.names import phone_numbers
from deploy.local.town.partners import SOURCE, Partners, partners
from schemas.referrals import (
    CoordinatorCardChanged,
    OrganizationCardChanged,
    ServiceCardChanged,
)
from services.chassis.mongo import Database
from services.referrals.directory.given import (
    Records,
    agreements_for,
    coordinator_id,
    records_of,
)
from services.referrals.directory.records import (
    OrganizationRecord,
    ServiceRecord,
    stable_id,
)
from services.referrals.importing import DirectoryImport, Imported
from services.referrals.providers import EDITIONS
from services.referrals.usecases import DirectoryDesk
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.district import Town
from tests.toy.running import new_id
from tests.unit.referrals.builders import DISTRICT, TODAY, a_need

SERVICES = 4_089
SECONDS_AT_MOST = 10.0


def the_town() -> Partners:
    return partners(today=TODAY, phones=phone_numbers(), seed=7)


async def imported(town: Town, records: Records, told: list[tuple[int, int]]) -> Imported:
    run = DirectoryImport(
        desk=DirectoryDesk(town.engine.committer),
        district=DISTRICT,
        run_id=new_id(),
        progress=lambda done, of_all: told.append((done, of_all)),
    )
    return await run.run(records)


async def edition(database: Database) -> int:
    row = await database.collection(EDITIONS).find_one({"_id": DISTRICT})
    return int(row["version"]) if row else 0


async def test_a_town_comes_in_with_its_cards_and_twice_changes_nothing(build: Build) -> None:
    async with build() as town:
        given = records_of(the_town(), SOURCE)
        told: list[tuple[int, int]] = []
        found = await imported(town, given, told)
        assert (found.organizations, found.services, found.unmapped) == (60, 140, 0)
        assert told[-1] == (told[-1][1], told[-1][1])
        cards = await town.told()
        kinds = [type(each) for each in cards]
        assert kinds.count(OrganizationCardChanged) == 60
        assert kinds.count(ServiceCardChanged) == 140
        assert kinds.count(CoordinatorCardChanged) == found.coordinators
        version = await edition(town.process.database)

        await imported(town, given, told)
        assert len(await town.told()) == len(cards)
        assert await edition(town.process.database) == version


async def test_what_changed_in_a_directory_is_told_and_matched(build: Build) -> None:
    async with build() as town:
        given = records_of(the_town(), SOURCE)
        await imported(town, given, [])
        before = len(await town.told())
        renamed = replace(given.services[0], name="Homework harbor")
        changed = replace(given, services=[renamed, *given.services[1:]])
        await imported(town, changed, [])
        (card,) = (await town.told())[before:]
        assert isinstance(card, ServiceCardChanged)
        assert card.name == "Homework harbor"


async def test_coordinators_are_sealed_and_found_by_a_stable_id(build: Build) -> None:
    async with build() as town:
        given = records_of(the_town(), SOURCE)
        await imported(town, given, [])
        first = given.coordinators[0]
        (row,) = await town.rows("coordinators", _id=coordinator_id(SOURCE, first.source_id))
        assert first.surname not in repr(row)
        cards = await town.told(CoordinatorCardChanged)
        assert f"{first.first_name} {first.surname}" in {e.sealed.facts.name for e in cards}


def a_large_directory() -> Records:
    organizations = [
        OrganizationRecord(
            source_id=f"o{n}",
            organization_id=stable_id("large", "organization", f"o{n}"),
            name=f"Partner {n}",
        )
        for n in range(400)
    ]
    services = [
        ServiceRecord(
            source_id=f"s{n}",
            service_id=stable_id("large", "service", f"s{n}"),
            organization_source_id=f"o{n % 400}",
            name=f"Club {n}",
            categories=("enrich.tutoring",),
            grade_min=n % 5,
            areas=("harbor",),
        )
        for n in range(SERVICES)
    ]
    until = TODAY + timedelta(days=100)
    agreed = agreements_for(organizations, begins_on=TODAY, ends_on=until)
    return Records(
        source="large", organizations=organizations, services=services, agreements=agreed
    )


async def test_a_large_directory_comes_in_and_is_matched_in_time(build: Build) -> None:
    async with build() as town:
        started = time.process_time()  # not the wall's: neighbours of a test take their share
        found = await imported(town, a_large_directory(), [])
        assert time.process_time() - started < SECONDS_AT_MOST
        assert found.services == SERVICES
        await town.hears(a_need())
        assert len(await town.rows("referrals")) == 1
