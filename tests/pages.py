"""What every page of Wraparound keeps to; the test client asks `check_page` about each one.

A finding is one sentence; no findings, a good page. It reads what the server sent, as a phone
without JavaScript does. What only a browser sees (contrast, focus, width) is in `tests/browser.py`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
UNTRANSLATED = re.compile(r"⟦[^⟧]*⟧|\{\{|\{%|%\(\w+\)[sd]")
LOADING = frozenset({"src", "srcset", "action", "formaction", "poster", "data", "background"})
ADDRESSES = LOADING | {"href", "cite", "hx-get", "hx-post", "hx-sse:connect"}
SHOWN = ("id", "name", "href", "src", "action")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
UNLABELLED_KINDS = frozenset({"hidden", "submit", "button", "image", "reset"})


@dataclass(eq=False)
class Element:
    """One element with where it stands."""

    tag: str
    attributes: dict[str, str]
    parents: tuple["Element", ...] = ()
    words: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return bool(self.attributes.get(name, "").strip())

    def is_in(self, other: "Element") -> bool:
        return other in self.parents

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def __str__(self) -> str:
        named = [name for name in SHOWN if name in self.attributes]
        return f"<{' '.join([self.tag, *(f'{n}={self.attributes[n]!r}' for n in named)])}>"


class Reader(HTMLParser):
    """Flattens a page into its elements, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.words.append(data)


@dataclass(frozen=True)
class Page:
    """A page as read, and where it came from."""

    elements: list[Element]
    origin: str

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    @property
    def ids(self) -> Counter[str]:
        return Counter(e.attributes["id"] for e in self.elements if "id" in e.attributes)


def check_page(html: str, headers: Mapping[str, str], *, origin: str = "") -> list[str]:
    """Everything that is wrong with a page; `origin` (scheme and host) counts as our own."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    page = Page(reader.elements, origin)
    return [finding for check in CHECKS for finding in check(page)] + list(_headers(headers))


def _document(page: Page) -> Iterator[str]:
    html = page.all("html")
    if not html or not html[0].has("lang"):
        yield "lang: <html> names no language"
    if not html or html[0].attributes.get("dir") not in {"ltr", "rtl"}:
        yield "dir: <html> names no direction"
    if not any(e.text for e in page.all("title")):
        yield "title: missing or empty"
    for tag in ("h1", "main"):
        if (found := len(page.all(tag))) != 1:
            yield f"{tag}: one is needed, {found} found"


def _ids(page: Page) -> Iterator[str]:
    for name, times in page.ids.items():
        if times > 1 or not name.strip():
            yield f"id: {name!r} stands {times} times"


def _references(page: Page) -> Iterator[str]:
    """Labels, descriptions and anchors lead to something on the page."""
    for element in page.elements:
        for name in REFERENCES:
            for target in element.attributes.get(name, "").split():
                if target not in page.ids:
                    yield f"reference: {name}={target!r} of {element} leads nowhere"
        href = element.attributes.get("href", "")
        if href.startswith("#") and href[1:] not in page.ids:
            yield f"anchor: {element} leads nowhere"


def _labels(page: Page) -> Iterator[str]:
    labels = page.all("label")
    for one in page.all("input", "select", "textarea"):
        if one.attributes.get("type") in UNLABELLED_KINDS:
            continue
        own = [
            e for e in labels if one.is_in(e) or e.attributes.get("for") == one.attributes.get("id")
        ]
        named = one.has("aria-label") or one.has("aria-labelledby")
        if not named and not any(label.text for label in own):
            yield f"label: {one} has none"


def _forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        method = form.attributes.get("method", "").lower()
        if not form.has("action"):
            yield f"form: {form} has no action"
        if method not in {"get", "post"}:
            yield f"form: {form} has no method"
        if method == "post" and not any(_is_key(e) and e.is_in(form) for e in page.all("input")):
            yield f"form: {form} has no idempotency key"


def _is_key(element: Element) -> bool:
    given = element.attributes
    return given.get("type") == "hidden" and given.get("name") == "key" and element.has("value")


def _errors(page: Page) -> Iterator[str]:
    """Every wrong field (of a group: one of its choices) is named in a summary that leads to it."""
    summaries = [
        e for e in page.all("section") if "errors" in e.attributes.get("class", "").split()
    ]
    linked = {
        a.attributes.get("href", "").removeprefix("#")
        for a in page.all("a")
        if any(a.is_in(summary) for summary in summaries)
    }
    wrong: dict[str, set[str]] = {}
    for e in page.elements:
        if e.attributes.get("aria-invalid") == "true":
            wrong.setdefault(e.attributes.get("name", ""), set()).add(e.attributes.get("id", ""))
    for name, ids in wrong.items():
        if not ids & linked:
            yield f"errors: no summary leads to the field {name!r}"


def _inline(page: Page) -> Iterator[str]:
    """Nothing that our content security policy would refuse."""
    for e in page.elements:
        if e.tag == "style" or "style" in e.attributes:
            yield f"inline: style in {e}"
        if e.tag == "script" and not e.has("src"):
            yield f"inline: script {e}"
        for name, value in e.attributes.items():
            is_handler = name.startswith(("on", "hx-on", "data-hx-on"))
            if is_handler or re.match(r"\s*(javascript|js):", value, re.IGNORECASE):
                yield f"inline: {name} runs script in {e}"


def _origins(page: Page) -> Iterator[str]:
    """Nothing is fetched from elsewhere; a link that leaves says so and takes nothing along."""
    for e in page.elements:
        for name in ADDRESSES & e.attributes.keys():
            if _is_ours(e.attributes[name], page.origin):
                continue
            leaves = e.tag == "a" and {"external", "noreferrer"} <= set(
                e.attributes.get("rel", "").split()
            )
            if not leaves:
                yield f"origin: {name} of {e} leaves this site"


def _is_ours(address: str, origin: str) -> bool:
    parts = urlsplit(address.strip())  # a script in an address is `_inline`'s to find
    if parts.scheme in {"tel", "mailto", "sms", "javascript"}:
        return True
    if not parts.netloc:
        return not parts.scheme
    return bool(origin) and f"{parts.scheme}://{parts.netloc}" == origin


def _words(page: Page) -> Iterator[str]:
    spoken = ("alt", "title", "aria-label", "placeholder", "content")
    for e in page.elements:
        said = [e.text] if e.tag in {"title", "body"} else []
        said += [e.attributes[name] for name in spoken if name in e.attributes]
        for text in said:
            for marker in UNTRANSLATED.findall(text):
                yield f"words: {marker!r} is not translated"


CHECKS: tuple[Callable[[Page], Iterator[str]], ...] = (
    _document,
    _ids,
    _references,
    _labels,
    _forms,
    _errors,
    _inline,
    _origins,
    _words,
)


def _headers(headers: Mapping[str, str]) -> Iterator[str]:
    given = {name.lower(): value.lower() for name, value in headers.items()}
    policy = given.get("content-security-policy", "")
    if not all(
        part in policy
        for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'")
    ):
        yield "header: content-security-policy is missing or too weak"
    if "unsafe" in policy or "*" in policy:
        yield "header: content-security-policy allows what is unsafe"
    if given.get("x-content-type-options") != "nosniff":
        yield "header: x-content-type-options is not nosniff"
    if given.get("referrer-policy") not in {"no-referrer", "same-origin"}:
        yield "header: referrer-policy lets addresses leave"
    if "no-store" not in given.get("cache-control", ""):
        yield "header: cache-control does not say no-store"
