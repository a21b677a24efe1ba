"""One signature for all partners of a kind, and a need under it that nobody signs for."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from deploy.local.story.people import FILLED_IN
from services.chassis.languages import Wording
from services.chassis.process import CATALOGUES
from services.notifications.wording import HELP_ASKED, STANDING_NEEDED, Words
from tests.browser import OpenPage
from tests.e2e.demo_town import Child, Demo
from tests.e2e.people import (
    PATIENCE,
    candidates,
    examined,
    in_days,
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


async def link_in(page: Page, demo: Demo, child: Child, words: Words) -> str:
    """The path of the link in the newest message to a child's guardian that says this."""
    await page.goto(f"{demo.address}/notifications/outbox")
    letters = page.locator("#letters > *", has_text=child.phone)
    for phrase in FILLED_IN.split(Wording([CATALOGUES]).of(child.locale).gettext(words.text)):
        if phrase.strip(" .:"):
            letters = letters.filter(has_text=phrase.strip())
    link = letters.first.get_by_role("link").first
    return urlsplit(await link.get_attribute("href", timeout=PATIENCE) or "").path


async def test_a_family_signs_once_and_a_need_goes_through_without_asking_it_again(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0023")
    school = await sign_in(await open_page(), demo, child.manager)
    await open_record(school, demo, child)
    await examined(school)
    await school.locator("#consent_class").select_option("enrichment")
    await school.get_by_role("button", name="Ask the family").click()
    await expect(school.locator("body")).to_contain_text("All partners: Learning and free time")

    family = await open_page()
    await open_link(family, demo, await link_in(family, demo, child, STANDING_NEEDED))
    await step_up(family)
    await examined(family)
    await sign(family, child.guardian)
    await examined(family)
    await expect(school.locator("body")).to_contain_text("signed", timeout=PATIENCE)

    section = await write_need(school, "Would like to read with somebody")
    first = candidates(section).first
    await first.wait_for(timeout=PATIENCE)
    partner = await partner_of(first)
    await first.get_by_role("button", name="Send, and tell the family").click()
    await section.get_by_text("answer by").wait_for(timeout=PATIENCE)
    told = await link_in(family, demo, child, HELP_ASKED)

    reference = await reference_of(section)
    desk = await sign_in(await open_page(), demo, partner)
    await open_offer(desk, demo, reference)
    form = desk.locator("#accept")
    await form.get_by_label("First day").fill(in_days(10))
    await form.get_by_role("button", name="Accept").click()
    await expect(school.locator("body")).to_contain_text(
        re.compile("may now see whom to call"), timeout=PATIENCE
    )
    body = await school.locator("body").inner_text()
    assert "Family asked for its permission" in body  # once, for the class
    assert body.count("Family asked for its permission") == 1

    later = await open_link(await open_page(), demo, told)
    await step_up(later)
    await examined(later)
    await later.locator("main summary").first.click()
    await later.locator("form[action$=revoke] button").click()
    await expect(school.locator("body")).to_contain_text("On hold", timeout=PATIENCE)
