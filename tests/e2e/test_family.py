"""A family's part of the story on a phone, in Haitian Creole and in Arabic."""

import re

import pytest
from playwright.async_api import Page, expect

from deploy.local.story.people import PIN
from schemas.codes import OWN_NAMES
from tests.browser import OpenPage, error_summary
from tests.e2e.demo_town import Child, Demo
from tests.e2e.people import (
    PATIENCE,
    examined,
    message,
    open_link,
    open_record,
    say_birthday,
    say_code,
    send_first,
    sign,
    sign_in,
    step_up,
    submit,
    write_need,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
UNKNOWN = "/f/AAAAAAAAAAAAAAAAAAAAAA"


async def asked(open_page: OpenPage, demo: Demo, child: Child, category: str) -> tuple[Page, str]:
    """A need that was sent: the student's page, and the partner."""
    school = await sign_in(await open_page(), demo, child.manager)
    await open_record(school, demo, child)
    section = await write_need(school, "Would like to go there", category=category)
    return school, await send_first(section)


async def record_yes(school: Page, said_by: str) -> None:
    await school.get_by_role("link", name="Record their answer").click()
    await school.get_by_label("Yes").check()
    await school.get_by_label("Who told you").fill(said_by)
    await school.get_by_role("button", name="Record it").click()


async def turned(phone: Page, locale: str, typed: str) -> None:
    """Choose a language in the middle of signing; the name stays."""
    await phone.locator(".tongues summary").click()
    await examined(phone)
    await phone.locator(".tongues").get_by_role("button", name=OWN_NAMES[locale]).click()
    await expect(phone.locator("html")).to_have_attribute("lang", locale)
    await expect(phone.locator("#signed")).to_have_value(typed)


@pytest.mark.parametrize(
    ("source_id", "category", "direction"),
    [("S-0094", "enrich.tutoring", "ltr"), ("S-0003", "enrich.stem", "rtl")],
    ids=["ht", "ar"],
)
async def test_a_family_reads_signs_before_the_partner_answers_and_says_yes(
    open_page: OpenPage, demo: Demo, source_id: str, category: str, direction: str
) -> None:
    child = demo.child(source_id)
    school, partner = await asked(open_page, demo, child, category)
    phone = await open_page(width=390, height=844, is_touch=True, locale=child.locale)
    link = await message(phone, demo, child, "consent-needed")

    await open_link(phone, demo, link)
    await expect(phone.locator("html")).to_have_attribute("lang", child.locale)
    await expect(phone.locator("html")).to_have_attribute("dir", direction)
    await expect(phone.locator("body")).not_to_contain_text(child.first_name)
    await examined(phone)
    await phone.locator("main .acts a").click()
    await examined(phone)
    await say_birthday(phone)
    await examined(phone)
    await say_code(phone)
    await examined(phone)
    await phone.locator("#pin").fill("1234")
    await submit(phone).click()
    await expect(error_summary(phone)).to_be_focused()
    await phone.locator("#pin").fill(PIN)
    await submit(phone).click()

    for said in (child.first_name, partner):
        await expect(phone.locator("main")).to_contain_text(said)
    await expect(phone.locator("main .button")).to_have_count(2)
    await expect(phone.locator("footer")).to_contain_text(child.manager)
    await examined(phone)
    await phone.locator("button[value=agree]").click()
    await expect(error_summary(phone)).to_be_focused()
    await expect(phone.locator("#signed")).to_have_attribute("aria-invalid", "true")
    await examined(phone)
    await phone.locator("#signed").fill(child.guardian)
    await turned(phone, "pt", child.guardian)
    await turned(phone, child.locale, child.guardian)
    await phone.locator("button[value=agree]").dblclick()
    await phone.locator("#signed").wait_for(state="detached")
    await examined(phone)
    line = school.locator("ol.line")
    await expect(line).to_contain_text("The family signed", timeout=PATIENCE)
    await expect(line.get_by_text("The family answered: yes, signed")).to_have_count(1)
    await expect(school.locator("aside")).to_contain_text("signed")

    await record_yes(school, "The front desk")
    await open_link(phone, demo, await message(phone, demo, child, "accepted"))
    await expect(phone.locator("main")).to_contain_text(partner)
    await expect(phone.locator("main a[href^='tel:']")).to_be_visible()
    await expect(phone.locator("main .button")).to_have_count(3)
    await examined(phone)
    await phone.locator("button[value=yes]").click()
    await expect(phone.locator("main .note.good")).to_be_visible()
    await examined(phone)
    await expect(line).to_contain_text("The family answered: we will come", timeout=PATIENCE)
    await open_link(phone, demo, link)  # used: shows what was signed, asks nothing
    await expect(phone.locator("#signed")).to_have_count(0)


async def test_a_family_says_no_and_nothing_is_shared(open_page: OpenPage, demo: Demo) -> None:
    child = demo.child("S-0005")
    school, partner = await asked(open_page, demo, child, "enrich.tutoring")
    phone = await open_page(width=390, height=844, is_touch=True, color_scheme="dark")
    await open_link(phone, demo, await message(phone, demo, child, "consent-needed"))
    await step_up(phone)
    await examined(phone)  # in the dark
    await phone.locator("button[value=refuse]").click()

    await expect(phone.locator("#signed")).to_have_count(0)
    await examined(phone)
    line = school.locator("ol.line")
    await expect(line).to_contain_text("The family said no", timeout=PATIENCE)
    await expect(line).to_contain_text(f"Taken back from {partner}", timeout=PATIENCE)


async def test_a_permission_is_taken_back_after_one_question(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0054")
    school, _ = await asked(open_page, demo, child, "enrich.tutoring")
    phone = await open_page(width=390, height=844, is_touch=True)
    await open_link(phone, demo, await message(phone, demo, child, "consent-needed"))
    await sign(await step_up(phone), child.guardian)
    await phone.get_by_text("Take it back", exact=True).click()
    await examined(phone)
    await phone.get_by_role("button", name="Yes, take it back").click()

    await expect(phone.get_by_role("heading", level=1)).to_have_text("Your permission has ended")
    await expect(school.locator("aside")).to_contain_text("taken back", timeout=PATIENCE)


async def test_a_wrong_link_is_one_page_with_a_way_on(phone: Page, demo: Demo) -> None:
    await open_link(phone, demo, UNKNOWN)
    await expect(phone.get_by_role("heading", level=1)).to_have_text(
        "This link does not work any more"
    )
    await examined(phone)
    await phone.get_by_role("link", name="Ask for a new link").click()
    await examined(phone)
    await submit(phone).click()
    await expect(error_summary(phone)).to_be_focused()
    await phone.get_by_label("Yes, send me a new link").check()
    await submit(phone).click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("Please look at your messages")
    await examined(phone)


async def test_five_wrong_answers_end_a_link_and_the_school_is_told(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0084")
    school, _ = await asked(open_page, demo, child, "enrich.tutoring")
    phone = await open_page(width=390, height=844, is_touch=True, locale="en-US")
    link = await message(phone, demo, child, "consent-needed")
    await open_link(phone, demo, link)
    await phone.locator("main .acts a").click()
    right = int(re.sub(r"\D", "", await phone.locator("#month-hint").inner_text()))
    for _ in range(5):
        await phone.locator("#month").select_option(index=1)
        await phone.locator("#day").fill(str(right % 28 + 1))
        await submit(phone).click()

    await expect(phone.locator("form")).to_have_count(0)
    await examined(phone)
    await open_link(phone, demo, link)
    await expect(phone.locator("#month")).to_have_count(0)
    await expect(school.locator("ol.line")).to_contain_text(
        "A link was closed after five wrong answers: call the family", timeout=PATIENCE
    )
    await school.get_by_role("link", name="Today").first.click()
    await expect(school.locator("main")).to_contain_text(
        "Five wrong answers closed its link: it waits for your call"
    )
