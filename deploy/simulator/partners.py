"""Partner coordinators: look at their list, say yes, no or nothing, and sometimes both."""

from collections.abc import Awaitable
from typing import Final

from deploy.checker.history import LOOK
from deploy.local.story.browser import Page
from deploy.simulator.browser import Answer, StaffBrowser
from deploy.simulator.fate import CONTRADICTS, LATE
from deploy.simulator.people import Town

TO_ANSWER: Final = "/referrals/"
TO_START: Final = "/referrals/to-start"
CLOSED: Final = "/referrals/closed"
NO: Final = "no-capacity"


class Coordinator:
    """Somebody who answers for one partner."""

    def __init__(self, town: Town, user_id: str) -> None:
        self._town = town
        self._user_id = user_id
        self._browser = StaffBrowser(town.door, user_id)

    async def look(self) -> None:
        """Go through all that waits: offers to answer, Packets to open, what has ended."""
        for path in offers_on((await self._browser.open(TO_ANSWER)).page):
            await self._town.done(self._answer(path))
        for path in packets_on((await self._browser.open(TO_START)).page):
            await self._town.done(self._open_packet(path))
        for path in offers_on((await self._browser.open(CLOSED)).page):
            await self._town.done(self._come_late(path))

    async def _answer(self, path: str) -> None:
        offer_id = path.rsplit("/", 1)[1]
        word = self._town.fate.answer(offer_id)
        if word == "silence":
            return
        page = (await self._browser.open(path)).page
        accepting, declining = page.form("key", action="/accept"), page.form(action="/decline")
        if word == "accept":
            await self._town.press(self._browser, page, accepting, ("offer_accepted", offer_id))
            if self._town.fate.does(CONTRADICTS, "contradicts", offer_id):
                await self._decline(page, declining, offer_id)  # from the page that is still open
        else:
            await self._decline(page, declining, offer_id)

    async def _decline(self, page: Page, form: object, offer_id: str) -> None:
        given = {"code": NO} if "code" in form.fields else {}  # type: ignore[attr-defined]
        await self._town.press(self._browser, page, form, ("offer_declined", offer_id), **given)

    async def _open_packet(self, path: str) -> None:
        offer_id = path.split("/")[-2]
        if not self._town.fate.does(0.5, "looks", offer_id, f"{self._town.now():%j}"):
            return
        key = f"{self._user_id} looks at {offer_id} at {self._town.now()}"
        await self._town.act(LOOK, offer_id, key, lambda: self._browser.open(path))

    async def _come_late(self, path: str) -> None:
        """To an offer that has ended, once: its page has no button any more, an old tab has."""
        offer_id = path.rsplit("/", 1)[1]
        day = f"{self._town.now():%j}"
        if not self._town.fate.does(LATE / 5, "late", offer_id, day):
            return
        page = (await self._browser.open(path)).page
        key = page.form("key").fields["key"]  # a fresh one, of the form to sign out

        def accept() -> Awaitable[Answer]:
            return self._browser.post(f"{path}/accept", {"key": str(key)})

        await self._town.act("offer_accepted", offer_id, f"late {key}", accept)

    async def close(self) -> None:
        """Close the browser."""
        await self._browser.close()


def offers_on(page: Page) -> list[str]:
    """The addresses of the offers of a list, each once."""
    found = page.tree.xpath("//main//table//a[contains(@href, '/offers/')]/@href")
    return list(dict.fromkeys(each.split("#")[0].removesuffix("/packet") for each in found))


def packets_on(page: Page) -> list[str]:
    """The addresses of the Packets that are out."""
    found = page.tree.xpath("//main//a[contains(@href, '/packet')]/@href")
    return list(dict.fromkeys(found))
