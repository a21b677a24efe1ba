"""A step of the demo with CHECK=1: plays the story over HTTP, as people do, and says how it went.

The last line on standard output is one JSON object; the exit code is 0 or 1.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final

from deploy.local.story.browser import Missing, Page, words_of
from deploy.local.story.people import CaseManager, Coordinator, Parent, section_text
from deploy.local.town.town import town
from schemas.codes import LANGUAGE_WORDS, Locale

TUTORING: Final = "enrich.tutoring"
ROLES: Final = ("Case manager", "Partner coordinator", "Supervisor", "Privacy officer")
MADE_UP: Final = "all people are made up"
MANAGER: Final = "Nora Harborlight"


@dataclass
class Played:
    """How the story goes: a line per step, and the time of those worth a number."""

    steps: int = 0
    failed: int = 0
    milliseconds: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, code: str = "") -> Iterator[None]:
        """One step; what is missing fails it and ends the story."""
        began = time.monotonic()
        self.steps += 1
        try:
            yield
        except Missing as missing:
            self.failed += 1
            self._say(name, f"FAILED: {missing}")
            raise Ended from missing
        took = round((time.monotonic() - began) * 1000)
        if code:
            self.milliseconds[code] = took
        self._say(name, f"{took} ms")

    def _say(self, name: str, how: str) -> None:
        print(f"  {self.steps:>2} {name:<62} {how}", file=sys.stderr, flush=True)


class Ended(Exception):
    """The story cannot go on."""


def expect(*, that: bool, what: str) -> None:
    """Fail the step unless something holds."""
    if not that:
        raise Missing(what)


class Story:
    """The people of one story and what they have come to know."""

    locale: Locale = "ht"
    guardian = "Bernadèt Fanaldoux"

    def __init__(self, address: str, played: Played, today: date) -> None:
        made = town(today)
        story = made.stories[0]
        self.child = next(
            each for each in made.roster.students if each.source_id == story.student_source_id
        )
        self.partners = made.partners
        self.first_day = (today + timedelta(days=10)).isoformat()
        self.played = played
        self.manager = CaseManager(address)
        self.parent = Parent(address)
        self.address = address
        self.student: Page
        self.need = ""
        self.reference = ""

    def play(self) -> None:
        """From the need to the family's yes; then a no, and a yes on the phone."""
        self.write()
        self.accept()
        self.sign()
        self.meet()
        self.look_back()
        self.decline()

    def write(self) -> None:
        """The case manager writes a need and sends it to the first in rank."""
        step, manager = self.played.step, self.manager
        with step("the start page offers every role"):
            start = manager.browser.open("/")
            for word in (*ROLES, MADE_UP):
                expect(that=word in start.text, what=f"no {word}")
        with step("the case manager signs in and finds the student by the beginning of a name"):
            manager.sign_in(MANAGER)
            self.student = manager.student(self.child.surname, self.child.first_name)
        with step("writes a need", "need_written"):
            self.student, self.need = manager.write_need(
                self.student, category=TUTORING, summary="Wants help with homework twice a week"
            )
        with step("sees services ranked, with a reason per rule", "ranked"):
            self.student = manager.see(
                self.student, self.need, "Choose a partner", "Speaks Haitian Creole"
            )
        with step("reads why others are out"):
            manager.see(self.student, self.need, "Not possible now")
        with step("sends it to the first in rank", "offered"):
            self.partner = partners_of(self.student, self.need)[0]
            manager.send(self.student, self.need)
            self.student = manager.see(self.student, self.need, "Asked")
        self.reference = reference_of(self.student, self.need)

    @property
    def language(self) -> str:
        """The family's, in its own letters."""
        return LANGUAGE_WORDS[self.locale]

    def accept(self) -> None:
        """The partner says yes before the family has signed."""
        step = self.played.step
        self.coordinator = Coordinator(self.address)
        with step("the partner sees the offer at once, and nothing that tells who it is"):
            self.coordinator.sign_in(self.partner)
            offer = self.coordinator.offer(self.reference)
            expect(that="Answer by" in offer.text, what="no answer-by time")
            for secret in (self.child.surname, self.child.first_name):
                names = re.search(rf"\b{re.escape(secret)}\b", offer.text)
                expect(that=names is None, what="the Preview names the child")
        with step("accepts with a first day, and reads that the place is kept", "accepted"):
            form = offer.form("starts_on", action="/accept")
            offer = self.coordinator.browser.send(offer, form, starts_on=self.first_day)
            expect(
                that="until the family has signed" in offer.text, what="no word of the signature"
            )
        self.offer = offer

    def sign(self) -> None:
        """The family is asked in its language, shows who it is, reads and signs."""
        step, parent = self.played.step, self.parent
        with step(f"the family has a message in {self.language}, and its link shows no name"):
            landing = parent.message("consent-needed", self.locale)
            expect(that=self.child.first_name not in landing.text, what="the first page names")
        with step("steps up: birthday, code, and a PIN for next time"):
            self.page = parent.step_up(landing)
            expect(that=self.partner in self.page.text, what="the consent names no partner")
        with step("signs by typing a name", "signed"):
            form = self.page.form("signed")
            form.fields["signed"] = self.guardian
            self.page = parent.browser.send(self.page, form, press=("answer", "agree"))
            expect(that=self.page.status == HTTPStatus.OK, what="the signature was not taken")

    def meet(self) -> None:
        """The partner sees whom to call; the family says that the child will come."""
        step, parent, desk = self.played.step, self.parent, self.coordinator
        with step("the partner sees whom to call, with the notice", "packet"):
            offer = desk.browser.open(self.offer.url)
            offer = self._until(desk, offer.url, "You may call")
            packet = desk.browser.open(offer.link("packet"))
            expect(that=self.child.surname in packet.text, what="no name in the packet")
            expect(that="34 CFR 99.33" in packet.text, what="no redisclosure notice")
        with step("the family reads who, what, when and where", "confirmed"):
            landing = parent.message("accepted", self.locale)
            page = landing if landing.tree.forms else parent.step_up(landing)
            expect(that=self.partner in page.text, what="the confirmation names no partner")
        with step("answers yes, and the partner sees it"):
            parent.browser.send(page, page.form(action="/answer"), press=("answer", "yes"))
            self._until(desk, self.offer.url, "family: yes")

    def look_back(self) -> None:
        """The case manager reads what happened and who has seen the record."""
        step, manager = self.played.step, self.manager
        with step("the timeline shows every step"):
            page = manager.see(self.student, self.need, "Accepted")
            for word in ("signed", "accepted", "Sent to"):
                expect(that=word.lower() in page.text.lower(), what=f"no {word} in the timeline")
        with step("the ledger says who has seen what"):
            ledger = manager.browser.open(page.link("/ledger"))
            expect(that=self.partner in ledger.text, what="the ledger names no partner")

    def decline(self) -> None:
        """A second need: the first partner says no, the next one yes on the phone."""
        step, manager = self.played.step, self.manager
        with step("a partner's no leads to the next in rank", "next_asked"):
            self.student, self.need = manager.write_need(
                self.student,
                category="enrich.arts",
                summary="Loves to draw and looks for a group",
                in_any_language=True,  # else one partner alone is sure to fit, and none is next
            )
            self.student = manager.see(self.student, self.need, "Choose a partner")
            desk = Coordinator(self.address)
            partners = partners_of(self.student, self.need)
            rank, partner = desk.first_known(partners)
            manager.send(self.student, self.need, rank=rank)
            self.student = manager.see(self.student, self.need, "Asked")
            desk.sign_in(partner)
            offer = desk.offer(reference_of(self.student, self.need))
            desk.browser.send(offer, offer.form("code", action="/decline"), code="no-capacity")
            self.student = manager.see(self.student, self.need, "Declined", "Asked")
        with step("the case manager records a yes that came by phone"):
            form_page = manager.browser.open(_link_in(self.student, self.need, "answer"))
            form = form_page.form("said_by")
            manager.browser.send(
                form_page, form, answer="accept", said_by="Front desk", channel="phone"
            )
            manager.see(self.student, self.need, "Accepted")

    def _until(self, person: Any, url: str, words: str) -> Page:
        from deploy.local.story.people import until  # noqa: PLC0415

        return until(lambda: person.browser.open(url), lambda page: words in page.text, words)


def partners_of(page: Page, need: str) -> list[str]:
    """The organizations in rank: the words after the last dot of each candidate's title."""
    titles = page.tree.xpath("//section[@id=$need]//li//h3/bdi", need=need)
    return [words_of(each).rpartition(" · ")[2] for each in titles]


def reference_of(page: Page, need: str) -> str:
    """The spoken name of the referral of a need."""
    words = section_text(page, need).split()
    return next(word for word in words if word.startswith("R-"))


def _link_in(page: Page, need: str, part: str) -> str:
    for link in page.tree.xpath("//section[@id=$need]//a", need=need):
        if part in link.get("href"):
            return str(link.get("href"))
    raise Missing(f"no link with {part} in {need}")


def play(story: Callable[[Played], None]) -> int:
    """Play a story and print its result; gives the exit code."""
    played, began = Played(), time.monotonic()
    with suppress(Ended):
        story(played)
    result = {
        "ready_seconds": float(os.environ.get("READY_SECONDS", "0")),
        "story_seconds": round(time.monotonic() - began, 1),
        "steps": played.steps,
        "failed": played.failed,
        "milliseconds": played.milliseconds,
    }
    print(json.dumps(result), flush=True)
    return 1 if played.failed else 0


def main() -> int:
    """Play, and say how it went."""
    address, today = os.environ["WRAPAROUND_PUBLIC_URL"], date.fromisoformat(os.environ["TODAY"])
    return play(lambda played: Story(address, played, today).play())


if __name__ == "__main__":
    raise SystemExit(main())
