"""`make bench`: the whole flow against a naive baseline, on the same servers in one run.

Prints a table, writes all figures to a file of its own in `var/bench`, and ends with one line such
as `whole flow: 31.2 × naive`. The exit code is 1 where a budget is missed.
`--full` runs all parts, `--parts` some, `--compare` another revision beside this one; `--quick`
runs them with so little that the figures mean nothing.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy.local import install, paths
from deploy.local.failure import Failure, said_in_one_sentence
from deploy.local.given import Given
from deploy.simulator.sizes import SIZES
from services.chassis.settings import real_time
from tests.bench import (
    burst,
    compare,
    growth,
    imports,
    pages,
    profile,
    ranking,
    record,
    recovery,
    report,
    scaling,
)
from tests.bench.figures import Figure
from tests.bench.large_district import Size
from tests.bench.plan import QUICK, USUAL, Plan
from tests.bench.stage import servers
from tests.bench.turns import measure

FOLDER: Final = paths.VAR / "bench"
Part = Callable[[Plan, Path], Iterator[Figure]]


def usual(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """What `make bench` measures."""
    yield from ranking.figures(plan.repetitions)
    with servers(scratch / "flow") as on:
        yield from asyncio.run(measure(plan, on, scratch / "flow")).figures()


def at_sizes(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """Pages of districts with a year behind them; and how they grow from the first to the last."""
    found: dict[str, list[Figure]] = {}
    for name in plan.pages:
        with servers(scratch / f"pages-{name}") as on:
            found[name] = list(pages.figures(SIZES[name], name, on, scratch, plan=plan))
        yield from found[name]
    smallest, *larger = plan.pages
    for name in larger:
        yield from growth.of_pages(found[smallest], found[name], f"{name} against {smallest}")


def grown(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """The flow with more and more data."""
    with servers(scratch / "growth") as on:
        yield from asyncio.run(growth.measure(plan, on, scratch))


def districts(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """The flow in districts of several sizes, new and after a year."""
    with servers(scratch / "districts") as on:
        yield from growth.by_size(plan, on, scratch)


def under_burst(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """A burst, on servers of its own: what ran before would count as memory."""
    with servers(scratch / "burst") as on:
        yield from asyncio.run(burst.measure(plan, on, scratch))


def scaled(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """One, two and three processes of each service, and a rebuild."""
    with servers(scratch / "scaling") as on:
        yield from asyncio.run(scaling.measure(plan, on, scratch))


def imported(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """A large roster and a large directory."""
    size = Size(students=plan.import_students, services=plan.import_services)
    with servers(scratch / "imports") as on:
        given = Given(kafka_servers=on.kafka.servers, mongo_url=on.mongo.url)
        yield from imports.figures(size, given, scratch / "files")


def compared(revision: str) -> Part:
    """This tree against another revision."""

    def part(plan: Plan, scratch: Path) -> Iterator[Figure]:
        with servers(scratch / "compare") as on:
            yield from asyncio.run(compare.measure(plan, revision, on, scratch)).figures()

    return part


def profiled(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """Where the processor's time goes."""
    with servers(scratch / "profile") as on:
        yield from asyncio.run(profile.measure(plan, on, scratch, FOLDER))


def recovered(plan: Plan, scratch: Path) -> Iterator[Figure]:
    """How soon work goes on after a server was killed."""
    with servers(scratch / "recovery") as on:
        yield from asyncio.run(recovery.measure(plan, on, scratch))


PARTS: Final[Mapping[str, Part]] = {
    "flow": usual,
    "burst": under_burst,
    "scaling": scaled,
    "imports": imported,
    "growth": grown,
    "districts": districts,
    "recovery": recovered,
    "profile": profiled,
    "pages": at_sizes,
}
USUAL_PARTS: Final = ("flow",)


def main(arguments: Sequence[str]) -> int:
    """Measure, keep, say."""
    asked = options(arguments)
    install.install(Given())
    FOLDER.mkdir(parents=True, exist_ok=True)
    under = record.conditions(real_time())
    figures: list[Figure] = []
    chosen, plan = parts_of(asked), plan_of(asked)
    try:
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            for part in chosen.values():
                figures += part(plan, Path(scratch))
    finally:  # an hour of figures is not lost with the part that fails
        what = ("quick-" if asked.quick else "") + "-".join(chosen)
        kept = record.keep(FOLDER, what, under, figures)
        say(figures, f"kept in {kept.relative_to(paths.ROOT)}")
    return 1 if any(each.is_missed for each in figures) else 0


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true", help="so little that figures mean nothing")
    parser.add_argument("--full", action="store_true", help="all parts, about an hour")
    parser.add_argument("--parts", default="", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--compare", default="", help="a revision to be held against, alone")
    parser.add_argument("--sizes", default="", help=f"of districts: some of {', '.join(SIZES)}")
    return parser.parse_args(arguments)


def plan_of(asked: argparse.Namespace) -> Plan:
    """How much is to be measured.

    Raises:
        Failure: there is no such size.
    """
    plan = QUICK if asked.quick else USUAL
    if not asked.sizes:
        return plan
    sizes = tuple(asked.sizes.split(","))
    if unknown := [each for each in sizes if each not in SIZES]:
        raise Failure(f"There is no size {unknown[0]}: name some of {', '.join(SIZES)}.")
    return replace(plan, pages=sizes, sizes_to_grow=sizes)


def parts_of(asked: argparse.Namespace) -> dict[str, Part]:
    """What is to be measured.

    Raises:
        Failure: there is no such part.
    """
    if asked.compare:
        return {"compare": compared(asked.compare)}
    if unknown := [each for each in asked.parts.split(",") if each and each not in PARTS]:
        raise Failure(f"There is no part {unknown[0]}: name some of {', '.join(PARTS)}.")
    chosen = asked.parts.split(",") if asked.parts else PARTS if asked.full else USUAL_PARTS
    return {each: PARTS[each] for each in chosen}


def say(figures: Sequence[Figure], kept: str) -> None:
    """The table, what is missed, and the lines that count."""
    for line in (
        *report.table(figures),
        kept,
        *report.verdict(figures),
        *compare.last_line(figures),
        *report.last_line(figures),
    ):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    with said_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
