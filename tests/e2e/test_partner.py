"""A partner coordinator's part of the story in a real browser."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from deploy.checker.outside import until
from tests.browser import OpenPage, error_summary, focused
from tests.e2e.demo_town import Demo
from tests.e2e.people import (
    PATIENCE,
    examined,
    in_days,
    message,
    open_link,
    open_offer,
    open_record,
    reference_of,
    send_first,
    sign,
    sign_in,
    stays,
    step_up,
    write_need,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_offer_comes_live_is_accepted_and_shows_whom_to_call_after_the_signature(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0027")
    school = await sign_in(await open_page(), demo, child.manager)
    section = await write_need(await open_record(school, demo, child), "Two afternoons of homework")
    partner = await send_first(section)
    reference = await reference_of(section)

    desk = await sign_in(await open_page(), demo, partner)
    await examined(desk)
    row = desk.locator("tbody tr", has_text=reference)
    await expect(row).to_contain_text("Haitian Creole at home")
    await expect(row.locator("time")).to_be_visible()
    await expect(desk.locator("body")).not_to_contain_text(child.first_name)
    await row.get_by_role("link", name="Accept").click()
    await examined(desk)

    answer = desk.locator("#accept")
    await answer.get_by_label("First day").fill(in_days(-3))
    await answer.get_by_role("button", name="Accept").click()
    await expect(error_summary(desk)).to_be_focused()
    await expect(answer.get_by_label("First day")).to_have_value(in_days(-3))
    await examined(desk)
    await answer.get_by_label("First day").fill(in_days(10))
    await answer.get_by_role("button", name="Accept").dblclick()
    kept = desk.get_by_text("The place is kept until the family has signed")
    await expect(kept).to_contain_text("At the latest until", timeout=PATIENCE)
    await examined(desk)

    same = await stays(desk)
    family = await open_page(width=390, height=844, is_touch=True)
    await open_link(family, demo, await message(family, demo, child, "place-kept"))
    await sign(await step_up(family), child.guardian)
    await expect(desk.locator(".note.good")).to_contain_text("You may call", timeout=PATIENCE)
    await same()
    await desk.get_by_role("link", name="Show whom to call").click()
    for said in (child.name, child.guardian, child.phone, "34 CFR 99.33", "Two afternoons"):
        await expect(desk.locator("main")).to_contain_text(said)
    number = desk.get_by_role("link", name=child.phone)
    await expect(number).to_have_attribute("href", re.compile(r"^tel:\+1\d{10}$"))
    await examined(desk)

    await desk.goto(f"{demo.address}/referrals/to-start")
    same = await stays(desk)
    await open_link(family, demo, await message(family, demo, child, "accepted"))
    await family.locator("button[value=yes]").dblclick()
    await expect(desk.locator("tr", has_text=reference)).to_contain_text(
        "family: yes", timeout=PATIENCE
    )
    await same()
    await examined(desk)
    accepted = school.locator("ol.line").get_by_text(f"{partner} accepted")
    await expect(accepted).to_have_count(1, timeout=PATIENCE)


async def test_a_decline_leads_to_the_next_whose_open_list_shows_it_at_once(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0052")
    school = await sign_in(await open_page(), demo, child.manager)
    section = await write_need(await open_record(school, demo, child), "A calm place for homework")
    offers = section.get_by_role("list", name="Partners asked").locator("li")
    first = await send_first(section)
    reference = await reference_of(section)

    desk = await sign_in(await open_page(), demo, first)
    await open_offer(desk, demo, reference)
    refusal = desk.locator("#decline")
    await refusal.get_by_label("Anything the school should know").fill("Full until January")
    await refusal.get_by_role("button", name="Decline").click()
    await expect(error_summary(desk)).to_be_focused()
    await expect(refusal.get_by_label("Anything")).to_have_value("Full until January")
    await refusal.get_by_label("Why not").select_option("no-capacity")
    await refusal.get_by_role("button", name="Decline").click()
    await expect(desk.get_by_text("You declined this referral")).to_be_visible()
    await examined(desk)

    await expect(offers).to_have_count(2, timeout=PATIENCE)
    await expect(offers.filter(has_text="Declined")).to_contain_text("No place left")
    asked_now = offers.filter(has_text="answer by")  # maybe another service of the same partner
    declined = await offers.filter(has_text="Declined").get_attribute("id")
    assert await asked_now.get_attribute("id") != declined
    await expect(school.locator("ol.line")).to_contain_text("No place left · “Full until January”")
    await desk.goto(f"{demo.address}/referrals/closed")
    await expect(desk.locator("tr", has_text=reference)).to_contain_text("declined")
    await examined(desk)


async def test_what_arrives_while_the_list_is_open_shows_with_its_count_and_keeps_the_focus(
    open_page: OpenPage, demo: Demo
) -> None:
    child = demo.child("S-0143")
    school = await sign_in(await open_page(), demo, child.manager)
    section = await write_need(await open_record(school, demo, child), "Help with fractions")
    first = section.locator("ol.ranked > li").first
    await first.wait_for(timeout=PATIENCE)
    partner = (await first.locator("h3 bdi").inner_text()).rpartition(" · ")[2]

    desk = await sign_in(await open_page(), demo, partner)
    count = desk.locator("header nav b").first
    before = int(await count.inner_text())
    same = await stays(desk)
    await desk.get_by_role("link", name="Our places").last.focus()
    held = await focused(desk)
    await first.get_by_role("button", name="Send, and ask the family").click()
    await section.get_by_text("answer by").wait_for(timeout=PATIENCE)

    row = desk.locator("tbody tr", has_text=await reference_of(section))
    await expect(row).to_be_visible(timeout=PATIENCE)
    await expect(count).to_have_text(str(before + 1))
    assert await focused(desk) == held
    await same()


async def test_our_places_can_be_changed_and_say_what_is_wrong(page: Page, demo: Demo) -> None:
    await sign_in(page, demo, "Igor Capstan")
    await page.get_by_role("link", name="Our places").first.click()
    await examined(page)
    card = page.locator(".card").first
    await card.get_by_label("Places in all").fill("3")
    await card.get_by_label("Taken by others").fill("9")
    await card.get_by_role("button", name="Save").click()

    await expect(error_summary(page)).to_be_focused()
    await expect(card.get_by_label("Taken by others")).to_have_value("9")
    await examined(page)
    await card.get_by_label("Places in all").fill("40")
    await card.get_by_role("button", name="Save").click()
    await expect(card.get_by_label("Places in all")).to_have_value("40")


async def test_a_page_is_live_even_if_the_script_of_the_stream_comes_late(
    open_page: OpenPage, demo: Demo
) -> None:
    desk = await sign_in(await open_page(), demo, "Igor Capstan")

    async def late(route: Route) -> None:
        # After the other script, and a turn of the page's own loop, in which htmx would start.
        # Asked from outside: the page's policy lets nothing be built from text, not even by tests.
        await until(lambda: desk.evaluate("() => 'htmx' in window"), "htmx is there")
        await desk.evaluate("() => new Promise(done => setTimeout(done, 50))")
        await route.continue_()

    await desk.route("**/hx-sse.min.js*", late)
    async with desk.expect_request("**/referrals/live?*", timeout=PATIENCE):
        await desk.goto(f"{demo.address}/referrals/to-start")
