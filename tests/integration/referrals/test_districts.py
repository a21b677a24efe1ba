"""Two districts in one database, one of them marked: neither sees, ranks or reaches the other."""

import asyncio
from typing import Final

import pytest

from schemas.referrals import CandidatesRanked
from services.chassis.accounts import NewAccount, Role
from services.chassis.scope import Scope
from services.referrals.domain.directory import PutOrganization, PutService
from services.referrals.domain.seats import PutSeats
from services.referrals.usecases import DirectoryDesk
from tests.integration.referrals.district import Town
from tests.integration.referrals.test_pages import OF_AN_OFFER, PAGES, SECONDS, Site, address, site
from tests.integration.referrals.test_referrals import asked, released
from tests.toy.running import new_id
from tests.unit.referrals.builders import TODAY, a_service, an_organization

__all__ = ["site"]
MARK: Final = "Farmark"
ELSEWHERE: Final = "elsewhere"


@pytest.fixture
async def stranger(site: Site) -> str:
    """Somebody of another district whose organization goes by the same id as one here."""
    account = NewAccount(
        user_id="stranger",
        sign_in_name="stranger",
        name="A stranger",
        role=Role.PARTNER_COORDINATOR,
        district=ELSEWHERE,
        organization_id="o1",
        is_persona=True,
    )
    await site.town.process.accounts.add(account)
    return account.user_id


async def offers_elsewhere(town: Town) -> None:
    """A service of the other district that would fit every need here."""
    desk, scope = DirectoryDesk(town.engine.committer), Scope(district=ELSEWHERE, actor="import")
    partner = an_organization("o0", district=ELSEWHERE, name=f"{MARK} Partner")
    service = a_service(
        "s0", district=ELSEWHERE, name=f"{MARK} Club", organization_name=partner.name
    )
    await desk.put(PutOrganization(key=new_id(), scope=scope, organization=partner))
    await desk.put(PutService(key=new_id(), scope=scope, service=service))
    await desk.put(
        PutSeats(
            key=new_id(),
            scope=scope,
            service_id="s0",
            organization_id="o0",
            categories=service.categories,
            accepts_waitlist=False,
            maximum=2,
            updated_on=TODAY,
        )
    )


async def test_what_another_district_offers_is_neither_ranked_nor_shown(site: Site) -> None:
    await offers_elsewhere(site.town)

    found = await asked(site.town)

    assert {each.service_id for each in found.offers} == {"s1", "s2", "s3"}
    (ranked,) = await site.town.told(CandidatesRanked)
    assert MARK not in repr(ranked.sealed.facts)
    async with site.visited_by("first") as visitor:
        for each in ("", "to-start", "closed", "places"):
            assert MARK not in await visitor.gets(f"/referrals/{each}")


async def test_nobody_of_another_district_reaches_an_offer_here(site: Site, stranger: str) -> None:
    found = await released(site.town)
    async with site.visited_by(stranger) as visitor:
        for each in PAGES:
            answer = await visitor.client.get(f"/referrals/{each}")
            assert found.public_reference not in answer.text
            assert "Club" not in answer.text
        for each in OF_AN_OFFER:
            await visitor.gets(address(found, *filter(None, (each,))), 404)
        await visitor.posts(address(found, "accept"), 404)
        await visitor.posts(address(found, "decline"), 404, code="no-capacity")
        await visitor.posts("/referrals/places/s1", 404, maximum="9")
        async with asyncio.timeout(SECONDS):
            watched = await visitor.client.get(f"/referrals/live?ids={found.referral_id}")
        assert watched.status_code == 404
