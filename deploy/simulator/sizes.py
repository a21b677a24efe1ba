"""How large a made-up district is."""

from dataclasses import dataclass
from typing import Final

SCHOOL_DAYS: Final = 180  # of a year


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a district has, and how many needs are written in a school year."""

    students: int
    needs_a_year: int
    organizations: int
    services: int

    @property
    def needs_a_day(self) -> float:
        """On the average of school days."""
        return self.needs_a_year / SCHOOL_DAYS


SIZES: Final = {
    "town": Size(students=300, needs_a_year=2_600, organizations=60, services=140),
    "S": Size(students=3_091, needs_a_year=27_000, organizations=200, services=600),
    "M": Size(students=26_000, needs_a_year=200_000, organizations=1_000, services=4_000),
    "L": Size(students=76_000, needs_a_year=670_000, organizations=2_500, services=10_000),
}
