"""A Packet is shown only while all that families say about consents is heard."""

import pytest

from schemas.referrals import PacketViewed, ViewDenied
from tests.integration.referrals.district import Town
from tests.integration.referrals.test_pages import Site, address, opened
from tests.integration.referrals.test_referrals import released


@pytest.fixture
async def site(town: Town) -> Site:
    return await opened(town)


async def test_one_partition_that_nobody_gets_on_with_closes_every_packet(site: Site) -> None:
    found = await released(site.town)
    await site.town.listens(partition=1, seconds_ago=31, who="another process")

    async with site.visited_by("first") as visitor:
        page = await visitor.gets(address(found, "packet"), 409)

    assert "cannot be checked" in page
    assert "Mari" not in page
    (denied,) = await site.town.told(ViewDenied)
    assert denied.code == "view_behind"


async def test_a_partition_that_moved_is_heard_by_whom_it_moved_to(site: Site) -> None:
    found = await released(site.town)
    await site.town.listens(seconds_ago=3_600, who="a process that was killed")

    async with site.visited_by("first") as visitor:
        await visitor.gets(address(found, "packet"))

    assert len(await site.town.told(PacketViewed)) == 1


async def test_where_nobody_listens_no_packet_is_shown(site: Site) -> None:
    found = await released(site.town)
    await site.town.process.database.collection("listeners").delete_many({})

    async with site.visited_by("first") as visitor:
        await visitor.gets(address(found, "packet"), 409)

    assert await site.town.told(PacketViewed) == []
