"""One town: people work, faults strike, all is healed, and everything must hold."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from deploy.checker.clear import in_the_clear, of_databases, of_files, of_topics
from deploy.checker.invariants import findings
from deploy.checker.outside import until
from deploy.checker.seats import changes_of_seats, oversold
from deploy.checker.seen import Seen, look, settled
from deploy.checker.texts import kept_texts, texts_agree
from deploy.checker.told import TABLES
from services.chassis.kernel import Outage
from tests.chaos.faults import FAULTS, ON, Ground
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

PATIENCE_SECONDS: Final = 60.0
SUPERVISED_SECONDS: Final = 0.2
MAY_GIVE_UP: Final = frozenset({"short of memory", *ON[Ground.SET]})
Say = Callable[[str], None]


@dataclass(kw_only=True)
class Played:
    """What came of it. `recoveries`: seconds from a fault's end to the next act, by kind."""

    acts: int = 0
    recoveries: dict[str, list[float]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    given_up: int = 0  # processes that ended by themselves and were started anew

    @property
    def faults(self) -> int:
        """How many faults struck."""
        return sum(len(each) for each in self.recoveries.values())


async def play(scene: Scene, strikes: Iterator[Strike], *, ends_at: float, say: Say) -> Played:
    """Let faults strike until none is left, time is up or all have been served; then check."""
    played = Played()
    is_over = asyncio.Event()
    working = asyncio.create_task(scene.people.work(is_over))
    supervising = asyncio.create_task(_supervise(scene, played))
    try:
        for strike in strikes:
            await _strike(scene, strike, working, played, say)
            if time.monotonic() > ends_at or working.done() or supervising.done():
                break
        is_over.set()
        await working
        if supervising.done():
            supervising.result()
        played.violations += [each async for each in _checked(scene, played)]
    except AssertionError as late:  # somebody waited in vain
        played.violations.append(f"given up: {late}")
    finally:
        working.cancel()
        supervising.cancel()
    played.acts = scene.people.acts
    return played


async def _checked(scene: Scene, played: Played) -> AsyncIterator[str]:
    """What is wrong once all has come to rest."""
    if played.given_up and not played.recoveries.keys() & MAY_GIVE_UP:
        yield f"{played.given_up} processes gave up for no reason"
    await scene.world.ready()
    await scene.world.age_claims()
    await settled(scene.world.outside)
    seen = await look(scene.world.outside)
    world = scene.world
    everywhere = chain(of_databases(world.outside), of_topics(seen.records), of_files(world.folder))
    for each in (
        *check(seen, scene),
        *texts_agree(seen.told, kept_texts(world.sms.folder)),
        *oversold(changes_of_seats(world.outside)),
        *in_the_clear(everywhere, scene.people.addresses),
    ):
        yield each


async def _supervise(scene: Scene, played: Played) -> None:
    """Start anew what gave itself up, as whoever runs the services does.

    Raises:
        AssertionError: a process broke off, as none may whatever is away.
    """
    while True:
        for service, process in list(scene.world.processes.items()):
            assert not process.has_broken_off, f"{service} broke off: {process.log_tail}"
            if process.has_given_up:
                with suppress(Outage):  # the database is away: it is tried again
                    await scene.again(service)
                    played.given_up += 1
        await asyncio.sleep(SUPERVISED_SECONDS)


async def _strike(
    scene: Scene, strike: Strike, working: asyncio.Task[None], played: Played, say: Say
) -> None:
    await asyncio.sleep(strike.pause)
    began = time.monotonic()
    await FAULTS[strike.kind](scene, strike)
    healed, acts = time.monotonic(), scene.people.acts

    async def goes_on() -> bool:
        return scene.people.acts > acts or working.done()

    await until(goes_on, f"work goes on after {strike.kind}", PATIENCE_SECONDS)
    recovery = time.monotonic() - healed
    played.recoveries.setdefault(strike.kind, []).append(recovery)
    say(
        f"{strike.number:>5} {strike.kind:<20} {strike.service:<14} {healed - began:6.1f} s"
        f"   work goes on after {recovery:5.1f} s, {scene.people.acts} acts"
    )


def check(seen: Seen, scene: Scene) -> Iterator[str]:
    """What is not as it must be; what was sent to be parked is, and nothing else."""
    rows = dict(seen.rows)
    for service in TABLES:
        expected = {position for reader, position in scene.poison if reader == service}
        parked = {
            (row["topic"], row["partition"], row["offset"]): row
            for row in rows[f"{service} parked"]
        }
        for position in expected - parked.keys():
            yield f"{service} did not park {position}"
        rows[f"{service} parked"] = [
            row for position, row in parked.items() if position not in expected
        ]
    yield from findings(replace(seen, rows=rows), scene.people.done())
