"""The demo on a real roster and a real directory: counts, the error file, and one way through."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import paths
from tests.integration.deploy.observed import WITHOUT_GIVEN_SERVERS, nine_free_ports

DATA = Path(os.environ.get("WRAPAROUND_DATA", "../shared/data"))  # noqa: TID251 (names test data)
ROSTER, DIRECTORY = DATA / "roster-edfi", DATA / "directory-vermont"
SECONDS = 400.0

pytestmark = pytest.mark.skipif(
    not (ROSTER.is_dir() and DIRECTORY.is_dir()),
    reason=f"no real files at {DATA.absolute()}: set WRAPAROUND_DATA",
)


@dataclass(frozen=True)
class Played:
    """How the demo went, and what it left."""

    exit_code: int
    said: str
    told: str
    errors: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("given")
    done = subprocess.run(  # noqa: S603 - our own program
        [
            *(*WITHOUT_GIVEN_SERVERS, sys.executable, "-m", "deploy.local.demo", "--check"),
            *("--folder", str(folder), "--port", str(nine_free_ports())),
            *("--roster", str(ROSTER.absolute()), "--directory", str(DIRECTORY.absolute())),
        ],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Played(done.returncode, done.stdout, done.stderr, folder / "import-errors.csv")


def test_a_need_goes_from_its_page_to_the_familys_yes_on_real_files(played: Played) -> None:
    assert played.exit_code == 0, played.told
    result = json.loads(played.said.splitlines()[-1])
    assert (result["steps"], result["failed"]) == (13, 0)


def test_the_counts_and_the_progress_of_both_files_are_told(played: Played) -> None:
    assert "roster: 960 students, 75 usable, 733 without school" in played.told
    assert "653 without mobile or e-mail, 3 warnings, 0 rejected" in played.told
    assert "directory: 147 organizations, 392 services, 85 warnings, 0 rejected" in played.told
    assert "services of the made-up town added for what it lacks" in played.told
    assert "students: 960 of 960" in played.told


def test_the_error_file_says_where_and_why(played: Played) -> None:
    with played.errors.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert f"{len(rows)} remarks stand in {played.errors}" in played.told
    assert all(row["file"] and row["code"] and row["sentence"] for row in rows)
    assert all(int(row["line"]) >= 1 for row in rows)
    with_column = {row["code"] for row in rows if row["column"]}
    assert {"email_unreadable", "cost_unclear"} <= with_column
    codes = Counter(row["code"] for row in rows)
    assert codes["email_unreadable"] == 3
    assert codes["cost_unclear"] == 70
