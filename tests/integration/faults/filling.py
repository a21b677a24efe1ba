"""A small district for fault tests: students with a parent each, partners with few places."""

from typing import Final

from schemas.codes import CATEGORIES, RESTRICTED, Category
from schemas.referrals import CoordinatorCard
from services.chassis.accounts import Accounts, NewAccount, Role
from services.chassis.scope import Scope
from services.plans import main as plans
from services.plans.importing import importer
from services.plans.translating import Source
from services.referrals import main as referrals
from services.referrals.domain.directory import (
    Coordinator,
    PutCoordinator,
    PutOrganization,
    PutService,
)
from services.referrals.domain.seats import PutSeats
from services.referrals.usecases import DirectoryDesk
from tests.integration.faults.world import World
from tests.integration.plans.rosters import a_source
from tests.toy.running import new_id
from tests.unit.referrals.builders import TODAY, a_service, an_organization

PLACES: Final = 2  # of each service, so that overselling shows
KINDS: Final = tuple(each for each in CATEGORIES if each not in RESTRICTED)
PARTNERS: Final = ("o-first", "o-second")
MANAGER: Final = "case-manager"
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def names(count: int) -> tuple[str, ...]:
    """So many names of nobody."""
    return tuple(f"Ada {LETTERS[n // 26]}{LETTERS[n % 26]}pebble".title() for n in range(count))


def service_of(kind: Category, partner: str) -> str:
    """The id of what a partner offers of a kind."""
    return f"{kind} {partner}"


def coordinator_of(partner: str) -> str:
    """Who answers for a partner."""
    return f"person of {partner}"


async def fill(world: World, *, students: int) -> None:
    """Through the services' own doors, before any process runs."""
    process = plans.process(world.settings("plans"))
    try:
        await process.prepare()
        source = a_source(names=names(students))
        world.addresses = addresses_of(source)
        done = await importer(process).bring_in(source)
        world.district = done.district_id
        ids = (await importer(process).translation(source)).ids
        schools = frozenset(ids.of("school", each.source_id) for each in source.roster.schools)
        await _add_people(process.accounts, world.district, schools)
    finally:
        await process.database.close()
    await _fill_directory(world)


def addresses_of(source: Source) -> frozenset[bytes]:
    """By what families alone are reached: numbers of nobody are few, and schools have some too."""
    roster, staff = source.roster, source.staff
    families = {each.value for contact in roster.contacts for each in contact.channels}
    at_school = {each.phone for each in roster.schools} | {each.phone for each in staff}
    return frozenset(each.encode() for each in families - at_school)


async def _add_people(accounts: Accounts, district: str, schools: frozenset[str]) -> None:
    manager = {"role": Role.CASE_MANAGER, "school_ids": schools}
    coordinators = {
        coordinator_of(each): {"role": Role.PARTNER_COORDINATOR, "organization_id": each}
        for each in PARTNERS
    }
    for user_id, given in {MANAGER: manager, **coordinators}.items():
        account = NewAccount(
            user_id=user_id,
            sign_in_name=user_id,
            name=f"Somebody {user_id}",
            district=district,
            is_persona=True,
            **given,  # type: ignore[arg-type]
        )
        await accounts.add(account)


async def _fill_directory(world: World) -> None:
    process = referrals.process(world.settings("referrals"))
    desk = DirectoryDesk(process.engine.committer)
    scope = Scope(district=world.district, actor="import")
    try:
        await process.prepare()
        for partner in PARTNERS:
            organization = an_organization(partner, district=world.district)
            await desk.put(PutOrganization(key=new_id(), scope=scope, organization=organization))
            person = Coordinator(
                coordinator_id=coordinator_of(partner),
                district=world.district,
                organization_id=partner,
                card=CoordinatorCard(name=partner, email=f"{partner}@partners.example"),
            )
            await desk.put(PutCoordinator(key=new_id(), scope=scope, coordinator=person))
            for kind in KINDS:
                await _offer(desk, scope, kind, partner)
    finally:
        await process.database.close()


async def _offer(desk: DirectoryDesk, scope: Scope, kind: Category, partner: str) -> None:
    service = a_service(
        service_of(kind, partner),
        district=scope.district,
        organization_id=partner,
        organization_name=partner,
        categories=(kind,),
        areas=(),
        languages=("en", "ht"),
    )
    await desk.put(PutService(key=new_id(), scope=scope, service=service))
    await desk.put(
        PutSeats(
            key=new_id(),
            scope=scope,
            service_id=service.service_id,
            organization_id=partner,
            categories=(kind,),
            accepts_waitlist=False,
            maximum=PLACES,
            updated_on=TODAY,
        )
    )
