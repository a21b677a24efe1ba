"""`wraparound …` as operators type it: each a process of its own, on real servers."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.ports import free_port
from services.chassis.keys import demo_key
from tests.bench.imports import create_topics
from tests.bench.large_district import Size, write
from tests.typing_in import run

PASSWORD = "a tide comes in at four"
SIZE = Size(students=30, services=20)
PARTNERS = 5
AWAY_SECONDS = 60.0
USER = ("--name", "Nora Harborlight", "--role", "case_manager", "--district", "d1")


@dataclass(frozen=True)
class Terminal:
    """Where somebody types."""

    environment: dict[str, str]
    folder: Path

    def types(self, *words: str, answers: Sequence[str] = (), **settings: str) -> "Said":
        """Run one command to its end."""
        code, out, errors = run(
            "services.cli",
            words,
            typed="".join(f"{each}\n" for each in answers),
            environment={**self.environment, **settings},
            folder=self.folder,
            seconds=AWAY_SECONDS,
        )
        return Said(code, " ".join(out.split()), errors)


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    errors: str

    def refuses(self, *words: str) -> None:
        """It said one sentence with these words, ended with a code, and showed no traceback."""
        assert self.code == 2, self
        assert "Traceback" not in self.out + self.errors
        assert self.errors.strip().count("\n") == 0, self.errors
        assert self.errors.strip().endswith("."), self.errors
        for word in words:
            assert word in self.errors, self.errors


@pytest.fixture(scope="module")
def environment(kafka_servers: str, mongo_url: str) -> Iterator[dict[str, str]]:
    prefix = f"cli-{free_port()}"
    databases = {
        "WRAPAROUND_DATABASE": f"{prefix}-plans",
        "WRAPAROUND_PLATFORM_DATABASE": f"{prefix}-platform",
    }
    asyncio.run(create_topics(kafka_servers, f"{prefix}."))
    yield {
        "PATH": os.environ["PATH"],  # noqa: TID251 - as a terminal has it
        "COLUMNS": "200",
        "KAFKA_SERVERS": kafka_servers,
        "MONGO_URL": mongo_url,
        **databases,
        "WRAPAROUND_TOPIC_PREFIX": f"{prefix}.",
        "WRAPAROUND_PUBLIC_URL": "http://127.0.0.1:8000",
        "WRAPAROUND_DEMO": "true",
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"one:{demo_key('key-encryption')}",
        "WRAPAROUND_PSEUDONYM_KEY": demo_key("pseudonym"),
        "WRAPAROUND_SEARCH_KEY": demo_key("search"),
        "WRAPAROUND_LEDGER_KEY": demo_key("ledger"),
    }
    with MongoClient[dict[str, Any]](mongo_url) as client:
        for each in databases.values():
            client.drop_database(each)


@pytest.fixture
def terminal(environment: dict[str, str], tmp_path: Path) -> Terminal:
    return Terminal(environment, tmp_path)


def test_somebody_is_added_once_with_a_password_that_is_long_enough(terminal: Terminal) -> None:
    add = ("users", "add", "nora.h", *USER)

    added = terminal.types(*add, answers=(PASSWORD, PASSWORD))
    again = terminal.types(*add, answers=(PASSWORD, PASSWORD))
    weak = terminal.types("users", "add", "theo", *USER, answers=("short", "short"))

    assert added.code == 0, added.errors
    assert added.out.endswith("nora.h can sign in now.")
    assert PASSWORD not in added.out + added.errors
    assert (again.code, weak.code) == (2, 2)
    assert again.errors.splitlines()[-1] == "Somebody has this sign-in name already."
    assert weak.errors.splitlines()[-1].startswith("A password needs")
    assert "Traceback" not in again.errors + weak.errors


def test_a_case_manager_who_is_added_gets_students_and_gets_none_once_closed(
    terminal: Terminal, mongo_url: str
) -> None:
    roster, _ = write(terminal.folder, SIZE)
    first = terminal.types("roster", "import", str(roster))
    district = re.findall(r"District: (\S+)", first.out)[0]
    (school,) = re.findall(r"School: +(\S+)", first.out)
    who = ("--name", "Nora Harborlight", "--district", district, "--school", school)

    for name in ("mara.k", "theo.l"):
        added = terminal.types(
            *("users", "add", name, *who, "--role", "case_manager", "--phone", "+16175550120"),
            answers=(PASSWORD, PASSWORD),
        )
        assert added.code == 0, added.errors
    managed = managers_after_import(terminal, mongo_url, roster)
    closed = terminal.types("users", "close", "mara.k")
    left = managers_after_import(terminal, mongo_url, roster)

    assert sorted(managed.values()) == [SIZE.students // 2] * 2
    assert closed.out.startswith("mara.k cannot sign in any more; 0 sessions were ended.")
    assert list(left.values()) == [SIZE.students]
    assert left.keys() < managed.keys()
    terminal.types("users", "close", "nobody").refuses("Nobody has this sign-in name")


def test_a_coordinator_who_is_added_answers_for_the_partner(
    terminal: Terminal, mongo_url: str
) -> None:
    theirs = {"WRAPAROUND_DATABASE": terminal.environment["WRAPAROUND_DATABASE"] + "-referrals"}
    added = terminal.types(
        *("users", "add", "ruth.o", "--name", "Ruth Oarlock", "--role", "partner_coordinator"),
        *("--district", "d1", "--organization", "o1", "--email", "ruth@partners.example"),
        answers=(PASSWORD, PASSWORD),
        **theirs,
    )

    assert added.code == 0, added.errors
    with MongoClient[dict[str, Any]](mongo_url) as client:
        (row,) = client[theirs["WRAPAROUND_DATABASE"]]["coordinators"].find()
        client.drop_database(theirs["WRAPAROUND_DATABASE"])
    assert (row["organization_id"], row["is_active"]) == ("o1", True)


def managers_after_import(terminal: Terminal, mongo_url: str, roster: Path) -> Counter[str]:
    """How many students each case manager has once the roster was brought in again."""
    done = terminal.types("roster", "import", str(roster))
    assert done.code == 0, done.errors
    with MongoClient[dict[str, Any]](mongo_url) as client:
        rows = client[terminal.environment["WRAPAROUND_DATABASE"]]["students"].find()
        return Counter(each["case_manager_id"] for each in rows)


def test_a_missing_word_is_said_by_its_name(terminal: Terminal) -> None:
    said = terminal.types("users", "add", "nora.h", "--name", "Nora", "--role", "case_manager")

    assert said.code == 2
    assert "Missing option '--district'" in said.errors
    assert "Traceback" not in said.errors


def test_a_roster_is_in_and_the_same_again_changes_nothing(
    terminal: Terminal, mongo_url: str
) -> None:
    roster, _ = write(terminal.folder, SIZE)

    done = terminal.types("roster", "import", str(roster))
    states = students(mongo_url, terminal)
    again = terminal.types("roster", "import", str(roster), "--errors", "found.csv")

    assert (done.code, again.code) == (0, 0), done.errors + again.errors
    assert "30 students and 1 schools are in." in done.out
    assert len(states) == SIZE.students
    assert students(mongo_url, terminal) == states
    assert (terminal.folder / "found.csv").read_text().startswith("file,line,column,code")


def test_a_roster_that_lacks_more_than_a_tenth_changes_nothing(
    terminal: Terminal, mongo_url: str
) -> None:
    roster, _ = write(terminal.folder / "all", SIZE)
    assert terminal.types("roster", "import", str(roster)).code == 0
    states = students(mongo_url, terminal)
    fewer, _ = write(terminal.folder / "fewer", Size(students=26, services=1))

    terminal.types("roster", "import", str(fewer)).refuses("More than 10 %", "Nothing was changed")

    assert students(mongo_url, terminal) == states


def students(mongo_url: str, terminal: Terminal) -> dict[str, int]:
    """The version of each student that is known."""
    with MongoClient[dict[str, Any]](mongo_url) as client:
        found = client[terminal.environment["WRAPAROUND_DATABASE"]].students.find()
        return {row["_id"]: row["version"] for row in found}


def test_a_directory_is_in_with_its_counts(terminal: Terminal) -> None:
    _, directory = write(terminal.folder, SIZE)
    files = [str(each) for each in sorted(directory.glob("*.csv"))]
    database = terminal.environment["WRAPAROUND_DATABASE"].replace("plans", "referrals")

    done = terminal.types(
        *("directory", "import", *files, "--district", "d1", "--errors", "found.csv"),
        WRAPAROUND_DATABASE=database,
    )

    assert done.code == 0, done.errors
    assert f"{PARTNERS} organizations, 20 services" in done.out
    assert (terminal.folder / "found.csv").exists()


def a_file(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_files_that_cannot_be_used_are_said_in_one_sentence(terminal: Terminal) -> None:
    folder = terminal.folder
    (folder / "nothing").mkdir()
    broken, _ = write(folder / "broken", SIZE)
    students_file = broken / "Student.xml"
    students_file.write_bytes(students_file.read_bytes()[:-30])
    rejected, _ = write(folder / "rejected", SIZE)
    names = rejected / "Student.xml"
    names.write_text(names.read_text().replace("<FirstName>", "<First>", 7))
    latin = a_file(folder, "latin.csv", "org_id,org_name\n1,Zoë\n".encode("utf-16"))
    empty = a_file(folder, "empty.csv", b"")

    roster, directory = ("roster", "import"), ("directory", "import")
    terminal.types(*roster, "nowhere").refuses("nowhere holds no XML files: name the folder")
    terminal.types(*roster, str(folder / "nothing")).refuses("holds no XML files")
    terminal.types(*roster, latin).refuses("latin.csv holds no XML files: name the folder")
    terminal.types(*roster, str(broken)).refuses("Student.xml: The file is no well-formed XML")
    terminal.types(*roster, str(rejected), "--errors", "nothing").refuses("nothing cannot be")
    terminal.types(*directory, "nowhere.csv", "--district", "d").refuses("nowhere.csv cannot be")
    terminal.types(*directory, str(folder), "--district", "d").refuses("cannot be read: name a")
    days = ("--agreement-from", "2026-09-01")
    terminal.types(*directory, empty, "--district", "d", *days).refuses("An agreement has two days")
    terminal.types(*directory, latin, empty, "--district", "d").refuses("No file of programs")


def test_a_roster_of_which_a_fifth_is_rejected_is_refused(terminal: Terminal) -> None:
    roster, _ = write(terminal.folder, SIZE)
    path = roster / "Student.xml"
    path.write_text(path.read_text().replace("FirstName>", "First>", 14))

    terminal.types("roster", "import", str(roster)).refuses(
        "Student.xml: 7 of 30 rows are rejected, more than 20%. Mend the rows named"
    )


def test_servers_that_are_away_and_settings_that_are_missing_are_said_in_one_sentence(
    terminal: Terminal,
) -> None:
    roster, directory = write(terminal.folder, SIZE)
    files = [str(each) for each in directory.glob("*.csv")]
    away = {"MONGO_URL": f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"}

    terminal.types("roster", "import", str(roster), **away).refuses("check MONGO_URL")
    terminal.types("directory", "import", *files, "--district", "d", **away).refuses("MONGO_URL")
    terminal.types("dead-letters", "list", "plans", **away).refuses("check MONGO_URL")
    terminal.types("rewrap-keys", MONGO_URL="127.0.0.1:27017").refuses("MONGO_URL cannot be used")
    terminal.types("rewrap-keys", WRAPAROUND_LEDGER_KEY="").refuses("WRAPAROUND_LEDGER_KEY is not")
    terminal.types("rebuild", "plans.cases", KAFKA_SERVERS=f"127.0.0.1:{free_port()}").refuses(
        "KAFKA_SERVERS"
    )


def test_what_stands_well_is_said_so(terminal: Terminal) -> None:
    assert terminal.types("dead-letters", "list", "plans").out == "Nothing is parked."
    assert terminal.types("dead-letters", "replay", "plans").out == "0 done, 0 left."
    assert terminal.types("dead-letters", "resume", "plans").code == 0
    assert "0 not as written." in terminal.types("disclosures", "verify", "--all").out
    assert "keys were wrapped anew." in terminal.types("rewrap-keys").out
    assert "documents." in terminal.types("rebuild", "plans.cases").out


def test_what_is_not_there_is_said_by_its_name(terminal: Terminal) -> None:
    terminal.types("dead-letters", "list", "plants").refuses("There is no service plants")
    terminal.types("dead-letters", "show", "plans", "nothing").refuses("nothing is parked")
    terminal.types("rebuild", "plans.students").refuses("students")
    terminal.types("disclosures", "verify", "nobody").refuses("no ledger of this student")
    given = ("--by", "Nora", "--reason", "an old event")
    said = terminal.types("dead-letters", "discard", "plans", "nothing", *given, answers=("y",))
    assert (said.code, "Traceback" in said.errors) == (2, False)
