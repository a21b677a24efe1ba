"""Previews in which no child stands alone."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.plans.domain.previews import SMALL, Asked, Cell, Cells, band_of, preview, widened

ASKED = Asked(
    category="health.dental",
    urgency="routine",
    grade=3,
    language="ht",
    area="harbor",
    age_years=8,
    insurance="none",
    transport_needed=True,
)
LARGE = Cell(in_zone=SMALL, in_district=SMALL)


@pytest.mark.parametrize(
    ("grade", "band", "wide"),
    [
        (-1, "PK-2", "PK-5"),
        (2, "PK-2", "PK-5"),
        (3, "3-5", "PK-5"),
        (6, "6-8", "6-12"),
        (12, "9-12", "6-12"),
        (None, None, None),
    ],
)
def test_grades_stand_in_bands(grade: Any, band: Any, wide: Any) -> None:
    assert (band_of(grade), widened(grade)) == (band, wide)


@pytest.mark.parametrize(
    ("cell", "zone", "band", "age"),
    [
        (LARGE, "harbor", "3-5", 8),
        (Cell(in_zone=SMALL - 1, in_district=SMALL), None, "3-5", None),
        (Cell(in_zone=1, in_district=SMALL - 1), None, "PK-5", None),
    ],
)
def test_a_small_cell_loses_its_zone_then_its_band_widens(
    cell: Cell, zone: Any, band: str, age: Any
) -> None:
    shown = preview(ASKED, cell)

    assert (shown.zone, shown.grade_band, shown.age_years) == (zone, band, age)
    assert shown.transport_needed is True


def test_age_and_insurance_are_told_for_health_and_counseling_alone() -> None:
    tutoring = preview(replace(ASKED, category="enrich.tutoring"), LARGE)

    assert (tutoring.age_years, tutoring.insurance) == (None, None)
    assert preview(ASKED, LARGE).insurance == "none"


def test_a_student_whom_nobody_counted_stands_in_a_small_cell() -> None:
    assert preview(ASKED, Cells({}).of("somebody")).zone is None


@given(in_zone=st.integers(0, 40), beside=st.integers(0, 40), grade=st.integers(-1, 12))
def test_whoever_sees_a_zone_sees_ten_children_or_more(
    in_zone: int, beside: int, grade: int
) -> None:
    cell = Cell(in_zone=in_zone, in_district=in_zone + beside)

    shown = preview(replace(ASKED, grade=grade), cell)

    assert (shown.zone is None) is (in_zone < SMALL)
    is_wide = shown.grade_band in {"PK-5", "6-12"}
    assert is_wide is (in_zone + beside < SMALL)
