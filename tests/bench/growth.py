"""What more data costs: more and more needs of the same students; districts by size, new and after
a year; pages by size.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy.local.ports import free_port
from deploy.simulator.sizes import SIZES, Size
from deploy.simulator.state.fill import Written, fill
from deploy.simulator.world import settings_of
from services.chassis.settings import real_time
from tests.bench.figures import Budget, Figure, figure
from tests.bench.flow import Measured, Run
from tests.bench.pages import SEED, told
from tests.bench.plan import Plan
from tests.bench.stage import WHOLE, Scene, Servers, drop, environment, stage

FLAT: Final = Budget(limit=1.10)  # or the reason why not: docs/explanation/speed.md


async def measure(plan: Plan, on: Servers, folder: Path) -> list[Figure]:
    """The same flood again and again; each brings every student as many needs more."""
    scene = Scene.town(plan.families)
    floods = await _floods(plan, on, folder / "growth", scene, times=plan.floods_to_grow)
    return list(of_flow(floods, plan.needs / plan.students))


def by_size(plan: Plan, on: Servers, folder: Path) -> Iterator[Figure]:
    """The flood upon districts of several sizes, as they begin and with a year behind them."""
    begun = {name: replace(SIZES[name], needs_a_year=0) for name in plan.sizes_to_grow}
    districts = {f"{name}, new": size for name, size in begun.items()}
    districts |= {f"{name}, after a year": SIZES[name] for name in plan.sizes_to_grow}
    yield from of_districts(
        {
            name: _upon(size, plan, on, folder / re.sub(r"\W+", "-", name))
            for name, size in districts.items()
        }
    )


def _upon(size: Size, plan: Plan, on: Servers, folder: Path) -> list[Measured]:
    settings = settings_of(environment(on, folder, "growth.", free_port()))
    try:
        written = fill(size, settings, today=real_time(), seed=SEED, say=told)
        return asyncio.run(_after(written, plan, on, folder))
    finally:
        drop(on.mongo.url)


async def _after(written: Written, plan: Plan, on: Servers, folder: Path) -> list[Measured]:
    scene = Scene.standing(plan.students, written.now)
    return await _floods(plan, on, folder, scene, times=plan.repetitions)


async def _floods(
    plan: Plan, on: Servers, folder: Path, scene: Scene, *, times: int
) -> list[Measured]:
    async with stage(WHOLE, on, folder, scene) as made:
        run = Run(made)
        await run.warm_up(plan.students)
        return [await run.flood(plan.needs) for _ in range(times)]


def of_flow(floods: Sequence[Measured], needs_each: float) -> Iterator[Figure]:
    """The cost of an event, and how the last flood's stands to the first's."""
    for number, each in enumerate(floods, 1):
        name = f"after {number * needs_each:.0f} needs a student"
        yield figure("growth", name, "us/event", [each.cost])
    last = floods[-1].cost / floods[0].cost
    yield figure("growth", "the last against the first", "times", [last], FLAT)


def of_districts(floods: Mapping[str, Sequence[Measured]]) -> Iterator[Figure]:
    """The cost of an event by part, and how each district's stands to the first's."""
    first = next(iter(floods.values()))
    for name, measured in floods.items():
        yield figure("growth", f"district {name}", "us/event", [each.cost for each in measured])
        for part in measured[0].processors:
            spent = [each.microseconds[part] for each in measured]
            yield figure("growth", f"district {name}: {part}", "us/event", spent)
        if measured is not first:
            pairs = zip(measured, first, strict=True)
            ratios = [each.cost / before.cost for each, before in pairs]
            yield figure("growth", f"district {name}, against the first", "times", ratios, FLAT)


def of_pages(smaller: Sequence[Figure], larger: Sequence[Figure], names: str) -> Iterator[Figure]:
    """How each page of a larger district stands to that of a smaller one."""
    before = {each.name: each for each in smaller if each.group.startswith("pages")}
    for each in larger:
        if each.name in before and each.group.startswith("pages"):
            ratio = each.median / before[each.name].median
            yield figure("growth", f"{each.name}, {names}", "times", [ratio], FLAT)
