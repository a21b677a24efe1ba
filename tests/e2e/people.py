"""What the people of the story do in a real browser."""

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

from deploy.local.story.people import PIN, spoken
from schemas.codes import Template
from services.chassis.settings import real_time
from tests.browser import axe_violations, overflow
from tests.e2e.demo_town import Child, Demo

PATIENCE = 15_000  # milliseconds until something live must be there
NARROW = 320
HOMEWORK = "enrich.tutoring"
INTERNAL = re.compile(
    r"\b(?:enrich|health|counsel|family)\.[a-z-]+"  # categories
    r"|\b[A-Z]{2,}_[A-Z_]+\b"  # states
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"  # ids
    r"|\+1\d{10}"
)


async def examined(page: Page) -> Page:
    """A page that axe finds nothing wrong with, narrow or not, and that names no code or id."""
    await page.wait_for_load_state()  # with its stylesheet
    words = await page.locator("body").inner_text()
    for found in (INTERNAL.findall(words), await axe_violations(page)):
        assert found == [], f"{found} on {page.url}"
    before = page.viewport_size
    assert before is not None
    await page.set_viewport_size({"width": NARROW, "height": before["height"]})
    assert await overflow(page) <= 0, f"{page.url} is too wide for a small phone"
    await page.set_viewport_size(before)
    return page


async def sign_in(page: Page, demo: Demo, name: str) -> Page:
    """Press a persona's button on the start page."""
    await page.goto(demo.address)
    button = page.get_by_role("button", name=re.compile(re.escape(name))).first
    for summary in await page.locator("main summary").all():
        await summary.click()
    await button.click()
    await page.get_by_role("button", name="Sign out").wait_for()
    return page


def in_days(days: int) -> str:
    """A day from today on, as a date field takes it."""
    return (real_time().date() + timedelta(days=days)).isoformat()


# -- case managers --------------------------------------------------------------------------------


async def open_record(page: Page, demo: Demo, child: Child) -> Page:
    """Find a child by the beginning of its surname, and open its record."""
    await page.goto(f"{demo.address}/plans/students")
    await page.get_by_label("Find a student").fill(child.surname[:4])
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("link", name=child.name, exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(child.name)
    return page


async def write_need(
    page: Page, summary: str, *, category: str = HOMEWORK, days: Iterable[str] = ()
) -> Locator:
    """Write a need on an open record; gives its section."""
    await page.get_by_role("link", name="Write a need").click()
    await page.get_by_label("Kind of help").select_option(category)
    await page.get_by_label("What is needed").fill(summary)
    for day in days:
        await page.get_by_label(day).check()
    await page.get_by_role("button", name="Save, and find partners").click()
    return page.locator("section", has_text=summary)


def candidates(section: Locator) -> Locator:
    """The ranked services of a need."""
    return section.locator("ol.ranked > li")


async def partner_of(candidate: Locator) -> str:
    """The organization behind a candidate."""
    title = await candidate.locator("h3 bdi").inner_text()
    return title.rpartition(" · ")[2]


async def send_first(section: Locator) -> str:
    """Press *Send, and ask the family* at the first in rank; gives the organization."""
    first = candidates(section).first
    await first.wait_for(timeout=PATIENCE)
    partner = await partner_of(first)
    await first.get_by_role("button", name="Send, and ask the family").click()
    await section.get_by_text("answer by").wait_for(timeout=PATIENCE)
    return partner


async def reference_of(section: Locator) -> str:
    """The spoken reference of a need's referral."""
    return await section.locator(".code").first.inner_text()


async def stays(page: Page) -> Callable[[], Awaitable[None]]:
    """Mark a page; the answer asserts later that it was never loaded again."""
    await page.evaluate("window.wasHere = true")

    async def assert_same() -> None:
        assert await page.evaluate("window.wasHere === true"), "the page was loaded again"

    return assert_same


# -- partner coordinators -------------------------------------------------------------------------


async def open_offer(page: Page, demo: Demo, reference: str) -> Page:
    """Open an offer from the list of what is to be answered."""
    await page.goto(f"{demo.address}/referrals/")
    await page.get_by_role("link", name=reference, exact=True).click(timeout=PATIENCE)
    return page


async def accept(page: Page, *, days: int = 10) -> Page:
    """Say yes with a first day."""
    form = page.locator("#accept")
    await form.get_by_label("First day").fill(in_days(days))
    await form.get_by_role("button", name="Accept").click()
    await page.get_by_text("The place is kept until the family has signed").wait_for()
    return page


# -- families -------------------------------------------------------------------------------------


async def message(page: Page, demo: Demo, child: Child, template: Template) -> str:
    """The path of the link in the newest message of a sort to a child's guardian."""
    await page.goto(f"{demo.address}/notifications/outbox")
    letters = page.locator("#letters > *", has_text=child.phone)
    for phrase in spoken(template, child.locale):
        letters = letters.filter(has_text=phrase)
    link = letters.first.get_by_role("link").first
    return urlsplit(await link.get_attribute("href", timeout=PATIENCE) or "").path


async def open_link(page: Page, demo: Demo, path: str) -> Page:
    await page.goto(demo.address + path)
    return page


def submit(page: Page) -> Locator:
    """The one button of a page with one form."""
    return page.locator("main form .button")


async def hint(page: Page, name: str) -> str:
    """The demo's answer beside a field."""
    return (await page.locator(f"#{name}-hint").inner_text()).rpartition(":")[2].strip()


async def say_birthday(page: Page) -> None:
    """Fill in and send the birthday, as the hint says."""
    month, _, day = (await hint(page, "month")).rpartition(" ")
    await page.locator("#month").select_option(label=month)
    await page.locator("#day").fill(day)
    await submit(page).click()


async def say_code(page: Page) -> None:
    """Fill in and send the code that came."""
    await page.locator("#code").fill(re.sub(r"\D", "", await hint(page, "code")))
    await submit(page).click()


async def step_up(page: Page) -> Page:
    """From the nameless first page to what the link is about."""
    await page.locator("main .acts a").click()
    if await page.locator("#month").count():
        await say_birthday(page)
        await say_code(page)
    await page.locator("#pin").fill(PIN)
    await submit(page).click()
    return page


async def sign(page: Page, name: str) -> Page:
    """Sign the consent page by a typed name."""
    await page.locator("#signed").fill(name)
    await page.locator("button[value=agree]").click()
    await page.locator("#signed").wait_for(state="detached")
    return page
