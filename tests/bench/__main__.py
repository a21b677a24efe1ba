"""`make bench`: the whole flow against a naive baseline, on the same servers in one run.

Prints a table, writes all figures to a file of its own in `var/bench`, and ends with one line such
as `whole flow: 31.2 × naive`. The exit code is 1 where a budget of architecture.md 8 is missed.
`--quick` runs all of it with so little that the figures mean nothing.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from deploy.local import install, places
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
from services.chassis.settings import real_time
from tests.bench import ranking, record, report
from tests.bench.figures import Figure
from tests.bench.plan import QUICK, USUAL, Plan
from tests.bench.stage import servers
from tests.bench.turns import measure

FOLDER: Final = places.VAR / "bench"


def usual(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """What `make bench` measures."""
    yield from ranking.figures(plan.repetitions)
    with servers(scratch) as on:
        yield from asyncio.run(measure(plan, on, scratch)).figures()


def main(arguments: Sequence[str]) -> int:
    """Measure, keep, say."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true", help="so little that figures mean nothing")
    asked = parser.parse_args(arguments)
    install.install(Given())
    FOLDER.mkdir(parents=True, exist_ok=True)
    under = record.conditions(real_time())
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        figures = list(usual(QUICK if asked.quick else USUAL, Path(scratch)))
    kept = record.keep(FOLDER, "quick" if asked.quick else "bench", under, figures)
    for line in (
        *report.table(figures),
        f"kept in {kept.relative_to(places.ROOT)}",
        *report.verdict(figures),
        *report.last_line(figures),
    ):
        sys.stdout.write(line + "\n")
    return 1 if any(each.is_missed for each in figures) else 0


if __name__ == "__main__":
    with said_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
