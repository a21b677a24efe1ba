"""Case managers: write needs, choose partners, and go through what needs them today."""

from typing import Any, Final
from uuid import UUID

from deploy.local.story.browser import Page
from deploy.simulator.arrivals import Arrival
from deploy.simulator.browser import StaffBrowser
from deploy.simulator.fate import PHONES, REVOKES, WITHDRAWS
from deploy.simulator.people import Town
from services.plans.usecases import need_id_of

TODAY: Final = "/plans/"
STUDENTS: Final = "/plans/students"
PAGES: Final = 40  # of a caseload
RANKED_WITHIN_HOURS: Final = 0.5
CHOSEN_AT_ONCE: Final = 0.85  # the others are found on the page of today
SUMMARY: Final = "Would like some help twice a week"


class CaseManager:
    """Somebody with students of their own."""

    def __init__(self, town: Town, user_id: str) -> None:
        self._town = town
        self._browser = StaffBrowser(town.door, user_id)
        self._students: list[str] = []

    async def begin(self) -> None:
        """Look through the caseload."""
        for number in range(PAGES):
            page = (await self._browser.open(f"{STUDENTS}?page={number}")).page
            found = page.tree.xpath("//main//a[starts-with(@href, '/plans/students/')]/@href")
            new = [each for each in dict.fromkeys(found) if each not in self._students]
            self._students += new
            if not new or not page.has_link(f"page={number + 1}"):
                return

    @property
    def has_students(self) -> bool:
        """Whether anybody is in the caseload."""
        return bool(self._students)

    async def write(self, arrival: Arrival) -> None:
        """Write a need; most often send it to the first in rank a little later."""
        address = self._students[int(arrival.student * len(self._students))]
        blank = (await self._browser.open(f"{address}/needs/new")).page
        form = blank.form("summary", "key")
        need_id = need_id_of(UUID(form.fields["key"]))
        given = {"category": arrival.category, "summary": SUMMARY}
        await self._town.press(self._browser, blank, form, ("need_identified", need_id), **given)
        await self._town.later_by(RANKED_WITHIN_HOURS)
        if self._town.fate.does(CHOSEN_AT_ONCE, "chooses", need_id):
            await self._choose((await self._browser.open(address)).page, need_id)

    async def _choose(self, page: Page, need_id: str) -> None:
        forms = page.tree.xpath(f"//form[contains(@action, '/needs/{need_id}/choose')]")
        if forms:
            offer_id = forms[0].fields["offer_id"]
            act = ("partner_chosen", f"{need_id} {offer_id}")
            await self._town.press(self._browser, page, forms[0], act)

    async def look(self) -> None:
        """Go through what needs somebody today: send to the next, or look closer."""
        today = (await self._browser.open(TODAY)).page
        for need_id in _needs_on(today):
            await self._choose(today, need_id)
        links = today.tree.xpath("//main//a[starts-with(@href, '/plans/students/')]/@href")
        for address in dict.fromkeys(links):
            await self._town.done(self._look_closer(address))

    async def _look_closer(self, address: str) -> None:
        page = (await self._browser.open(address)).page
        for need_id in _needs_on(page):
            await self._choose(page, need_id)
        for form in page.tree.forms:
            await self._press_now_and_then(page, form)
        for form_at in page.tree.xpath("//main//a[contains(@href, '/answer')]/@href"):
            await self._record(form_at)

    async def _press_now_and_then(self, page: Page, form: Any) -> None:
        action = (form.get("action") or "").split("/")
        fate = self._town.fate
        match action:
            case [*_, "needs", need_id, "withdraw"] if fate.does(WITHDRAWS, "withdraws", need_id):
                await self._town.press(self._browser, page, form, ("need_withdrawn", need_id))
            case [*_, consent_id, "revoke"] if fate.does(REVOKES / 3, "ends", consent_id):
                await self._town.press(self._browser, page, form, ("consent_revoked", consent_id))

    async def _record(self, address: str) -> None:
        """What a partner said on the phone."""
        offer_id = address.split("?", maxsplit=1)[0].split("/")[-2]
        if not self._town.fate.does(PHONES, "phones", offer_id):
            return
        page = (await self._browser.open(address)).page
        form = page.form("said_by")
        offer_id = form.get("action").split("/")[-2]
        given = {"answer": "accept", "said_by": "Somebody at the desk", "channel": "phone"}
        act = ("partner_act_recorded", offer_id)
        await self._town.press(self._browser, page, form, act, **given)

    async def close(self) -> None:
        """Close the browser."""
        await self._browser.close()


def _needs_on(page: Page) -> list[str]:
    actions = page.tree.xpath("//form[contains(@action, '/choose')]/@action")
    return list(dict.fromkeys(each.split("/")[-2] for each in actions))
