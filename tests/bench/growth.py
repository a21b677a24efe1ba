"""What more data costs: the flow after more and more needs of the same students, pages by size."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.bench.figures import Budget, Figure, figure
from tests.bench.flow import Measured, Run
from tests.bench.plan import Plan
from tests.bench.stage import WHOLE, Servers, stage

FLAT: Final = Budget(limit=1.10)  # or the reason why not: docs/explanation/speed.md


async def measure(plan: Plan, on: Servers, folder: Path) -> list[Figure]:
    """The same flood again and again; each brings every student as many needs more."""
    async with stage(WHOLE, on, folder / "growth", families=plan.families) as made:
        run = Run(made)
        await run.warm_up(plan.students)
        floods = [await run.flood(plan.needs) for _ in range(plan.floods_to_grow)]
    return list(of_flow(floods, plan.needs / plan.students))


def of_flow(floods: Sequence[Measured], needs_each: float) -> Iterator[Figure]:
    """The cost of an event, and how the last flood's stands to the first's."""
    for number, each in enumerate(floods, 1):
        name = f"after {number * needs_each:.0f} needs a student"
        yield figure("growth", name, "us/event", [each.cost])
    last = floods[-1].cost / floods[0].cost
    yield figure("growth", "the last against the first", "times", [last], FLAT)


def of_pages(smaller: Sequence[Figure], larger: Sequence[Figure], names: str) -> Iterator[Figure]:
    """How each page of a larger district stands to that of a smaller one."""
    before = {each.name: each for each in smaller if each.group.startswith("pages")}
    for each in larger:
        if each.name in before and each.group.startswith("pages"):
            ratio = each.median / before[each.name].median
            yield figure("growth", f"{each.name}, {names}", "times", [ratio], FLAT)
