"""The flow in all its variants, one after the other, in turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.flow import Measured, Run
from tests.bench.plan import Plan
from tests.bench.processor import held
from tests.bench.results import MILLISECONDS, Results
from tests.bench.stage import BARE, NAIVE, QUIET, WHOLE, Scene, Servers, Stage, Variant, say, stage


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One variant, from an empty database on."""

    variant: Variant
    floods: int
    is_paced: bool = False


def turns(plan: Plan) -> Sequence[Turn]:
    """With and without telemetry in turns, so that a machine that slows down slows both.

    Bare aiokafka stands between them, for the same reason.
    """
    first = plan.repetitions - 1
    return (
        Turn(variant=WHOLE, floods=first),
        Turn(variant=QUIET, floods=first),
        Turn(variant=BARE, floods=plan.repetitions),
        Turn(variant=WHOLE, floods=1, is_paced=True),
        Turn(variant=QUIET, floods=1),
        Turn(variant=NAIVE, floods=plan.repetitions),
    )


async def measure(plan: Plan, on: Servers, folder: Path) -> Results:
    """All variants."""
    results = Results()
    results.started |= {name: [seconds] for name, seconds in on.started.items()}
    for number, turn in enumerate(turns(plan)):
        families = 1 if turn.variant.is_slow else plan.families
        async with stage(turn.variant, on, folder / str(number), Scene.town(families)) as made:
            await play(turn, plan, made, results)
    return results


async def play(turn: Turn, plan: Plan, made: Stage, results: Results) -> None:
    """One turn on its stage."""
    run, variant = Run(made), turn.variant
    await run.warm_up(plan.naive_students if variant.is_slow else plan.students)
    for _ in range(turn.floods):
        flooded = await run.flood(plan.naive_needs if variant.is_slow else plan.needs)
        results.floods.setdefault(variant.name, []).append(flooded)
        say(variant.name, f"{flooded.rate:.0f} events/s", round(flooded.seconds * MILLISECONDS))
    for rate in plan.paced * plan.repetitions if turn.is_paced else ():
        results.paced.setdefault(rate, []).append(await _paced(run, rate, plan.paced_seconds))
    if variant is WHOLE:
        note(results, made)


async def _paced(run: Run, rate: int, seconds: float) -> Measured:
    paced = await run.paced(events_a_second=rate, seconds=seconds)
    say("whole", f"p99 at {rate} events/s", round(paced.latency(99) * MILLISECONDS))
    return paced


def note(results: Results, made: Stage) -> None:
    """How long the services took to start, and what all processes hold of the memory."""
    for name, seconds in made.started.items():
        results.started.setdefault(name, []).append(seconds)
    for name, pid in made.pids.items():
        results.held.setdefault(name, []).append(held(pid))
