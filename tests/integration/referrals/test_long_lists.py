"""Lists of more than fifty rows: nothing ends without a word, and a reader keeps the page."""

import re

import pytest

from schemas.plans import DistrictCardChanged
from services.referrals.queries import PAGE
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.district import Town
from tests.integration.referrals.test_pages import Site, opened, text
from tests.unit.referrals.builders import DISTRICT, a_need, a_service, a_withdrawal

SERVICES = [
    a_service(f"s{n:02}", organization_id="o1", name=f"Club {n:02}") for n in range(PAGE + 1)
]


async def test_the_places_of_every_service_are_found_page_by_page(build: Build) -> None:
    async with build() as town:
        await town.offers(*SERVICES)
        site = await opened(town)
        async with site.visited_by("first") as visitor:
            first = await visitor.gets("/referrals/places")
            second = await visitor.gets("/referrals/places?page=2")
            wrong = await visitor.posts("/referrals/places/s50?page=2", 422, maximum="many")
            saved = await visitor.posts("/referrals/places/s50?page=2", maximum="5")
    assert "1–50 of 51" in text(first)
    assert 'href="/referrals/places?page=2"' in first
    assert "Club 50" not in first
    for page in (second, wrong.text):
        assert "51–51 of 51" in text(page)
        assert 'href="/referrals/places?page=1"' in page
        assert 'action="/referrals/places/s50?page=2"' in page
    assert saved.headers["location"] == "/referrals/places?page=2&saved=s50#service-s50"


async def many_asked(town: Town) -> Site:
    """More referrals to answer than one page holds."""
    await town.offers(a_service("s1"), places=PAGE + 1)
    await town.hears(
        DistrictCardChanged(
            district_id=DISTRICT,
            name="Harbor",
            offer_mode="automatic",
        )
    )
    await town.hears(*(a_need(f"need-{n}") for n in range(PAGE + 1)))
    return await opened(town)


def fetched(page: str) -> str:
    """The address that a live page asks again when something changed."""
    (found,) = re.findall(r'hx-get="([^"]*)"', page)
    return str(found)


async def test_what_changes_leaves_a_reader_on_the_page_that_is_read(build: Build) -> None:
    async with build() as town:
        site = await many_asked(town)
        async with site.visited_by("first") as visitor:
            page = await visitor.gets("/referrals/?page=2")
            assert fetched(page) == "/referrals/?page=2"
            again = await visitor.gets_again(fetched(page))
            assert "51–51 of 51" in text(again)
            assert fetched(again) == "/referrals/?page=2"

            await town.hears(a_withdrawal(need_id="need-0"))
            fewer = await visitor.gets_again(fetched(page))
            assert "Nothing waits for your answer" not in fewer
            assert fetched(fewer) == "/referrals/?page=1"


@pytest.mark.parametrize("each", ["", "to-start", "closed"])
async def test_every_list_that_is_live_asks_for_its_page_again(build: Build, each: str) -> None:
    async with build() as town:
        site = await opened(town)
        async with site.visited_by("first") as visitor:
            page = await visitor.gets(f"/referrals/{each}")
            assert fetched(page) == f"/referrals/{each}?page=1"
