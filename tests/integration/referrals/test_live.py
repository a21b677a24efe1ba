"""The coordinator's pages in a real browser: what arrives is seen without a reload."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Page, expect

from deploy.checker.outside import until
from services.chassis.accounts import NewAccount, Role
from services.chassis.settings import Settings
from services.referrals.main import build as application
from tests.browser import OpenPage, axe_violations, browser, open_page
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.district import Town
from tests.integration.referrals.test_referrals import asked
from tests.unit.referrals.builders import DISTRICT, a_revocation

__all__ = ["browser", "open_page"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
SLOW = 30_000  # milliseconds


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """The pages on a free loopback port; what other processes change reaches them too."""
    config = uvicorn.Config("", host="127.0.0.1", port=0, log_level="warning", ws="none")
    listening = config.bind_socket()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    there = settings.model_copy(update={"public_url": address})
    config = uvicorn.Config(application(there), log_level="warning", ws="none")
    server = uvicorn.Server(config)

    async def is_started() -> bool:
        return server.started

    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await until(is_started, "the pages are served")
        yield address
    finally:
        server.should_exit = True
        await serving
        listening.close()


async def signed_in(town: Town, page: Page, address: str) -> None:
    await town.process.accounts.add(
        NewAccount(
            user_id="first",
            sign_in_name="first",
            name="The first",
            role=Role.PARTNER_COORDINATOR,
            district=DISTRICT,
            organization_id="o1",
            is_persona=True,
        )
    )
    await page.goto(f"{address}/referrals/")
    await page.get_by_role("button", name="The first").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Referrals to answer")


async def test_a_new_referral_appears_and_a_recalled_one_goes_without_a_reload(
    build: Build, open_page: OpenPage
) -> None:
    async with build() as town, served(town.process.settings) as address:
        await town.offers()
        page = await open_page()
        await signed_in(town, page, address)
        work = page.locator("#work")
        await expect(work).to_contain_text("Nothing waits for your answer")

        found = await asked(town)
        await expect(work).to_contain_text(found.public_reference, timeout=SLOW)
        assert await axe_violations(page) == []

        await town.hears(a_revocation())
        await expect(work).to_contain_text("Nothing waits for your answer", timeout=SLOW)
        await page.goto("about:blank")


async def test_a_recall_shows_on_the_offer_and_other_referrals_disturb_nobody_who_types(
    build: Build, open_page: OpenPage
) -> None:
    async with build() as town, served(town.process.settings) as address:
        await town.offers()
        found = await asked(town)
        page = await open_page()
        await signed_in(town, page, address)
        await page.get_by_role("link", name=found.public_reference).first.click()
        await page.get_by_label("Anything the school should know").fill("We are ")

        await asked(town, "other", student_id="other")
        await expect(page.get_by_label("Anything the school should know")).to_have_value("We are ")

        await town.hears(a_revocation())
        await expect(page.locator("#work")).to_contain_text("was taken back", timeout=SLOW)
        await page.goto("about:blank")


async def test_accepting_works_by_keyboard_and_without_javascript(
    build: Build, open_page: OpenPage
) -> None:
    async with build() as town, served(town.process.settings) as address:
        await town.offers()
        await asked(town)
        page = await open_page(javascript=False, width=320)
        await signed_in(town, page, address)
        await page.get_by_role("link", name="Accept").press("Enter")
        await page.get_by_role("button", name="Accept").press("Enter")
        await expect(page.locator("#work")).to_contain_text("The place is kept", timeout=SLOW)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320
