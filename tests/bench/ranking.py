"""How long one need takes to be ranked over 4,089 services, with reasons.

Run `python -m tests.bench.ranking`. Budget of architecture.md 8: 3 ms must, 500 us aim.
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
from tests.unit.referrals.builders import TODAY, TUTORING, a_directory, a_service, an_asked, seats

SERVICES: Final = 4_089
WITH_FIGURES: Final = 3_000
ROUNDS: Final = 20
MUST: Final = 0.003  # seconds


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


if __name__ == "__main__":
    middle, slow, first = (each * 1e6 for each in measure())
    sys.stdout.write(f"ranking: median {middle:.0f} us, p95 {slow:.0f} us, first {first:.0f} us\n")
    sys.exit(middle > MUST * 1e6)
