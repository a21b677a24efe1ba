"""A family at its link, as a browser without JavaScript: reads pages, fills in what they show."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from deploy.checker.outside import until
from services.notifications.domain.tokens import Tokens
from tests.integration.notifications.running import ORIGIN, Running
from tests.pages import Element, Page, Reader, check_page
from tests.unit.notifications.builders import (
    a_colleague_changed,
    a_consent_asked,
    a_consent_given,
    a_contact_card,
    a_coordinator_changed,
    a_family_changed,
    a_need,
    a_packet_released,
    a_school_changed,
    a_service_changed,
    an_offer_accepted,
    an_offer_made,
)


@dataclass
class Family:
    """One browser; every page it gets is checked."""

    client: httpx2.AsyncClient
    findings: list[str] = field(default_factory=list)
    seen: list[tuple[str, int]] = field(default_factory=list)
    here: str = ""
    html: str = ""

    async def open(self, address: str) -> httpx2.Response:
        """Get a page, following where it leads."""
        return self._read(await self.client.get(_path(address), follow_redirects=True))

    async def send(self, action: str, **fields: str) -> httpx2.Response:
        """Fill in the form of this page that goes to `action`, and send it."""
        found = next(f for f in self.forms() if f["action"].endswith(action))
        given = {name: value for name, value in found.items() if name != "action"} | fields
        response = await self.client.post(_path(found["action"]), data=given, follow_redirects=True)
        return self._read(response)

    async def turn(self, locale: str, **typed: str) -> httpx2.Response:
        """Choose a language: by a button of the form that something was typed into, else a link."""
        for button in self.page().all("button"):
            path, _, query = button.attributes.get("formaction", "").partition("?")
            if f"language={locale}" in query.split("&"):
                form = next(each for each in self.forms() if each["action"] == path)
                response = await self.client.post(f"{path}?{query}", data=form | typed)
                return self._read(response)
        return await self.open(next(a for a in self.links() if a.endswith(f"language={locale}")))

    def forms(self) -> list[dict[str, str]]:
        """Each form with its action and what it would send untouched."""
        page = self.page()
        return [
            {"action": form.attributes["action"], **_untouched(page, form)}
            for form in page.all("form")
        ]

    def links(self) -> list[str]:
        return [e.attributes.get("href", "") for e in self.page().all("a")]

    def page(self) -> Page:
        reader = Reader()
        reader.feed(self.html)
        reader.close()
        return Page(reader.elements, ORIGIN)

    @property
    def text(self) -> str:
        return next(e.text for e in self.page().all("body"))

    @property
    def headline(self) -> str:
        return next(e.text for e in self.page().all("h1"))

    def _read(self, response: httpx2.Response) -> httpx2.Response:
        self.here, self.html = response.url.path, response.text
        self.seen.append((self.here, response.status_code))
        if "text/html" in response.headers.get("content-type", ""):
            self.findings += check_page(response.text, response.headers, origin=ORIGIN)
        return response


def _untouched(page: Page, form: Element) -> dict[str, str]:
    inputs = [e for e in page.all("input") if e.is_in(form)]
    given = {
        e.attributes["name"]: e.attributes.get("value", "")
        for e in inputs
        if e.attributes.get("type") not in {"checkbox", "radio"} or "checked" in e.attributes
    }
    return given | {e.attributes["name"]: "" for e in page.all("select") if e.is_in(form)}


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


async def ask(service: Running, locale: str = "ht") -> str:
    """Ask a family to sign, and give the address of its link."""
    await service.tell(
        a_school_changed(),
        a_colleague_changed(),
        a_family_changed(("c1", a_contact_card(languages=(locale,)))),
        a_need(),
        a_consent_asked(),
    )
    await service.until_sent("consent-needed")
    return await link_in_outbox(service)


async def find_place(service: Running, locale: str = "ht") -> str:
    """Let a partner accept after the signature, and give the address of the family's link."""
    await ask(service, locale)
    await service.tell(
        a_coordinator_changed(),
        a_service_changed(),
        a_consent_given(),
        an_offer_made(),
        an_offer_accepted(),
        a_packet_released(),
    )
    sent = await service.until_sent("accepted")
    address = f"/f/{Tokens(service.settings.pseudonym).token(sent['link_id'])}"
    assert address in await outbox(service)
    return address


async def link_in_outbox(service: Running) -> str:
    """The newest family link on the demo's page of all messages."""
    return str(re.findall(r"/f/[\w-]{22}", await outbox(service))[0])


async def outbox(service: Running) -> str:
    """The demo's page of all messages."""
    async with service.browser() as client:
        return (await client.get("/notifications/outbox")).text


def demo_answer(family: Family) -> str:
    """What stands beside the field in demo mode: digits of a code."""
    return str(re.findall(r"\d{6}", family.text)[0])


async def step_up(family: Family, address: str) -> None:
    """The first visit: birthday, code, PIN."""
    await family.open(f"{address}/who")
    await family.send("/who", month="3", day="14")
    assert family.here.endswith("/code"), family.text
    await family.send("/code", code=demo_answer(family))
    assert family.here.endswith("/new-pin"), family.text
    await family.send("/new-pin", pin="8264")


async def answered(service: Running, kind: str) -> None:
    """Wait until the answer stands on its link."""

    async def is_there() -> bool:
        return await service.database.collection("links").count({"answer": kind}) == 1

    await until(is_there, f"the answer {kind}")
