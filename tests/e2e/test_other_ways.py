"""The whole story with the keyboard alone, and once more with JavaScript off."""

import re
import time
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from deploy.local.story.people import PIN
from tests.browser import OpenPage, focused
from tests.e2e.demo_town import Demo
from tests.e2e.people import (
    PATIENCE,
    candidates,
    hint,
    in_days,
    message,
    open_link,
    open_offer,
    open_record,
    partner_of,
    reference_of,
    sign,
    sign_in,
    step_up,
    write_need,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
STOPS_AT_MOST = 120


async def tab_to(page: Page, selector: str) -> None:
    """Press the tab key until the focus is there; it is seen at every stop."""
    target = page.locator(selector).first
    await target.wait_for()
    await page.wait_for_load_state()  # with its stylesheet
    for _ in range(STOPS_AT_MOST):
        await page.keyboard.press("Tab")
        now = await focused(page)
        if now["tag"] == "body":
            continue
        assert now["outline"] != "none", now
        assert now["width"] not in {"0px", "1px"}, now
        if await target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")


async def press(page: Page, selector: str) -> None:
    await tab_to(page, selector)
    await page.keyboard.press("Enter")
    await page.wait_for_load_state()


async def type_into(page: Page, selector: str, text: str) -> None:
    await tab_to(page, selector)
    await page.keyboard.type(text)


async def test_the_story_is_played_with_the_keyboard_alone(open_page: OpenPage, demo: Demo) -> None:
    child = demo.child("S-0124")
    school = await open_page()
    await school.goto(demo.address)
    await press(school, f"button:has-text('{child.manager}')")
    await type_into(school, "#q", child.surname[:4])
    await press(school, "button:has-text('Find')")
    await press(school, f"a:has-text('{child.name}')")
    await press(school, "a:has-text('Write a need')")
    await type_into(school, "#category", "Learning and free time: Homework")
    await type_into(school, "#summary", "Needs a desk and some peace")
    await press(school, "button:has-text('Save, and find partners')")
    section = school.locator("section", has_text="Needs a desk and some peace")
    await candidates(section).first.wait_for(timeout=PATIENCE)
    partner = await partner_of(candidates(section).first)
    await press(school, "ol.ranked button")
    await section.get_by_text("answer by").wait_for(timeout=PATIENCE)

    desk = await open_page()
    await desk.goto(demo.address)
    await press(desk, "main .card:has-text('Partner coordinator') summary")
    await press(desk, f"button:has-text('{partner}')")
    await press(desk, f"a:has-text('{await reference_of(section)}')")
    await tab_to(desk, "#starts_on")
    await press(desk, "#accept button")
    await desk.get_by_text("The place is kept until the family has signed").wait_for()

    family = await open_page(width=390, height=844)
    await open_link(family, demo, await message(family, demo, child, "consent-needed"))
    await press(family, "main .acts a")
    month, _, day = (await hint(family, "month")).rpartition(" ")
    await type_into(family, "#month", month)
    await type_into(family, "#day", day)
    await press(family, "main form .button")
    await type_into(family, "#code", re.sub(r"\D", "", await hint(family, "code")))
    await press(family, "main form .button")
    await type_into(family, "#pin", PIN)
    await press(family, "main form .button")
    await type_into(family, "#signed", child.guardian)
    await family.keyboard.press("Enter")  # the first button of the form, before all languages
    await family.locator("#signed").wait_for(state="detached")
    await press(desk, "a:has-text('Show whom to call')")
    await expect(desk.locator("main")).to_contain_text(child.name)
    await open_link(family, demo, await message(family, demo, child, "accepted"))
    await press(family, "button[value=yes]")
    await expect(family.get_by_text("You said yes.")).to_be_visible()


async def reloaded(page: Page, seen: Callable[[], Awaitable[int]]) -> None:
    """Load a page again until something is there, as people without JavaScript do."""
    ends = time.monotonic() + PATIENCE / 1000
    while not await seen():
        assert time.monotonic() < ends, f"not there: {page.url}"
        await page.reload()


async def test_the_story_is_played_without_javascript(open_page: OpenPage, demo: Demo) -> None:
    child = demo.child("S-0243")
    school = await sign_in(await open_page(javascript=False), demo, child.manager)
    await open_record(school, demo, child)
    section = await write_need(school, "Would like to build things")
    await reloaded(school, candidates(section).count)
    partner = await partner_of(candidates(section).first)
    button = candidates(section).first.get_by_role("button", name="Send, and ask the family")
    await button.click()
    await reloaded(school, section.get_by_text("answer by").count)
    reference = await reference_of(section)

    desk = await sign_in(await open_page(javascript=False), demo, partner)
    await open_offer(desk, demo, reference)
    await desk.get_by_label("First day").fill(in_days(9))
    await desk.locator("#accept").get_by_role("button", name="Accept").click()
    await desk.get_by_text("The place is kept until the family has signed").wait_for()

    family = await open_page(javascript=False, width=320, height=640)
    outbox = await open_page()
    await open_link(family, demo, await message(outbox, demo, child, "place-kept"))
    await sign(await step_up(family), child.guardian)
    await reloaded(desk, desk.get_by_text("You may call").count)
    await desk.get_by_role("link", name="Show whom to call").click()
    await expect(desk.locator("main")).to_contain_text(child.name)
    await open_link(family, demo, await message(outbox, demo, child, "accepted"))
    await family.locator("button[value=yes]").click()
    await expect(family.get_by_text("You said yes.")).to_be_visible()
    await reloaded(school, school.get_by_text("The family answered: we will come").count)
