"""Ten times the steady rate: nothing may be lost, and no process may grow.

Memory is the largest moment of the burst against that of the steady time before it. What cannot be
taken is refused with 503, so that whoever asks knows.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.bench.figures import Budget, Figure, figure
from tests.bench.flow import Measured, Run
from tests.bench.plan import Plan
from tests.bench.processor import forget_peaks, held
from tests.bench.results import MILLISECONDS
from tests.bench.stage import WHOLE, Scene, Servers, Stage, stage

NOTHING: Final = Budget(limit=0.0)
GROWTH_MUST: Final = Budget(limit=1.3)
Peaks = Mapping[str, float]  # MiB by process


async def measure(plan: Plan, on: Servers, folder: Path) -> list[Figure]:
    """A steady time, and a burst after it."""
    async with stage(WHOLE, on, folder / "burst", Scene.town(plan.families)) as made:
        run = Run(made)
        await run.warm_up(plan.students)
        _, before = await _held(made, run, plan, times=1)
        burst, during = await _held(made, run, plan, times=plan.burst)
    return [*told(burst), *grown(before, during)]


async def _held(made: Stage, run: Run, plan: Plan, *, times: int) -> tuple[Measured, Peaks]:
    forget_peaks(made.pids.values())
    measured = await run.paced(
        events_a_second=plan.steady * times, seconds=plan.burst_seconds, may_be_busy=True
    )
    return measured, {name: held(pid).peak for name, pid in made.pids.items()}


def told(burst: Measured) -> Iterator[Figure]:
    """What became of the needs of a burst."""
    yield figure("burst", "needs taken", "needs", [burst.needs])
    yield figure("burst", "needs answered 503", "needs", [burst.busy])
    yield figure("burst", "needs lost", "needs", [burst.lost], NOTHING)
    yield figure("burst", "handled", "events/s", [burst.rate])
    yield figure("burst", "p99", "ms", [burst.latency(99) * MILLISECONDS])


def grown(before: Peaks, during: Peaks) -> Iterator[Figure]:
    """How much more memory each process held at the most."""
    for name, peak in during.items():
        must = None if name in {"mongod", "kafka"} else GROWTH_MUST
        yield figure("burst", f"memory of {name}", "times", [peak / before[name]], must)
