"""Golden counts on a real directory; codes and counts alone stand here."""

import os
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import DirectoryImport, read_programs
from services.referrals.directory.records import CostKind
from tests.unit.referrals.directory.files import codes, read

DATA = Path(os.environ.get("WRAPAROUND_DATA", "../shared/data"))  # noqa: TID251 (names test data)
DIRECTORY = DATA / "directory-vermont"
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.skipif(
    not DIRECTORY.is_dir(),
    reason=f"no real directory at {DIRECTORY.absolute()}: set WRAPAROUND_DATA",
)


@pytest.fixture(scope="module")
def found() -> DirectoryImport:
    with ExitStack() as stack:
        files = [(each.name, stack.enter_context(each.open("rb"))) for each in DIRECTORY.iterdir()]
        return read_programs(files, DirectoryReading(source="directory-vermont", today=TODAY))


def test_the_real_directory_is_read_whole(found: DirectoryImport) -> None:
    assert (len(read(found).organizations), len(read(found).services)) == (147, 392)
    assert (found.warned, found.rejected) == (85, 0)


def test_its_odd_cells_are_found(found: DirectoryImport) -> None:
    assert Counter(codes(found)) == {
        "age_unreadable": 5,
        "cost_unclear": 70,
        "grade_unreadable": 1,
        "hours_unreadable": 2,
        "no_directory": 2,
        "type_unmapped": 9,
    }


def test_its_services_have_categories_and_costs(found: DirectoryImport) -> None:
    categories = Counter(each for service in read(found).services for each in service.categories)
    costs = Counter(each.cost.kind for each in read(found).services)

    assert (categories["enrich.summer"], categories["enrich.after-school"]) == (382, 10)
    assert (categories["enrich.sports"], categories["enrich.tutoring"]) == (157, 11)
    assert costs == {CostKind.AMOUNT: 200, CostKind.FREE: 10, CostKind.UNKNOWN: 182}


def test_what_it_does_not_say_stays_unknown(found: DirectoryImport) -> None:
    services = read(found).services

    assert sum(each.age_min is None and each.grade_min is None for each in services) == 74
    assert sum(not each.areas for each in services) == 64
    assert not any(each.languages for each in services)


def test_its_dates_are_ahead_of_today(found: DirectoryImport) -> None:
    dated = [each.schedule.ends_on for each in read(found).services if each.schedule.ends_on]

    assert len(dated) == 257
    assert min(dated) >= TODAY
