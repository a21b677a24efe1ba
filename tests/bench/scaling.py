"""The flow with several processes of each service, and a copy built anew from its topic."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deploy.simulator.world import settings_of
from services.chassis.rebuild import Rebuilt, rebuild
from services.plans import main as plans
from tests.bench.figures import Figure, figure
from tests.bench.flow import Run
from tests.bench.plan import Plan
from tests.bench.stage import WHOLE, Scene, Servers, Stage, say, stage

COPY = "cases"  # of plans: everything that is told of a referral


async def measure(plan: Plan, on: Servers, folder: Path) -> list[Figure]:
    """Floods by the number of processes; the last stage is rebuilt from."""
    found: list[Figure] = []
    for count in plan.processes:
        variant = replace(WHOLE, name=f"whole-{count}", processes=count)
        async with stage(variant, on, folder / "scaling", Scene.town(plan.families)) as made:
            run = Run(made)
            await run.warm_up(plan.students)
            floods = [await run.flood(plan.needs) for _ in range(plan.repetitions)]
            what = f"{count} of each service"
            rates, costs = [each.rate for each in floods], [each.cost for each in floods]
            found.append(figure("processes", f"{what}, flood", "events/s", rates))
            found.append(figure("processes", what, "us/event", costs))
            if count == plan.processes[-1]:
                found += await _rebuilt(made)
    return found


async def _rebuilt(made: Stage) -> list[Figure]:
    """One copy of plans, read from the first record of its topic; no consumer may run then."""
    for service in made.services.values():
        service.stop()
    process = plans.process(settings_of(made.settings)["plans"])
    began = time.monotonic()
    try:
        done = await rebuild(process.engine, COPY)
    finally:
        await process.database.close()
    seconds = time.monotonic() - began
    say("rebuild", f"{done.records} records", round(seconds * 1_000))
    return list(_told(done, seconds))


def _told(done: Rebuilt, seconds: float) -> Iterator[Figure]:
    yield figure("rebuild", f"plans.{COPY}", "records/s", [done.records / seconds])
    yield figure("rebuild", "read", "records", [done.records])
    yield figure("rebuild", "made", "documents", [done.documents])
