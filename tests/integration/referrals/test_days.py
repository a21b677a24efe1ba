"""What a partner's pages say on other days: by whose clock, and once time is up."""

from datetime import timedelta

from schemas.codes import OFFER_CLOSED
from schemas.referrals import OfferAccepted
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.test_pages import address, opened, text
from tests.integration.referrals.test_referrals import asked, released
from tests.unit.referrals.builders import NOW


async def test_a_first_day_is_reckoned_by_the_clock_of_the_school(build: Build) -> None:
    evening = "2026-11-25T01:00:00+00:00"  # the next day there is only by the clock of Greenwich
    async with build(clock_start=evening) as town:
        await town.offers()
        site, found = await opened(town), await asked(town)
        async with site.visited_by("first") as visitor:
            await visitor.posts(address(found, "accept"), starts_on="2026-11-24")
        (yes,) = await town.told(OfferAccepted)
    assert yes.starts_on.isoformat() == "2026-11-24"


async def test_an_offer_that_nobody_answered_says_so_and_takes_no_answer(build: Build) -> None:
    async with build() as town:
        await town.offers()
        found = await asked(town)
    later = (NOW + timedelta(days=8)).isoformat()
    async with build(clock_start=later) as town:
        await town.engine.timers.tick()
        site = await opened(town)
        async with site.visited_by("first") as visitor:
            listed = text(await visitor.gets("/referrals/closed"))
            page = text(await visitor.gets(address(found)))
            late = await visitor.posts(address(found, "accept"), 409)
    assert "not answered in time" in listed
    assert "Nobody answered in time. The school looks for another partner." in page
    assert 'accept"' not in page
    assert OFFER_CLOSED[1] in text(late.text)


async def test_nobody_is_told_to_call_once_the_permission_has_run_out(build: Build) -> None:
    async with build() as town:
        await town.offers()
        found = await released(town)  # signed for 200 days
    async with build(clock_start=(NOW + timedelta(days=200)).isoformat()) as town:
        await town.listens()
        site = await opened(town)
        async with site.visited_by("first") as visitor:
            listed = await visitor.gets("/referrals/to-start")
            page = await visitor.gets(address(found))
            await visitor.gets(address(found, "packet"), 409)
    assert "sharing is off" in text(listed)
    assert "Sharing is off: the family’s permission has ended." in text(page)
    for shown in (listed, page):
        assert "ou may call" not in text(shown)
        assert address(found, "packet") not in shown
