"""A step of the demo with CHECK=1 and files of somebody's own: one way through, on whatever is in.

The last line on standard output is one JSON object; the exit code is 0 or 1.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from deploy.local.story.browser import Missing, Page
from deploy.local.story.check import (
    MADE_UP,
    ROLES,
    Played,
    Story,
    expect,
    partners_of,
    play,
    reference_of,
)
from deploy.local.story.people import CaseManager, Coordinator, Parent
from deploy.local.story.sources import filling
from services.plans.roster.records import Guardianship, Notify, Roster, StaffRole, StudentRecord

CATEGORIES: Final = ("enrich.summer", "enrich.after-school", "enrich.sports", "enrich.tutoring")
SUMMARY: Final = "Looks for something to do with others after school"


class GivenStory(Story):
    """The same, for the first child whom this can be played with, and without a second need."""

    locale = "en"
    guardian = "A Guardian"

    def __init__(self, address: str, played: Played, today: date, notice: str) -> None:
        self.address = address
        self.played = played
        self.first_day = (today + timedelta(days=10)).isoformat()
        self.notice = notice
        self.manager = CaseManager(address)
        self.parent = Parent(address)

    def play_with(self, children: Sequence[StudentRecord], managers: Sequence[str]) -> None:
        """From the start page to the ledger."""
        self.start(children, managers)
        self.send()
        self.accept()
        self.sign()
        self.meet()
        self.look_back()

    def start(self, children: Sequence[StudentRecord], managers: Sequence[str]) -> None:
        """The start page, the banner, and a child of the roster."""
        with self.played.step("the start page offers every role"):
            start = self.manager.browser.open("/")
            for word in ROLES:
                expect(that=word in start.text, what=f"no card for {word}")
            expect(that=MADE_UP not in start.text, what="calls given files made up")
        with self.played.step("a case manager has students, and reads what was moved"):
            self.child, self.student = self._own_child(children, managers)
            expect(that=self.notice in self.student.text, what="no banner")

    def _own_child(
        self, children: Sequence[StudentRecord], managers: Sequence[str]
    ) -> tuple[StudentRecord, Page]:
        for name in managers:
            self.manager.sign_in(name)
            for child in children:
                found = self.manager.find(child.surname)
                if found.has_link(child.surname):
                    return child, self.manager.browser.open(found.link(child.surname))
        raise Missing("no case manager finds a student whose family can be reached")

    def send(self) -> None:
        """A need in the first category for which somebody can be asked."""
        with self.played.step("writes a need, sees services ranked, sends it", "offered"):
            rank = self._ranked()
            self.manager.send(self.student, self.need, rank=rank)
            self.student = self.manager.see(self.student, self.need, "Asked")
            self.reference = reference_of(self.student, self.need)

    def _ranked(self) -> int:
        for category in CATEGORIES:
            self.student, self.need = self.manager.write_need(
                self.student, category=category, summary=SUMMARY
            )
            self.student = self.manager.see(self.student, self.need, "Not possible now")
            partners = partners_of(self.student, self.need)
            if partners:
                rank, self.partner = Coordinator(self.address).first_known(partners)
                return rank
        raise Missing("no service of this directory can be asked")


def reachable(roster: Roster) -> Iterable[StudentRecord]:
    """Students with a school and a birth date, whose guardian a text or a mail reaches."""
    reached = {each.source_id for each in roster.contacts if each.reachable}
    told = {
        each.student_source_id
        for each in roster.student_contacts
        if each.is_guardian is Guardianship.YES
        and each.notify is Notify.NEWS
        and each.contact_source_id in reached
    }
    return (
        each
        for each in roster.students
        if each.source_id in told and each.school_source_id and each.birth_date
    )


def main() -> int:
    """Read the files again for whom to play with, play, and say how it went."""
    environment = os.environ
    real = date.fromisoformat(environment["TODAY"])
    given = filling(
        real,
        roster=environment.get("ROSTER", ""),
        directory=environment.get("DIRECTORY", ""),
        areas=environment.get("AREAS", ""),
    )
    today = given.clock_start or real
    managers = [
        f"{each.first_name} {each.surname}"
        for each in given.people.staff
        if each.role is StaffRole.CASE_MANAGER
    ]
    children = [*reachable(given.people.roster)]
    address = environment["WRAPAROUND_PUBLIC_URL"]
    return play(
        lambda played: GivenStory(address, played, today, given.notice).play_with(
            children, managers
        )
    )


if __name__ == "__main__":
    sys.exit(main())
