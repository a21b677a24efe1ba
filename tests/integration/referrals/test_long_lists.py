"""Lists of more than fifty rows: nothing ends without a word."""

from services.referrals.queries import PAGE
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.test_pages import opened, text
from tests.unit.referrals.builders import a_service

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
    assert saved.headers["location"] == "/referrals/places?page=2"
