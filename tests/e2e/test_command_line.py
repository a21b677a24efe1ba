"""`wraparound …` as operators type it: each a process of its own, on real servers."""

import re
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.ports import free_port
from tests.bench.large_district import Size, write
from tests.e2e.terminals import Terminal, environment, terminal, topics
from tests.servers import Client, Databases

__all__ = ["environment", "terminal", "topics"]
SIZE = Size(students=30, services=20)
PARTNERS = 5


def test_a_missing_word_is_said_by_its_name(terminal: Terminal) -> None:
    said = terminal.types("users", "add", "nora.h", "--name", "Nora", "--role", "case_manager")

    assert said.code == 2
    assert "Missing option '--district'" in said.errors
    assert "Traceback" not in said.errors


def test_a_roster_is_in_and_the_same_again_changes_nothing(
    terminal: Terminal, mongo_client: Client
) -> None:
    roster, _ = write(terminal.folder, SIZE)

    done = terminal.imports(roster)
    states = students(mongo_client, terminal)
    again = terminal.imports(roster, "--errors", "found.csv")

    assert (done.code, again.code) == (0, 0), done.errors + again.errors
    assert "30 students and 1 schools are in." in done.out
    assert len(states) == SIZE.students
    assert students(mongo_client, terminal) == states
    assert (terminal.folder / "found.csv").read_text().startswith("file,line,column,code")


def test_a_roster_that_lacks_more_than_a_tenth_changes_nothing(
    terminal: Terminal, mongo_client: Client
) -> None:
    roster, _ = write(terminal.folder / "all", SIZE)
    assert terminal.imports(roster).code == 0
    states = students(mongo_client, terminal)
    fewer, _ = write(terminal.folder / "fewer", Size(students=26, services=1))

    terminal.imports(fewer).refuses("More than 10 %", "Nothing was changed")

    assert students(mongo_client, terminal) == states


def students(client: Client, terminal: Terminal) -> dict[str, int]:
    """The version of each student that is known."""
    found = client[terminal.environment["WRAPAROUND_DATABASE"]].students.find()
    return {row["_id"]: row["version"] for row in found}


def test_a_directory_is_in_with_its_counts(
    terminal: Terminal, mongo_client: Client, databases: Databases
) -> None:
    _, directory = write(terminal.folder, SIZE)
    files = [str(each) for each in sorted(directory.glob("*.csv"))]
    database = databases("referrals")

    done = terminal.types(
        *("directory", "import", *files, "--district", "d1", "--errors", "found.csv"),
        WRAPAROUND_DATABASE=database,
    )

    assert done.code == 0, done.errors
    assert f"{PARTNERS} organizations, 20 services" in done.out
    assert (terminal.folder / "found.csv").exists()
    assert "None of these came with an agreement" in done.out
    assert "No district d1 is known here yet" in done.out

    days = ("--agreement-from", "2026-09-01", "--agreement-until", "2027-06-30")
    mongo_client[database].districts.insert_one({"_id": "d1", "district": "d1"})
    agreed = terminal.types(
        *("directory", "import", *files, "--district", "d1", *days), WRAPAROUND_DATABASE=database
    )
    listed = terminal.types(
        *("directory", "organizations", "--district", "d1"), WRAPAROUND_DATABASE=database
    )
    assert "None of these came" not in agreed.out
    assert "No district d1" not in agreed.out
    assert (
        len(re.findall(r"[0-9a-f-]{36} .+? \(agreement until 2027-06-30\)", listed.out)) == PARTNERS
    )
    name = re.findall(r"[0-9a-f-]{36} (.+?) \(", listed.out)[0]
    one = ("directory", "organizations", name.upper(), "--district", "d1")
    assert name in terminal.types(*one, WRAPAROUND_DATABASE=database).out
    nobody = ("directory", "organizations", "--district", "d2")
    terminal.types(*nobody, WRAPAROUND_DATABASE=database).refuses("No organization of d2")


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

    terminal.imports(roster).refuses(
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


def test_a_list_that_is_cut_says_how_many_more_there_are(
    terminal: Terminal, mongo_client: Client
) -> None:
    row = {
        "topic": "referrals.referrals.v1",
        "partition": 0,
        "marker": "m",
        "code": "parse",
        "error_class": "",
        "where": "",
        "attempts": 1,
        "parked_at": datetime(2026, 11, 24, tzinfo=UTC),
    }
    parked = mongo_client[terminal.environment["WRAPAROUND_DATABASE"]].parked
    parked.insert_many([row | {"_id": f"row-{n:02}", "offset": n} for n in range(52)])
    said = terminal.types("dead-letters", "list", "plans", COLUMNS="80")

    assert "row-49" in said.out
    assert said.out.endswith("2 more are parked behind these.")


def test_what_is_not_there_is_said_by_its_name(terminal: Terminal) -> None:
    terminal.types("dead-letters", "list", "plants").refuses("There is no service plants")
    terminal.types("dead-letters", "show", "plans", "nothing").refuses("nothing is parked")
    terminal.types("rebuild", "plans.students").refuses("students")
    terminal.types("disclosures", "verify", "nobody").refuses("no ledger of this student")
    given = ("--by", "Nora", "--reason", "an old event")
    said = terminal.types("dead-letters", "discard", "plans", "nothing", *given, answers=("y",))
    assert (said.code, "Traceback" in said.errors) == (2, False)
