"""A browser that presses again until it is answered, as people do when a page does not come."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urljoin

import httpx2
from lxml import html

from deploy.local.story.browser import REDIRECTS_AT_MOST, Page, path_of, values_of

AWAY: Final = frozenset({502, 503, 504})
PAUSE_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 60.0
PAGE_SECONDS: Final = 30.0
NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # is trusted
UNHEARD: Final = 599  # the status where nobody knows what came of it
SIGN_IN: Final = ("/plans/sign-in", "/referrals/sign-in")
HELD: Final = tuple(f"{each}/held" for each in SIGN_IN)  # a form that came without a session


def plain() -> httpx2.AsyncBaseTransport:
    """The way on this machine, over plain HTTP: to load whom one trusts takes 20 ms a browser."""
    return httpx2.AsyncHTTPTransport(verify=NOBODY)


@dataclass(frozen=True)
class Door:
    """Where browsers find the services, and by which way."""

    address: str
    transport: Callable[[], httpx2.AsyncBaseTransport] = plain


class Unanswered(Exception):
    """Nothing came back within the patience, after so many requests."""

    def __init__(self, what: str, tries: int) -> None:
        super().__init__(what)
        self.tries = tries


@dataclass(frozen=True)
class Answer:
    """A status, after so many requests, and the page to which it led."""

    status: int
    tries: int
    page: Page
    led_to: str = ""  # the path at which the form was sent on


class Browser:
    """One person's browser, with cookies of its own; stays behind one door.

    A form that is led on to one of the `entrances` was not taken: they have to say who they are.
    """

    def __init__(
        self, door: Door, *, entrances: tuple[str, ...], patience: float = PATIENCE_SECONDS
    ) -> None:
        self._entrances = entrances
        self._patience = patience
        self._client = httpx2.AsyncClient(
            base_url=door.address,
            transport=door.transport(),
            timeout=PAGE_SECONDS,
            headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
        )

    async def close(self) -> None:
        """Close the browser."""
        await self._client.aclose()

    async def open(self, path: str) -> Answer:
        """Fetch a page, wherever it leads; the status is that of the last one."""
        return await self._asked("GET", path_of(path), None)

    async def send(self, page: Page, form: Any, *press: str, **given: str) -> Answer:
        """Send a form of a page with fields filled in; `press`: a button's name and value."""
        for name, value in given.items():
            form.fields[name] = value
        target = path_of(urljoin(page.url, form.get("action") or ""))
        values = values_of(form) | ({press[0]: [press[1]]} if press else {})
        return await self.post(target, values)

    async def post(self, path: str, values: dict[str, Any]) -> Answer:
        """Send values; the status is that of the form, the page that to which it led."""
        answer = await self._asked("POST", path, values)
        if answer.led_to not in self._entrances:
            return answer
        is_known = answer.tries == 1  # who asked again may have been heard the first time
        return replace(answer, status=HTTPStatus.UNAUTHORIZED if is_known else UNHEARD)

    async def _asked(self, method: str, path: str, values: dict[str, Any] | None) -> Answer:
        answer, tries = await self._answered(method, path, values)
        status, led_to = answer.status_code, ""
        for _ in range(REDIRECTS_AT_MOST):
            if not answer.is_redirect:
                break
            onward = path_of(urljoin(str(answer.url), answer.headers["location"]))
            led_to = led_to or onward.split("?", maxsplit=1)[0]
            keeps = answer.status_code == HTTPStatus.TEMPORARY_REDIRECT  # method and values
            again = (method, onward, values) if keeps else ("GET", onward, None)
            answer, _ = await self._answered(*again)
            status = status if method == "POST" else answer.status_code
        tree = html.fromstring(answer.text or "<html></html>")
        page = Page(url=str(answer.url), status=answer.status_code, tree=tree)
        return Answer(status, tries, page, led_to)

    async def _answered(
        self, method: str, path: str, values: dict[str, Any] | None
    ) -> tuple[httpx2.Response, int]:
        ends, tries = asyncio.get_running_loop().time() + self._patience, 0
        while True:
            tries += 1
            try:
                answer = await self._client.request(method, path, data=values)
                if answer.status_code not in AWAY:
                    return answer, tries
            except httpx2.TransportError:
                pass
            if asyncio.get_running_loop().time() > ends:
                raise Unanswered(f"{method} {path.split('?', maxsplit=1)[0]}", tries)
            await asyncio.sleep(PAUSE_SECONDS)


class StaffBrowser(Browser):
    """That of a member of staff, who signs in as a persona of the demo wherever that is asked."""

    def __init__(self, door: Door, user_id: str) -> None:
        super().__init__(door, entrances=(*SIGN_IN, *HELD))
        self._user_id = user_id

    async def open(self, path: str) -> Answer:
        """Fetch a page.

        Raises:
            Unanswered: also where the persona was not taken.
        """
        answer = await super().open(path)
        if answer.led_to not in SIGN_IN:
            return answer
        signed = await self._asked("POST", "/plans/sign-in/persona", {"user_id": self._user_id})
        if signed.status != HTTPStatus.SEE_OTHER:
            raise Unanswered(f"{self._user_id} cannot sign in: {signed.status}", signed.tries)
        again = await super().open(path)
        return replace(again, tries=answer.tries + again.tries)
