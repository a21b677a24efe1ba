"""What a partner may see of a need before accepting, and the rule of small cells.

Told in docs/explanation/consent-and-ledger.md, *Before the signature*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from schemas.codes import Category, GradeBand, Insurance, Urgency
from schemas.plans import CostLimit, PreviewFacts, Window

SMALL: Final = 10  # fewer students of one description than this are a small cell
BANDS: Final[tuple[tuple[int, GradeBand, GradeBand], ...]] = (  # last grade, band, widened
    (2, "PK-2", "PK-5"),
    (5, "3-5", "PK-5"),
    (8, "6-8", "6-12"),
    (12, "9-12", "6-12"),
)
DESCRIBED: Final = ("health", "counsel")  # families of categories with age and insurance


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How many students of the district share a description, the student included."""

    in_zone: int  # zone, band and language
    in_district: int  # band and language


@dataclass(frozen=True)
class Cells:
    """The cell of each student that a batch writes a need for."""

    by_student: Mapping[str, Cell]

    def of(self, student_id: str) -> Cell:
        """A student's cell; one that nobody counted is small."""
        return self.by_student.get(student_id, Cell(in_zone=0, in_district=0))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What of a need and its student a Preview may say."""

    category: Category
    urgency: Urgency
    grade: int | None = None
    language: str | None = None
    area: str | None = None
    windows: tuple[Window, ...] = ()
    transport_needed: bool | None = None
    cost_limit: CostLimit | None = None
    age_years: int | None = None
    insurance: Insurance | None = None


def band_of(grade: int | None) -> GradeBand | None:
    """The grade band of a grade."""
    return next((band for last, band, _ in BANDS if grade is not None and grade <= last), None)


def widened(grade: int | None) -> GradeBand | None:
    """The wider band that a small cell is hidden in."""
    return next((wide for last, _, wide in BANDS if grade is not None and grade <= last), None)


def preview(asked: Asked, cell: Cell) -> PreviewFacts:
    """A Preview in which no child stands alone: first the zone goes, then the band widens."""
    is_small = cell.in_zone < SMALL
    shown = replace(asked, area=None, age_years=None, insurance=None) if is_small else asked
    describes = asked.category.split(".")[0] in DESCRIBED
    hides_band = is_small and cell.in_district < SMALL
    return PreviewFacts(
        category=shown.category,
        urgency=shown.urgency,
        grade_band=widened(shown.grade) if hides_band else band_of(shown.grade),
        language=shown.language,
        zone=shown.area,
        windows=shown.windows,
        transport_needed=shown.transport_needed,
        cost_limit=shown.cost_limit,
        age_years=shown.age_years if describes else None,
        insurance=shown.insurance if describes else None,
    )
