"""`wraparound users …` as operators type it: people come, are corrected, leave, come back."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.chassis.process import Process
from services.chassis.scope import Principal
from services.chassis.settings import read
from services.plans import main as plans
from tests.bench.large_district import Size, write
from tests.e2e.terminals import Said, Terminal, environment, terminal, topics
from tests.servers import Client, Databases

__all__ = ["environment", "terminal", "topics"]
PASSWORD = "a tide comes in at four"
ANOTHER = "the tide goes out at ten"
SIZE = Size(students=30, services=20)


@dataclass(frozen=True)
class Town:
    """A district that is there, with one school, and where to look at what is stored."""

    roster: Path
    partners: list[str]
    district: str
    school: str
    terminal: Terminal
    referrals: str  # the database of that service
    client: Client

    def adds(self, name: str, *words: str, password: str = PASSWORD, **settings: str) -> Said:
        """Add somebody to this district."""
        given = ("--name", "Nora Harborlight", "--district", self.district, *words)
        answers = (password, password)
        return self.terminal.types("users", "add", name, *given, answers=answers, **settings)

    def adds_manager(self, name: str, *words: str, **given: Any) -> Said:
        """Add a case manager at the school."""
        return self.adds(name, "--role", "case_manager", "--school", self.school, *words, **given)

    def answered(self, *words: str, password: str = PASSWORD, **settings: str) -> Said:
        """A command that asks for a password twice."""
        return self.terminal.types("users", *words, answers=(password, password), **settings)

    @property
    def in_referrals(self) -> dict[str, str]:
        """The settings of a terminal where referrals runs: it is given no key but its own."""
        others = dict.fromkeys(("WRAPAROUND_PSEUDONYM_KEY", "WRAPAROUND_LEDGER_KEY"), "")
        return {"WRAPAROUND_DATABASE": self.referrals, **others}

    def rows(self, collection: str, database: str = "") -> list[dict[str, Any]]:
        """What is stored, as it stands there."""
        name = database or self.terminal.environment["WRAPAROUND_DATABASE"]
        return list(self.client[name][collection].find())

    def students(self) -> Counter[str]:
        """How many students each case manager has once the roster was brought in again."""
        done = self.terminal.imports(self.roster)
        assert done.code == 0, done.errors
        return Counter(each["case_manager_id"] for each in self.rows("students"))

    def vouches(self, name: str, password: str) -> Principal | None:
        """Whom a name and a password let in."""
        settings = {
            name.removeprefix("WRAPAROUND_").lower(): value
            for name, value in self.terminal.environment.items()
            if name.startswith(("WRAPAROUND_", "MONGO", "KAFKA"))
        }
        return asyncio.run(_vouched(plans.process(read("plans", **settings)), name, password))


async def _vouched(process: Process, name: str, password: str) -> Principal | None:
    try:
        return await process.accounts.vouch({"name": name, "password": password})
    finally:
        await process.close()


@pytest.fixture
def town(terminal: Terminal, databases: Databases, mongo_client: Client) -> Town:
    """A district of one test's own: nobody works there yet."""
    roster, directory = write(terminal.folder, SIZE)
    done = terminal.imports(roster)
    assert done.code == 0, done.errors
    (school,) = re.findall(r"School: +(\S+)", done.out)
    return Town(
        roster=roster,
        partners=[str(each) for each in sorted(directory.glob("*.csv"))],
        district=re.findall(r"District: (\S+)", done.out)[0],
        school=school,
        terminal=terminal,
        referrals=databases("referrals"),
        client=mongo_client,
    )


def test_somebody_is_added_once_with_a_password_that_is_long_enough(town: Town) -> None:
    added = town.adds_manager("nora.h")
    again = town.adds_manager("nora.h")
    weak = town.adds_manager("theo", password="short")

    assert added.code == 0, added.errors
    assert added.out.endswith("nora.h can sign in now.")
    assert PASSWORD not in added.out + added.errors
    assert (again.code, weak.code) == (2, 2)
    assert again.errors.splitlines()[-1] == "Somebody has this sign-in name already."
    assert weak.errors.splitlines()[-1].startswith("A password needs")
    assert "Traceback" not in again.errors + weak.errors
    assert len(town.rows("staff")) == 1


def test_nobody_is_added_to_what_is_not_there_and_is_told_what_is(town: Town) -> None:
    elsewhere = town.terminal.types(
        *("users", "add", "lee", "--name", "Lee", "--role", "supervisor", "--district", "d9"),
        answers=(PASSWORD, PASSWORD),
    )
    nowhere = town.adds("lee", "--role", "supervisor", "--school", "s9")
    caseless = town.adds("lee", "--role", "case_manager")
    loose = town.adds("lee", "--role", "partner_coordinator", **town.in_referrals)
    unasked = town.adds_manager("lee", "--organization", "o1")
    partner = ("--role", "partner_coordinator", "--organization", "o9")
    strangers = town.adds("lee", *partner, **town.in_referrals)

    for said, words in (
        (elsewhere, ("There is no district d9", town.district)),
        (nowhere, ("There is no school s9", town.school)),
        (caseless, ("give --school.",)),
        (loose, ("--organization.",)),
        (unasked, ("--organization.",)),
        (strangers, ("There is no organization o9", "directory organizations")),
    ):
        last = said.errors.splitlines()[-1]
        assert said.code == 2, said
        assert all(each in last for each in words), last
        assert "Traceback" not in said.errors
    assert town.vouches("lee", PASSWORD) is None
    assert town.adds("lee", "--role", "supervisor").code == 0  # the name is still free


@pytest.mark.parametrize("words", [("--phone", "617-555-0120"), ("--email", "nora at schools")])
def test_a_channel_that_reaches_nobody_is_said_before_a_password_is_asked_for(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    given = ("--name", "Nora", "--role", "supervisor", "--district", "d1")
    terminal.types("users", "add", "nora", *given, *words).refuses("give")


def test_adding_that_broke_off_is_repeated_and_makes_one_member_of_staff(
    town: Town, mongo_client: Client
) -> None:
    town.adds_manager("ada.p")
    platform = town.terminal.environment["WRAPAROUND_PLATFORM_DATABASE"]
    mongo_client[platform]["accounts"].drop()  # as if the process had died before the account

    again = town.adds_manager("ada.p")

    assert again.code == 0, again.errors
    (account,) = town.rows("accounts", platform)
    assert [each["_id"] for each in town.rows("staff")] == [account["_id"]]


def test_a_case_manager_who_is_added_gets_students_and_gets_none_once_closed(town: Town) -> None:
    for name in ("mara.k", "theo.l"):
        added = town.adds_manager(name, "--phone", "+16175550120")
        assert added.code == 0, added.errors
    managed = town.students()
    closed = town.terminal.types("users", "close", "mara.k")
    left = town.students()

    assert sorted(managed.values()) == [SIZE.students // 2] * 2
    assert closed.out.startswith("mara.k cannot sign in any more; 0 sessions were ended.")
    assert list(left.values()) == [SIZE.students]
    assert left.keys() < managed.keys()
    assert town.vouches("mara.k", PASSWORD) is None
    for words in (("close", "nobody"), ("change", "nobody", "--name", "No")):
        town.terminal.types("users", *words).refuses("Nobody has this sign-in name")


def test_whoever_was_closed_comes_back_under_the_same_name_with_the_same_card(town: Town) -> None:
    town.adds_manager("ines.r", "--phone", "+16175550120")
    town.terminal.types("users", "close", "ines.r")

    taken = town.adds_manager("ines.r")
    locked = town.answered("password", "ines.r", password=ANOTHER)
    back = town.answered("reopen", "ines.r", password=ANOTHER)
    twice = town.answered("reopen", "ines.r", password=ANOTHER)

    assert "reopen it" in taken.errors.splitlines()[-1]
    assert "users reopen" in locked.errors.splitlines()[-1]
    assert back.out.endswith("ines.r can sign in again."), back.errors
    assert "is open" in twice.errors.splitlines()[-1]
    person = town.vouches("ines.r", ANOTHER)
    assert person is not None
    assert person.school_ids == {town.school}
    (member,) = (each for each in town.rows("staff") if each["_id"] == person.user_id)
    assert (member["role"], member["school_ids"]) == ("case_manager", [town.school])


def test_a_forgotten_password_costs_neither_name_nor_students(town: Town) -> None:
    town.adds_manager("omar.d")
    before = town.vouches("omar.d", PASSWORD)
    for _ in range(5):
        town.vouches("omar.d", "was it this one?")

    done = town.answered("password", "omar.d", password=ANOTHER)

    assert done.code == 0, done.errors
    assert done.out.endswith("omar.d signs in with the new password; 0 sessions were ended.")
    assert town.vouches("omar.d", PASSWORD) is None
    assert town.vouches("omar.d", ANOTHER) == before
    weak = town.answered("password", "omar.d", password="short")
    assert weak.errors.splitlines()[-1].startswith("A password needs")


def test_what_is_known_of_somebody_is_corrected_and_all_else_stays(town: Town) -> None:
    town.adds_manager("pia.q", "--email", "pia@schools.example", "--phone", "+16175550120")

    done = town.terminal.types("users", "change", "pia.q", "--name", "Pia Quay", "--locale", "es")
    nowhere = town.terminal.types("users", "change", "pia.q", "--school", "s9")
    same = town.terminal.types("users", "change", "pia.q", "--school", town.school)

    assert done.out == "pia.q was changed; 0 sessions were ended.", done.errors
    nowhere.refuses("There is no school s9", town.school)
    assert same.out.endswith("by these schools."), same.errors
    person = town.vouches("pia.q", PASSWORD)
    assert person is not None
    assert (person.name, person.locale) == ("Pia Quay", "es")
    assert person.school_ids == {town.school}
    shown = town.terminal.types("users", "list").out
    assert "Pia Quay" in shown
    assert "pia.q" not in shown


def test_a_coordinator_answers_for_the_partner_until_the_account_is_closed(town: Town) -> None:
    theirs = town.in_referrals
    brought = town.terminal.types(
        "directory", "import", *town.partners, "--district", town.district, **theirs
    )
    assert brought.code == 0, brought.errors
    listed = town.terminal.types(
        "directory", "organizations", "--district", town.district, **theirs
    )
    organization = re.findall(r"[0-9a-f-]{36}", listed.out)[0]
    of_partner = ("--role", "partner_coordinator", "--organization", organization)

    added = town.adds("ruth.o", *of_partner, "--email", "ruth@partners.example", **theirs)
    (there,) = town.rows("coordinators", theirs["WRAPAROUND_DATABASE"])
    closed = town.terminal.types("users", "close", "ruth.o", **theirs)
    (gone,) = town.rows("coordinators", theirs["WRAPAROUND_DATABASE"])

    assert added.code == 0, added.errors
    assert closed.code == 0, closed.errors
    assert (there["organization_id"], there["is_active"]) == (organization, True)
    assert (gone["organization_id"], gone["is_active"]) == (organization, False)
