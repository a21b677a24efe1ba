"""What a demo is filled with when somebody gives files of their own: small made-up ones here."""

import csv
from datetime import date
from pathlib import Path

import pytest

from deploy.local.failure import Failure
from deploy.local.story.sources import TOWN, Filling, filling
from services.plans.roster.records import StaffRole
from services.plans.translating import Source
from tests.bench.large_district import Size, write

TODAY = date(2028, 11, 15)  # two school years after that of the files
SUMMER = date(2028, 8, 10)
SIZE = Size(students=40, services=12)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    roster, directory = write(tmp_path_factory.mktemp("files"), SIZE)
    return str(roster), str(directory)


def areas(folder: Path, *rows: tuple[str, str, str]) -> str:
    path = folder / "areas.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("zone", "zip", "town"), *rows])
    return str(path)


def zips(people: Source) -> set[str]:
    return {each.zip for each in people.roster.contacts if each.zip}


def areas_served(filled: Filling, source: str) -> set[tuple[str, ...]]:
    return {s.areas for each in filled.partners if each.source == source for s in each.services}


def test_sessions_and_programs_of_past_years_lie_next_to_today_and_a_banner_says_so(
    files: tuple[str, str],
) -> None:
    filled = filling(TODAY, roster=files[0], directory=files[1])

    (session,) = filled.people.roster.sessions
    assert (session.begins_on, session.ends_on) == (date(2028, 9, 2), date(2029, 6, 18))
    assert filled.clock_start is None
    assert "Session and birth dates of this roster were moved forward by 2 years." in filled.notice
    assert "The dates of 12 past programs were moved forward by whole years." in filled.notice


def test_out_of_session_the_clock_starts_on_the_twentieth_day_of_school(
    files: tuple[str, str],
) -> None:
    filled = filling(SUMMER, roster=files[0])

    assert filled.clock_start == date(2028, 9, 29)
    assert "School is out today, so the clock starts on 2028-09-29." in filled.notice


def test_every_school_of_a_roster_has_a_case_manager(files: tuple[str, str]) -> None:
    filled = filling(TODAY, roster=files[0])

    managers = [each for each in filled.people.staff if each.role is StaffRole.CASE_MANAGER]
    schools = {each.source_id for each in filled.people.roster.schools}
    assert {school for each in managers for school in each.school_source_ids} == schools


def test_what_a_directory_lacks_comes_from_the_made_up_town(files: tuple[str, str]) -> None:
    given, added = filling(TODAY, directory=files[1]).partners

    covered = {code for each in given.services for code in each.categories}
    lacking = {code for each in added.services for code in each.categories}
    assert len(given.services) == SIZE.services
    assert added.source == TOWN
    assert "health.dental" in lacking - covered
    assert not covered & lacking
    assert {each.organization_source_id for each in given.coordinators} == {
        each.source_id for each in given.organizations
    }


def test_areas_are_not_known_unless_a_file_gives_them(files: tuple[str, str]) -> None:
    filled = filling(TODAY, roster=files[0], directory=files[1])

    assert filled.people.zones == ()
    assert {areas for each in filled.partners for areas in areas_served(filled, each.source)} == {
        ()
    }


def test_a_file_of_areas_places_families_and_services(
    files: tuple[str, str], tmp_path: Path
) -> None:
    some_zip = min(zips(filling(TODAY, roster=files[0]).people))
    path = areas(tmp_path, ("north", some_zip, "Harbor"), ("south", "", "Hill"))

    filled = filling(TODAY, roster=files[0], directory=files[1], areas=path)

    zones = {each.source_id: each.zips for each in filled.people.zones}
    assert zones == {"north": (some_zip,), "south": ()}
    assert areas_served(filled, "given-directory") == {("north",), ("south",), ()}
    assert areas_served(filled, TOWN) == {("north", "south")}


def test_the_town_alone_moves_nothing_and_has_areas_of_its_own() -> None:
    filled = filling(TODAY)

    assert (filled.notice, filled.counts, filled.reports) == ("", (), ())
    assert filled.people.zones


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"roster": "no-such-folder"}, "ROSTER=no-such-folder holds no XML files: name the folder"),
        ({"directory": "no-such"}, "DIRECTORY=no-such holds no CSV files: name the folder"),
        ({"areas": "areas.csv"}, "AREAS=areas.csv goes with ROSTER or DIRECTORY: name one"),
        ({"roster": __file__}, "holds no XML files: name the folder"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(Failure) as said:
        filling(TODAY, **given)

    assert sentence in str(said.value)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"zone,zip\nnorth,1\n", "needs the columns zone, zip, town."),
        (b"\xff\xfe\x00z", "cannot be read: name a CSV file in UTF-8."),
        (b"", "needs the columns zone, zip, town."),
    ],
)
def test_a_file_of_areas_that_cannot_be_used_is_said_in_one_sentence(
    files: tuple[str, str], tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "areas.csv"
    path.write_bytes(content)

    with pytest.raises(Failure) as said:
        filling(TODAY, directory=files[1], areas=str(path))

    assert str(said.value) == f"AREAS={path} {sentence}"


@pytest.mark.parametrize("file", ["Student.xml", "Contact.xml"])
def test_a_roster_that_breaks_off_is_refused_with_its_file_and_line(
    tmp_path: Path, file: str
) -> None:
    roster, _ = write(tmp_path, SIZE)
    path = roster / file
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(Failure, match=f"^ROSTER=.* cannot be used: {file}: .* \\(line \\d+\\)"):
        filling(TODAY, roster=str(roster))
