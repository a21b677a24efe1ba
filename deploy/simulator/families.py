"""Families: read what was sent, show who they are, sign, refuse, take back, or do nothing."""

from dataclasses import dataclass, field
from typing import Any, Final

from deploy.checker.expected import link_name
from deploy.checker.outside import Outside
from deploy.local.story.browser import Page
from deploy.local.story.people import TOKEN, birthday_beside, code_beside
from deploy.simulator.browser import Answer, Browser
from deploy.simulator.fate import REVOKES
from deploy.simulator.people import Town
from services.chassis.kernel import Outage
from services.chassis.vault import Vault
from services.notifications.repository.letters import Letters

AT_ONCE: Final = 500
STEPS: Final = 5  # of showing who one is
PIN: Final = "8264"
NAME: Final = "Somebody who may"
SIGNED: Final = {"agree": "consent", "refuse": "refusal"}
SAID: Final = {"yes": "confirmation", "no": "cannot-come"}
LEFT: Final = {"not-me": "wrong-person", "stop": "stop"}


@dataclass(kw_only=True)
class Families:
    """All families' telephones and mailboxes: each new message is read by somebody."""

    town: Town
    outside: Outside
    _read: set[str] = field(default_factory=set)  # messages

    async def look(self) -> None:
        """Begin to read what has come since the last look."""
        settings = self.outside.settings["notifications"]
        database = self.outside.database("notifications")
        vault = Vault(database.beside(settings.platform_database), settings.keks, lambda: 0.0)
        letters = Letters(database, vault)
        try:
            found = await letters.newest(limit=AT_ONCE)
        except Outage:
            return
        for each in found:
            if each.message_id not in self._read:
                self._read.add(each.message_id)
                if each.facts.link and (link := TOKEN.search(each.facts.link)):
                    self.town.begin(Family(self.town, link.group()).read())


class Family:
    """Somebody with a link in their hand."""

    def __init__(self, town: Town, address: str) -> None:
        self._town = town
        self._address = address
        self._name = link_name(address.rsplit("/", 1)[1])
        self._browser = Browser(town.door, entrances=(address,))

    async def read(self) -> None:
        """Get round to it, or not; what was answered before shows itself so on the page."""
        await self._town.later(self._name)
        try:
            page = await self._step_up((await self._browser.open(self._address)).page)
            if _has(page, "signed"):
                await self._sign(page)
            elif _has(page, action="/answer"):
                await self._answer(page)
            elif _has(page, action="/revoke"):
                await self._take_back(page)
        finally:
            await self._browser.close()

    async def _step_up(self, landing: Page) -> Page:
        """By the PIN, or the first time by birthday and code, which the demo tells."""
        onward = next((each for each in ("/pin", "/who") if landing.has_link(each)), "")
        page = (await self._browser.open(landing.link(onward))).page if onward else landing
        for _ in range(STEPS):
            if _has(page, "month"):
                page = await self._say_birthday(page)
            elif _has(page, "code"):
                form = page.form("code")
                page = (await self._browser.send(page, form, code=code_beside(form))).page
            elif _has(page, "pin"):
                page = (await self._browser.send(page, page.form("pin"), pin=PIN)).page
            else:
                break
        return page

    async def _say_birthday(self, page: Page) -> Page:
        form = page.form("month", "day")
        return (await self._browser.send(page, form, **birthday_beside(form))).page

    async def _sign(self, page: Page) -> None:
        word = self._town.fate.signature(self._name)
        if word in LEFT:
            await self._leave(word)
        elif word in SIGNED:
            form = page.form("signed")
            given = {"signed": NAME} if word == "agree" else {}
            answer = await self._press(page, form, SIGNED[word], "answer", word, **given)
            if word == "agree" and _has(answer.page, action="/revoke"):
                await self._town.later("again", self._name)
                again = (await self._browser.open(f"{self._address}/page")).page
                await self._take_back(again)

    async def _take_back(self, page: Page) -> None:
        if self._town.fate.does(REVOKES, "revokes", self._name) and _has(page, action="/revoke"):
            await self._press(page, page.form(action="/revoke"), "revocation")

    async def _answer(self, page: Page) -> None:
        word = self._town.fate.coming(self._name)
        if word in LEFT:
            await self._leave(word)
        elif word in SAID:
            form = page.form(action="/answer")
            await self._press(page, form, SAID[word], "answer", word)
        elif word == "other":
            other = (await self._browser.open(f"{self._address}/other-time")).page
            form = other.form("day1")
            given = {"day1": "2", "part1": "afternoon"}
            await self._press(other, form, "other-time", **given)

    async def _leave(self, word: str) -> None:
        page = (await self._browser.open(f"{self._address}/{word}")).page
        form = page.form("sure")
        form.fields["sure"] = {"yes"} if hasattr(form.inputs["sure"], "add") else "yes"
        await self._press(page, form, LEFT[word])

    async def _press(self, page: Page, form: Any, kind: str, *button: str, **given: str) -> Answer:
        act = ("family_answered", f"{self._name} {kind}")
        return await self._town.press(self._browser, page, form, act, *button, **given)


def _has(page: Page, field_name: str = "", *, action: str = "") -> bool:
    """Whether a page has a form with this field, or to this address."""
    return any(
        (not field_name or field_name in form.fields) and action in (form.get("action") or "")
        for form in page.tree.forms
        if form.get("method", "get").lower() == "post"
    )
