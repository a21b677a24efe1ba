"""How long one need takes to be ranked over 4,089 services, with reasons.

Part of `make bench`; alone: `python -m tests.bench.ranking`. Budget: 3 ms
must, 500 us aim.
"""

import random
import sys
from statistics import median, quantiles
from time import perf_counter
from typing import Final

from services.referrals.domain.index import Directory
from services.referrals.domain.matching import Circumstances, rank
from services.referrals.domain.rules import Asked
from services.referrals.domain.seat_book import SeatBook
from tests.bench.figures import Budget, Figure, figure
from tests.bench.plan import USUAL
from tests.bench.report import table
from tests.unit.referrals.builders import TODAY, TUTORING, a_directory, a_service, an_asked, seats

SERVICES: Final = 4_089
WITH_FIGURES: Final = 3_000
ROUNDS: Final = 20
MUST: Final = Budget(limit=3_000.0)  # microseconds
MICROSECONDS: Final = 1_000_000


def a_large_directory(rng: random.Random) -> Directory:
    """Every service of one category: the worst that a directory of this size can be."""
    return a_directory(
        *(
            a_service(
                f"s{n:05}",
                organization_id=f"o{n % 400}",
                categories=(TUTORING,),
                interests=tuple(rng.sample(["arts", "music", "sports"], rng.randint(0, 2))),
                grade_min=rng.choice([None, 0, 3]),
                grade_max=rng.choice([5, 8]),
                areas=(rng.choice(["harbor", "hill", "east"]),),
                languages=rng.choice([(), ("en",), ("en", "es")]),
                cost_kind=rng.choice(["free", "amount", "unknown"]),
                cents_a_week=rng.choice([1_000, 20_000]),
            )
            for n in range(SERVICES)
        )
    )


def some_needs() -> list[Asked]:
    """Needs that differ in what the rules look at."""
    return [
        an_asked(grade=grade, area=area, interests=("arts", "music"), cost_limit=("free", None))
        for grade in range(9)
        for area in ("harbor", "hill", "east")
    ]


def measure() -> tuple[float, float, float]:
    """Seconds per need: median and p95 once rule values are known, and the first of all."""
    rng = random.Random(7)
    directory = a_large_directory(rng)
    book = SeatBook(
        seats={
            each.service.service_id: seats(
                each.service.service_id,
                maximum=10,
                occupied_outside=rng.randint(0, 10),
                updated_on=TODAY,
            )
            for each in directory.offerings[:WITH_FIGURES]
        }
    )
    around = Circumstances(seats=book, covered=frozenset({"o3"}))
    needs = some_needs()
    spent = []
    for each in needs * (ROUNDS + 1):
        started = perf_counter()
        rank(directory, each, around)
        spent.append(perf_counter() - started)
    known = spent[len(needs) :]
    return median(known), quantiles(known, n=20)[-1], spent[0]


def figures(repetitions: int) -> list[Figure]:
    """Each measurement with a directory of its own, whose rule values are not known yet."""
    found = [[each * MICROSECONDS for each in measure()] for _ in range(repetitions)]
    median_of, slow, first = zip(*found, strict=True)
    what = f"a need over {SERVICES:,} services"
    return [
        figure("ranking", f"{what}, median", "us", median_of, MUST),
        figure("ranking", f"{what}, p95", "us", slow),
        figure("ranking", f"{what}, the first", "us", first),
    ]


if __name__ == "__main__":
    found = figures(USUAL.repetitions)
    sys.stdout.write("\n".join(table(found)) + "\n")
    sys.exit(any(each.is_missed for each in found))
