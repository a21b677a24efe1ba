"""How soon work goes on after Kafka, or MongoDB, was killed and is back.

People write needs at a steady rate all the while. What is told is the time from the moment when the
server answers again until partner and family were written to of a need that was asked after it.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.local.failure import Failure
from deploy.local.process import Process, wait_until_ready
from tests.bench.figures import Budget, Figure, figure
from tests.bench.flow import EVENTS_PER_NEED, LONGEST_SECONDS, REST_SECONDS, Run
from tests.bench.load import Need, Site
from tests.bench.plan import Plan
from tests.bench.stage import WHOLE, Scene, Servers, Stage, say, stage

EVENTS_A_SECOND: Final = 50
CALM_SECONDS: Final = 3.0  # before the kill
AWAY_SECONDS: Final = 3.0
AFTER_SECONDS: Final = 25.0  # in which it must have gone on
READY_SECONDS: Final = 60.0
MUST: Final = Budget(limit=6.0)


async def measure(plan: Plan, on: Servers, folder: Path) -> list[Figure]:
    """Both servers in turns, each with services of its own: they start with whole connections."""
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # our reader misses it too
    found = []
    for name, server in (("kafka", on.kafka), ("mongod", on.mongo)):
        async with stage(WHOLE, on, folder / f"recovery-{name}", Scene.town(plan.families)) as made:
            run = Run(made)
            await run.warm_up(plan.students)
            times = [await _after_kill(server, made, run) for _ in range(plan.repetitions)]
        found.append(figure("recovery", f"after {name} is back", "s", times, MUST))
    return found


async def _after_kill(server: Process, made: Stage, run: Run) -> float:
    a_second = EVENTS_A_SECOND / EVENTS_PER_NEED
    needs = run.needs(round(a_second * (CALM_SECONDS + AWAY_SECONDS + AFTER_SECONDS)))
    start = await made.topics.ends()
    site = Site(made.services["plans"].ports[0], may_be_busy=True)
    writing = asyncio.create_task(_written(needs, site, a_second))
    await asyncio.sleep(CALM_SECONDS)
    server.kill()
    await asyncio.sleep(AWAY_SECONDS)
    server.start()
    await asyncio.to_thread(wait_until_ready, server, seconds=READY_SECONDS)
    ready = time.time()
    await writing
    end = await made.topics.at_rest(seconds=REST_SECONDS, at_most=LONGEST_SECONDS)
    seen = await made.topics.read(start, end)
    told = seen.partner.keys() & seen.family.keys()
    since = [each for each in told if site.asked[each] > ready]  # nothing of theirs is a repeat
    if not since:
        raise Failure(f"Of no need since {server.name} was back was anybody told.")
    seconds = min(max(seen.partner[each], seen.family[each]) for each in since) - ready
    say(server.name, "work goes on", round(seconds * 1_000))
    return seconds


async def _written(needs: Sequence[Need], site: Site, a_second: float) -> None:
    async with site.open():
        await site.paced(needs, a_second=a_second)
