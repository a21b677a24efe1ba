"""A case manager's part of the story in a real browser."""

import re
import sys
import time

import pytest
from playwright.async_api import Page, expect

from tests.browser import OpenPage, error_summary, focused
from tests.e2e.demo_town import Demo
from tests.e2e.people import (
    HOMEWORK,
    PATIENCE,
    accept,
    candidates,
    examined,
    open_offer,
    open_record,
    partner_of,
    reference_of,
    send_first,
    sign_in,
    stays,
    write_need,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
SUMMARY = "Wants help with homework twice a week after school"


async def test_the_start_page_has_a_card_for_every_role_and_all_that_it_offers_opens(
    open_page: OpenPage, demo: Demo
) -> None:
    page = await open_page(locale="ar")  # whose words these pages do not have
    await page.goto(demo.address)
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")
    await examined(page)
    for role in ("Case manager", "Partner coordinator", "Supervisor", "Privacy officer"):
        await expect(page.get_by_role("heading", name=role, exact=True)).to_be_visible()
    family = page.locator(".card", has_text="A family in its own language")
    await expect(family).to_contain_text("Dadou Fanaldoux with Nora Harborlight (Haitian Creole)")
    await family.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sent in this demo")

    for name, headline in (
        ("Nora Harborlight", "Needs you today"),
        ("Igor Capstan", "Referrals to answer"),
        ("Judith Captainsgate", "Needs you today"),
        ("Oscar Lockwater", "Students"),
    ):
        await sign_in(page, demo, name)
        await expect(page.get_by_role("heading", level=1)).to_have_text(headline)
        await examined(page)
        await page.get_by_role("button", name="Sign out").click()


async def test_a_need_is_written_ranked_sent_and_followed_without_a_reload(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0001")
    page = await sign_in(await open_page(), demo, child.manager)
    await examined(await open_record(page, demo, child))
    section = await write_need(page, SUMMARY, days=("Monday", "Wednesday"))
    began = time.monotonic()
    same = await stays(page)
    await candidates(section).first.wait_for(timeout=PATIENCE)
    sys.stdout.write(f"services ranked after {(time.monotonic() - began) * 1000:.0f} ms\n")
    await same()

    reasons = candidates(section).first.locator(".reasons")
    for said in (
        "Homework help",
        "Speaks Haitian Creole",
        "Fits Mon, Wed",
        "Serves the student’s area",
    ):
        await expect(reasons.locator(".yes", has_text=said)).to_be_visible()
    await expect(section.locator(".reasons .ask").first).to_be_visible()
    await expect(reasons.locator(".no")).to_have_count(0)
    await expect(reasons).to_contain_text("The family is asked when you send")
    await expect(section.locator(".card .reasons .no").first).to_be_visible()
    await expect(section).to_contain_text("services of this kind were looked at. Why some are out:")
    await examined(page)

    partner = await partner_of(candidates(section).first)
    button = candidates(section).first.get_by_role("button", name="Send, and ask the family")
    await button.dblclick()
    await section.get_by_text("answer by").wait_for(timeout=PATIENCE)
    same = await stays(page)
    await expect(section.get_by_role("list", name="Partners asked").locator("li")).to_have_count(1)
    line = page.locator("ol.line")
    await expect(line.get_by_text(f"{partner} was chosen")).to_have_count(1)
    await expect(line).to_contain_text("Message to the family: please sign", timeout=PATIENCE)

    question = section.locator("summary", has_text="Withdraw")
    await question.click()
    await expect(section.get_by_role("button", name="Yes, withdraw it")).to_be_visible()
    await question.focus()
    held = await focused(page)
    desk = await sign_in(await open_page(), demo, partner)
    await accept(await open_offer(desk, demo, await reference_of(section)))
    await expect(line).to_contain_text(f"{partner} accepted", timeout=PATIENCE)
    await expect(line).to_contain_text(f"{partner} keeps the place until", timeout=PATIENCE)
    await expect(page.locator("aside")).to_contain_text("asked")
    assert await focused(page) == held
    await expect(section.get_by_role("button", name="Yes, withdraw it")).to_be_visible()
    await same()
    await examined(page)

    await page.get_by_role("link", name="Who has seen this record").click()
    ledger = page.locator("ol.line")
    await expect(ledger).to_contain_text(f"of {partner} looked at the short description")
    await expect(ledger).to_contain_text("nothing is shared until the family signs")
    await examined(page)
    await page.goto(f"{demo.address}/plans/")
    await examined(page)


async def test_an_unfinished_need_says_what_is_missing_and_keeps_what_was_typed(
    page: Page, demo: Demo
) -> None:
    child = demo.child("S-0084")
    await open_record(await sign_in(page, demo, child.manager), demo, child)
    await page.go_back()  # to what was found
    await page.get_by_role("link", name=child.name, exact=True).click()
    await page.get_by_role("link", name="Write a need").click()
    await page.get_by_label("What is needed").fill("The family has no income for lessons")
    await page.get_by_label("Tuesday").check()
    await page.get_by_role("button", name="Save, and find partners").click()

    await expect(error_summary(page)).to_be_focused()
    await examined(page)
    await expect(page.get_by_label("What is needed")).to_have_value(
        "The family has no income for lessons"
    )
    await expect(page.get_by_label("Tuesday")).to_be_checked()
    await page.get_by_role("link", name="Choose what kind of help is needed").click()
    await expect(page.locator("#category")).to_be_focused()
    await page.get_by_role("link", name=re.compile("This text may hold")).click()
    await expect(page.locator("#summary")).to_be_focused()

    await page.get_by_label("Kind of help").select_option(HOMEWORK)
    await page.get_by_label("What is needed").fill("Lessons\nin the evening")
    await page.context.clear_cookies()  # the session ends, and the work is not lost
    await page.get_by_role("button", name="Save, and find partners").click()
    await examined(page)
    await page.get_by_role("button", name=child.manager).click()
    await examined(page)
    await page.get_by_role("button", name="Send it now").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(child.name)
    await expect(page.locator("main")).to_contain_text("Lessons in the evening")


async def test_a_yes_by_phone_is_recorded_and_stands_on_the_timeline(
    page: Page, demo: Demo
) -> None:
    child = demo.child("S-0050")
    await open_record(await sign_in(page, demo, child.manager), demo, child)
    section = await write_need(page, "Looks for a quiet place to read")
    partner = await send_first(section)
    await section.get_by_role("link", name="Record their answer").click()
    await page.get_by_role("button", name="Record it").click()
    await expect(error_summary(page)).to_be_focused()
    await examined(page)
    await page.get_by_label("Yes").check()
    await page.get_by_label("Who told you").fill("The front desk")
    await page.get_by_role("button", name="Record it").dblclick()

    line = page.locator("ol.line")
    await expect(line).to_contain_text(f"{partner} accepted", timeout=PATIENCE)
    await expect(line.get_by_text(f"Answer of {partner} recorded by hand")).to_have_count(1)
