"""The people of the story, each with a browser of their own."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from deploy.local.story.browser import Browser, Missing, Page, words_of
from schemas.codes import Locale, Template
from services.chassis.languages import Wording
from services.chassis.process import CATALOGUES
from services.notifications.wording import WORDS

PATIENCE_SECONDS: Final = 15.0
LOOK_EVERY_SECONDS: Final = 0.05
OUTBOX: Final = "/notifications/outbox"
PIN: Final = "2468"
FILLED_IN: Final = re.compile(r"%\(\w+\)s")
TOKEN: Final = re.compile(r"/f/[\w-]{22,}")


def until(look: Callable[[], Page], holds: Callable[[Page], bool], what: str) -> Page:
    """Look again and again until a page shows something.

    Raises:
        Missing: it did not within the patience.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds(page := look()):
        if time.monotonic() > ends:
            raise Missing(f"not within {PATIENCE_SECONDS:g} s: {what} on {page.url}")
        time.sleep(LOOK_EVERY_SECONDS)
    return page


class Person:
    """Somebody with a browser."""

    def __init__(self, address: str) -> None:
        self.browser = Browser(address)

    def sign_in(self, name: str) -> Page:
        """Press the button of a persona on the start page."""
        start = self.browser.open("/")
        for form in start.tree.forms:
            if name in form.text_content():
                return self.browser.send(start, form)
        raise Missing(f"nobody called {name} on the start page")


class CaseManager(Person):
    """Writes needs and sends them."""

    def student(self, beginning: str, name: str) -> Page:
        """Find a student by the beginning of a name, and open the record."""
        return self.browser.open(self.find(beginning).link(name))

    def find(self, beginning: str) -> Page:
        """The students whose names begin so."""
        listed = self.browser.open("/plans/students")
        return self.browser.send(listed, listed.form("q"), q=beginning)

    def write_need(
        self, student: Page, *, category: str, summary: str, in_any_language: bool = False
    ) -> tuple[Page, str]:
        """Write a need; gives the student's page and the id of the need's section."""
        before = set(_sections(student))
        blank = self.browser.open(student.link("needs/new"))
        form = blank.form("summary")
        if in_any_language:
            form.fields["language_required"] = ""
        page = self.browser.send(blank, form, category=category, summary=summary)
        new = [each for each in _sections(page) if each not in before]
        if len(new) != 1:
            raise Missing(f"the need written just now is not on {page.url}")
        return page, new[0]

    def see(self, student: Page, need: str, *words: str) -> Page:
        """Wait until the section of a need shows all these words."""
        return until(
            lambda: self.browser.open(student.url),
            lambda page: all(word in section_text(page, need) for word in words),
            ", ".join(words),
        )

    def send(self, student: Page, need: str, *, rank: int = 1) -> Page:
        """Press *Send, and ask the family* at a candidate."""
        forms = _section(student, need).xpath(".//form[contains(@action, '/choose')]")
        return self.browser.send(student, forms[rank - 1])


class Coordinator(Person):
    """Answers for a partner."""

    def first_known(self, partners: Sequence[str]) -> tuple[int, str]:
        """The first of some partners in rank who can sign in here, with its rank from 1."""
        start = self.browser.open("/").text
        for rank, partner in enumerate(partners, 1):
            if partner in start:
                return rank, partner
        raise Missing("no partner in rank can sign in on the start page")

    def offer(self, reference: str) -> Page:
        """Wait for an offer on the list, and open it."""
        listed = until(
            lambda: self.browser.open("/referrals/"), lambda p: reference in p.text, reference
        )
        return self.browser.open(listed.link(reference))


class Parent(Person):
    """Reads messages and answers; what was in the outbox before the story is not for them."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._read = set(TOKEN.findall(words_of(self.browser.open(OUTBOX).tree)))

    def message(self, template: Template, locale: Locale) -> Page:
        """Wait for a new message of this sort in this language, and open its link."""
        phrases = spoken(template, locale)
        page = until(
            lambda: self.browser.open(OUTBOX),
            lambda page: bool(_letters(page, phrases) - self._read),
            f"a message {template} in {locale}",
        )
        letter = (_letters(page, phrases) - self._read).pop()
        self._read.add(letter)
        return self.browser.open(letter)

    def step_up(self, landing: Page) -> Page:
        """Show that it is them: by the PIN, or the first time by birthday and code.

        The demo's hints stand beside the fields.
        """
        onward = "/pin" if landing.has_link("/pin") else "/who"
        page = self.browser.open(landing.link(onward))
        if onward == "/pin":
            return self.browser.send(page, page.form("pin"), pin=PIN)
        who = page.form("month", "day")
        page = self.browser.send(page, who, None, **birthday_beside(who))
        code = page.form("code")
        page = self.browser.send(page, code, code=code_beside(code))
        return self.browser.send(page, page.form("pin"), pin=PIN)


def _sections(page: Page) -> list[str]:
    return [each.get("id") for each in page.tree.xpath("//section[starts-with(@id, 'need-')]")]


def _section(page: Page, need: str) -> Any:
    found = page.tree.xpath("//section[@id=$need]", need=need)
    if not found:
        raise Missing(f"no section {need} on {page.url}")
    return found[0]


def section_text(page: Page, need: str) -> str:
    """The words of the section of a need."""
    return words_of(_section(page, need))


def spoken(template: Template, locale: Locale) -> tuple[str, ...]:
    """The stretches of a text message that are the same for everybody, in one language."""
    words = Wording([CATALOGUES]).of(locale).gettext(WORDS[template].text)
    return tuple(each.strip() for each in FILLED_IN.split(words) if each.strip(" .:"))


def _letters(page: Page, phrases: tuple[str, ...]) -> set[str]:
    """The links of the messages that hold all these phrases."""
    cards = [words_of(card) for card in page.tree.xpath("//*[@id='letters']/*")]
    return {
        found.group()
        for text in cards
        if all(phrase in text for phrase in phrases) and (found := TOKEN.search(text))
    }


def birthday_beside(form: Any) -> dict[str, str]:
    """Month and day as the demo tells them beside the fields."""
    month, day = _hint(form, "month").split()[-2:]
    options = form.xpath(".//select[@name='month']/option")
    named = {each.text_content().strip(): each.get("value") for each in options}
    return {"month": named[month], "day": day.strip(".")}


def code_beside(form: Any) -> str:
    """The code of a step-up as the demo tells it beside the field."""
    return re.sub(r"\D", "", _hint(form, "code"))


def _hint(form: Any, name: str) -> str:
    return " ".join(form.xpath("string(.//*[@id=$id])", id=f"{name}-hint").split())
