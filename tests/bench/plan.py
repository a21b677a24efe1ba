"""How much is measured: enough to tell, in ten minutes; or a little, to see that all of it runs."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Sizes of one run of the benchmark."""

    repetitions: int = 3
    families: int = 7  # times the town: few needs are about the same student
    students: int = 1_200
    needs: int = 1_200
    # The baseline is slow: fewer needs take it as long, and its rate does not change with their
    # number.
    naive_students: int = 80
    naive_needs: int = 120
    paced: tuple[int, ...] = (50, 250, 500)  # events a second
    paced_seconds: float = 10.0
    # only with FULL=1
    pages: str = "M"  # the size at which pages are looked at
    page_visits: int = 100


USUAL: Final = Plan()
QUICK: Final = Plan(
    repetitions=2,
    families=1,
    students=40,
    needs=60,
    naive_students=10,
    naive_needs=20,
    paced=(50,),
    paced_seconds=3.0,
    pages="town",
    page_visits=20,
)
"""Its figures mean nothing."""
