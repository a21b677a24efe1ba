"""`wraparound roster import` and `disclosures verify`, as operators type them."""

import os
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from services.plans.cli import disclosures, district, roster
from tests.servers import Client, Databases
from tests.settings import KEY
from tests.unit.plans.roster import files

INTERCHANGES = (
    files.a_file("InterchangeEducationOrganization", files.DISTRICT, files.a_school()),
    files.a_file("InterchangeStudent", files.a_student(), files.a_student("s2")),
    files.a_file("InterchangeContact", files.a_contact()),
    files.a_file("InterchangeStudentEnrollment", files.an_enrolment()),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in INTERCHANGES:
        (tmp_path / name).write_bytes(text.getvalue())
    return tmp_path


@pytest.fixture
def environment(
    kafka_servers: str, mongo_url: str, unique: str, databases: Databases
) -> dict[str, str]:
    return {
        "KAFKA_SERVERS": kafka_servers,
        "MONGO_URL": mongo_url,
        "WRAPAROUND_DATABASE": databases("plans"),
        "WRAPAROUND_PLATFORM_DATABASE": databases("platform"),
        "WRAPAROUND_TOPIC_PREFIX": f"{unique}.",
        "WRAPAROUND_PUBLIC_URL": "http://127.0.0.1:8000",
        "WRAPAROUND_DEMO": "true",
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"one:{KEY}",
        "WRAPAROUND_PSEUDONYM_KEY": KEY,
        "WRAPAROUND_SEARCH_KEY": KEY,
        "WRAPAROUND_LEDGER_KEY": KEY,
    }


NEW: Final = ("--time-zone", "America/Denver")


def typed(app: object, environment: dict[str, str], *words: str) -> Result:
    return CliRunner(env=environment).invoke(app, list(words))  # type: ignore[arg-type]


def test_a_roster_is_brought_in_with_its_counts(
    environment: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.csv"

    done = typed(roster, environment, "import", str(folder), *NEW, "--errors", str(errors))

    assert done.exit_code == 0, done.output
    assert "2 students" in done.output
    assert "1 without school" in done.output
    assert errors.read_text().startswith("file,line,column,code,sentence")


def test_without_errors_asked_for_no_file_is_written(
    environment: dict[str, str], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (folder / "licence.xml").write_text("Free to use.")

    done = typed(roster, environment, "import", str(folder), "--dry-run")

    assert done.exit_code == 0, done.output
    assert "1 remarks: --errors FILE lists them." in done.output
    assert list(here.iterdir()) == []


def test_a_dry_run_changes_nothing(
    environment: dict[str, str], folder: Path, tmp_path: Path, unique: str, mongo_client: Client
) -> None:
    errors = str(tmp_path / "errors.csv")
    nowhere = environment | {"WRAPAROUND_DATABASE": unique}

    done = typed(roster, nowhere, "import", str(folder), "--errors", errors, "--dry-run")

    assert done.exit_code == 0, done.output
    assert unique not in mongo_client.list_database_names()


def zones(environment: dict[str, str], client: Client) -> set[str]:
    """The time zones of the districts and of the calendars of their schools."""
    stored = client[environment["WRAPAROUND_DATABASE"]]
    return {each["time_zone"] for each in stored.districts.find()} | {
        each["calendar"]["zone"] for each in stored.schools.find()
    }


def test_a_new_district_says_where_its_clocks_are_and_keeps_them(
    environment: dict[str, str], folder: Path, mongo_client: Client
) -> None:
    brings = ("import", str(folder))

    unsaid = typed(roster, environment, *brings)
    said = typed(roster, environment, *brings, *NEW)
    later = typed(roster, environment, *brings)
    other = typed(roster, environment, *brings, "--time-zone", "America/Chicago")
    kept = zones(environment, mongo_client)
    meant = typed(
        roster, environment, *brings, "--time-zone", "America/Chicago", "--change-time-zone"
    )

    assert [each.exit_code for each in (unsaid, said, later, other, meant)] == [2, 0, 0, 2, 0]
    assert "This district is new: say --time-zone" in unsaid.stderr
    assert "The time zone of this district is America/Denver so far" in other.stderr
    assert kept == {"America/Denver"}
    assert zones(environment, mongo_client) == {"America/Chicago"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--time-zone", "Mountain"), "There is no time zone Mountain: name one such as"),
        (("--time-zone", "EST"), "There is no time zone EST"),
        (("--region", "usa"), "There is no country usa"),
        (("--languages", "nowhere.csv"), "nowhere.csv cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_read_in(
    environment: dict[str, str], folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = typed(roster, environment, "import", str(folder), *words)

    assert done.exit_code == 2
    assert sentence in done.stderr


def test_who_speaks_what_comes_from_a_file_beside_the_roster(
    environment: dict[str, str], folder: Path, tmp_path: Path, mongo_client: Client
) -> None:
    spoken = tmp_path / "languages.csv"
    spoken.write_text("who,unique_id,language\nstudent,s1,ht\nstudent,s2,klingon!\n")
    beside = ("--languages", str(spoken))

    done = typed(roster, environment, "import", str(folder), *NEW, *beside)
    spoken.write_text("person,speaks\ns1,ht\n")
    unread = typed(roster, environment, "import", str(folder), *beside)

    assert "languages.csv: 1 of 2 rows are rejected" in done.stderr
    assert done.exit_code == 2
    assert "languages.csv: The header row must name the columns" in unread.stderr
    spoken.write_text("who,unique_id,language\nstudent,s1,ht\n")
    assert typed(roster, environment, "import", str(folder), *NEW, *beside).exit_code == 0
    found = mongo_client[environment["WRAPAROUND_DATABASE"]].students.find()
    assert sorted(each["language"] or "" for each in found) == ["", "ht"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import", "no-such-folder"), "no-such-folder holds no XML files"),
        (("import", "{empty}"), "holds no XML files"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    environment: dict[str, str], tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = typed(roster, environment, *(each.format(empty=tmp_path) for each in words))

    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.output


def test_a_district_says_how_its_offers_go_out(
    environment: dict[str, str], folder: Path, tmp_path: Path, mongo_client: Client
) -> None:
    errors = str(tmp_path / "errors.csv")
    brought = typed(roster, environment, "import", str(folder), *NEW, "--errors", errors)
    known = brought.output.rpartition("District: ")[2].strip()

    done = typed(
        district, environment, "offering", known, "--mode", "automatic", "--no-before-signature"
    )
    unknown = typed(district, environment, "offering", "elsewhere")
    misspelt = typed(district, environment, "offering", known, "--mode", "often")

    assert (done.exit_code, unknown.exit_code, misspelt.exit_code) == (0, 2, 2), done.output
    assert "There is nothing here by that name." in unknown.stderr
    (row,) = mongo_client[environment["WRAPAROUND_DATABASE"]]["districts"].find({"version": 2})
    assert (row["offer_mode"], row["offer_first"]) == ("automatic", False)


def test_a_missing_setting_is_one_sentence(environment: dict[str, str], folder: Path) -> None:
    without = {name: value for name, value in environment.items() if "LEDGER" not in name}
    assert "WRAPAROUND_LEDGER_KEY" not in os.environ  # noqa: TID251 - what this test relies on

    done = typed(roster, without, "import", str(folder))

    assert done.exit_code == 2
    assert "WRAPAROUND_LEDGER_KEY" in done.stderr


def test_ledgers_are_verified_one_by_one_or_all(environment: dict[str, str]) -> None:
    everything = typed(disclosures, environment, "verify", "--all")
    nobody = typed(disclosures, environment, "verify", "somebody")
    unclear = typed(disclosures, environment, "verify")

    assert (everything.exit_code, nobody.exit_code, unclear.exit_code) == (0, 2, 2)
    assert "0 ledgers, 0 entries, 0 not as written" in everything.output
