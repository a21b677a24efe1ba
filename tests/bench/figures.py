"""What was measured, each thing several times: its middle, its spread, and what it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

CLOSE: Final = 1e-9  # a figure that stands at its budget keeps it


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The worst that a figure may be; `is_floor` where more is better."""

    limit: float
    is_floor: bool = False

    def is_kept(self, value: float) -> bool:
        """Whether a value is as good as it must be."""
        over = value - self.limit
        return over >= -CLOSE if self.is_floor else over <= CLOSE


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing that was measured; `values` in the order in which they were taken."""

    group: str
    name: str
    unit: str
    values: tuple[float, ...]
    budget: Budget | None = None

    @property
    def median(self) -> float:
        """The middle of its values."""
        return median(self.values)

    @property
    def least(self) -> float:
        """The smallest of its values."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The largest of its values."""
        return max(self.values)

    @property
    def is_missed(self) -> bool:
        """Whether the middle is worse than its budget."""
        return self.budget is not None and not self.budget.is_kept(self.median)


def figure(
    group: str, name: str, unit: str, values: Sequence[float], budget: Budget | None = None
) -> Figure:
    """A figure of what was measured, once or several times."""
    return Figure(group=group, name=name, unit=unit, values=tuple(values), budget=budget)


def in_pairs(of: Sequence[float], to: Sequence[float]) -> tuple[float, ...]:
    """The ratio of each pair of neighbours, so that a machine that slows down slows both.

    Raises:
        ValueError: there are more of one than of the other.
    """
    return tuple(one / other for one, other in zip(of, to, strict=True))


def to_row(each: Figure) -> dict[str, Any]:
    """A figure for a machine to read."""
    budget = each.budget
    return {
        "group": each.group,
        "name": each.name,
        "unit": each.unit,
        "median": rounded(each.median),
        "least": rounded(each.least),
        "most": rounded(each.most),
        "values": [rounded(value) for value in each.values],
        **({"at_least" if budget.is_floor else "at_most": budget.limit} if budget else {}),
    }


def from_row(row: dict[str, Any]) -> Figure:
    """What `to_row` wrote."""
    budget = None
    if "at_most" in row:
        budget = Budget(limit=row["at_most"])
    elif "at_least" in row:
        budget = Budget(limit=row["at_least"], is_floor=True)
    return figure(row["group"], row["name"], row["unit"], row["values"], budget)


def rounded(value: float) -> float:
    """Three digits that count; whole above a thousand."""
    return round(value) if abs(value) >= 1_000 else float(f"{value:.3g}")
