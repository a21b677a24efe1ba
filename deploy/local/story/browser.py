"""A browser without scripts: fetches pages, follows links, fills in forms, as a person would."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2
from lxml import html

SECONDS: Final = 20.0
REDIRECTS_AT_MOST: Final = 5


class Missing(Exception):
    """What the story looks for is not on the page."""


@dataclass(frozen=True)
class Page:
    """A page as it was answered."""

    url: str
    status: int
    tree: Any

    @property
    def text(self) -> str:
        """The words of the page."""
        return words_of(self.tree)

    @property
    def headline(self) -> str:
        """The words of its headline."""
        return " ".join("".join(self.tree.xpath("//h1[1]//text()")).split())

    def form(self, *fields: str, action: str = "") -> Any:
        """The first form with these fields and this part of its address.

        Raises:
            Missing: there is none.
        """
        for form in self.tree.forms:
            if set(fields) <= set(form.fields.keys()) and action in (form.get("action") or ""):
                return form
        raise Missing(f"no form with {', '.join(fields) or action} on {self.url}")

    def has_link(self, part: str) -> bool:
        """Whether a link's address or words hold this."""
        links = self.tree.xpath("//a[@href]")
        return any(part in each.get("href") or part in each.text_content() for each in links)

    def link(self, part: str) -> str:
        """The address of the first link whose address or words hold this.

        Raises:
            Missing: there is none.
        """
        for link in self.tree.xpath("//a[@href]"):
            if part in link.get("href") or part in link.text_content():
                return str(link.get("href"))
        raise Missing(f"no link with {part} on {self.url}")


def words_of(tree: Any) -> str:
    """The words of a part of a page, those of neighbours apart."""
    return " ".join(" ".join(tree.xpath(".//text()")).split())


class Browser:
    """One person's browser, with cookies of its own; stays behind one gateway."""

    def __init__(self, address: str, **headers: str) -> None:
        accepted = {"accept": "text/html", **headers}
        self._client = httpx2.Client(base_url=address, timeout=SECONDS, headers=accepted)

    def close(self) -> None:
        """Close the browser."""
        self._client.close()

    @property
    def cookies(self) -> str:
        """What it holds of cookies, as it sends them."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    def open(self, path: str) -> Page:
        """Fetch a page."""
        return self._follow(self._client.get(path_of(path)))

    def send(
        self, page: Page, form: Any, press: tuple[str, str] | None = None, **given: str
    ) -> Page:
        """Send a form as a browser does, with fields filled in; `press` names the button."""
        for name, value in given.items():
            form.fields[name] = value
        target = path_of(urljoin(page.url, form.get("action") or ""))
        values = values_of(form) | ({press[0]: [press[1]]} if press else {})
        if form.method == "GET":
            return self._follow(self._client.get(target, params=values))
        headers = {"sec-fetch-site": "same-origin"}
        return self._follow(self._client.post(target, data=values, headers=headers))

    def _follow(self, answer: httpx2.Response) -> Page:
        for _ in range(REDIRECTS_AT_MOST):
            if not answer.is_redirect:
                break
            answer = self._client.get(path_of(urljoin(str(answer.url), answer.headers["location"])))
        tree = html.fromstring(answer.text or "<html></html>")
        return Page(url=str(answer.url), status=answer.status_code, tree=tree)


def values_of(form: Any) -> dict[str, list[str]]:
    """What the form sends, several values for a field with several ticks."""
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    for radio in form.xpath(".//input[@type='radio'][@checked][@value='']"):
        values[radio.get("name")] = [""]  # lxml takes an empty value for a missing one: "on"
    return values


def path_of(address: str) -> str:
    """An address without its host."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
