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
    pairs: int = 4  # of floods, where two revisions are compared
    # only with FULL=1
    pages: tuple[str, ...] = ("S", "M")  # sizes at which pages are looked at
    page_visits: int = 100
    steady: int = 100  # events a second before a burst
    burst: int = 10  # times as many
    burst_seconds: float = 60.0
    processes: tuple[int, ...] = (1, 2, 3)  # of each service
    floods_to_grow: int = 6
    sizes_to_grow: tuple[str, ...] = ("S", "M")  # of districts, new and after a year
    import_students: int = 76_000
    import_services: int = 4_089


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
    pairs=2,
    pages=("town",),
    page_visits=20,
    steady=20,
    burst_seconds=3.0,
    processes=(1, 2),
    floods_to_grow=2,
    sizes_to_grow=("town",),
    import_students=300,
    import_services=40,
)
"""Its figures mean nothing."""
