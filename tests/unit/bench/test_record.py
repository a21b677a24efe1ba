import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bench.figures import figure, from_row
from tests.bench.record import Conditions, keep

NOW = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
FIGURES = [figure("ranking", "one need", "us", [900, 800])]


def some_conditions(at: datetime = NOW) -> Conditions:
    return Conditions(at=at, commit="0123456789abcdef", is_changed=False, processors=2, load=0.1)


def test_a_run_says_when_and_of_what_it_was(tmp_path: Path) -> None:
    kept = json.loads(keep(tmp_path, "bench", some_conditions(), FIGURES).read_text())

    assert kept["conditions"]["at"] == "2026-10-01T08:30:00+00:00"
    assert kept["conditions"]["commit"] == "0123456789abcdef"
    assert [from_row(each) for each in kept["figures"]] == FIGURES


def test_no_run_takes_the_place_of_another(tmp_path: Path) -> None:
    keep(tmp_path, "bench", some_conditions(), FIGURES)
    keep(tmp_path, "bench", some_conditions(NOW + timedelta(milliseconds=1)), FIGURES)

    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(FileExistsError):
        keep(tmp_path, "bench", some_conditions(), FIGURES)
