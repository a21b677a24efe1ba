"""A simulation from its beginning to its end, or from where it was ended the last time."""

import asyncio
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Final

from deploy.checker.history import AnyLine, Header, History, opened
from deploy.checker.outside import Outside
from deploy.local.failure import Failure
from deploy.local.story.fill import fill
from deploy.local.story.sources import Filling
from deploy.local.supervisor import Ended
from deploy.local.town.district import TIME_ZONE
from deploy.local.town.town import town as made_up_town
from deploy.simulator import world
from deploy.simulator.arrivals import Arrival, arrivals
from deploy.simulator.at_work import at_work
from deploy.simulator.browser import Door
from deploy.simulator.district import district
from deploy.simulator.fate import Fate
from deploy.simulator.people import Clock, Town
from deploy.simulator.sizes import SIZES
from services.chassis.settings import real_time

FIRST_HOUR: Final = time_of_day(11)  # UTC: early morning in town
TOLD_EVERY_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.5
WEEKEND: Final = 5


@dataclass(frozen=True, kw_only=True)
class Options:
    """What somebody asked for."""

    folder: Path
    port: int = world.PORT
    size: str = "town"
    seed: int = 7
    speed: float = 600.0
    days: float = 1.0
    fresh: bool = False

    @property
    def standing(self) -> Path:
        """Is there, where a state was written that nobody goes on from."""
        return self.folder / "state-only"

    @property
    def history(self) -> Path:
        """Where everything is written down."""
        return self.folder / "history.jsonl"


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Where a simulation stands."""

    header: Header
    at: datetime  # simulated
    needs: int
    number: int  # of the last line that was asked


def begin(options: Options, today: datetime) -> Begun:
    """A new simulation, or one that was ended.

    Raises:
        Failure: the folder holds another one.
    """
    if options.fresh:
        shutil.rmtree(options.folder, ignore_errors=True)
    if options.standing.exists():
        raise Failure(
            f"{options.folder} holds a state that nobody goes on from: name another --folder, "
            "or --fresh."
        )
    if options.history.exists():
        return resumed(options)
    options.folder.mkdir(parents=True, exist_ok=True)
    start = made_up_town(today.date(), options.seed).clock_start or today.date()
    header = Header(
        size=options.size,
        seed=options.seed,
        speed=options.speed,
        started_at=datetime.combine(_weekday(start), FIRST_HOUR, UTC),
        today=today.date(),
        port=options.port,
    )
    with History(options.history) as history:
        history.write(header)
    return Begun(header=header, at=header.started_at, needs=0, number=0)


def _weekday(day: date) -> date:
    while day.weekday() >= WEEKEND:
        day += timedelta(days=1)
    return day


def resumed(options: Options) -> Begun:
    """The simulation of a folder, which is the one that is asked for."""
    header, lines = opened(options.history)
    if (header.size, header.seed) != (options.size, options.seed):
        raise Failure(
            f"{options.folder} holds size {header.size} with seed {header.seed}: "
            "name these, another --folder, or --fresh."
        )
    return where(header, lines)


def where(header: Header, lines: Sequence[AnyLine]) -> Begun:
    """Where a history ends."""
    at, needs, number = header.started_at, 0, 0
    for line in lines:
        at = max(at, getattr(line, "at", at))
        needs = getattr(line, "needs", needs)
        number = max(number, getattr(line, "number", 0))
    return Begun(header=header, at=at, needs=needs, number=number)


def simulate(options: Options) -> None:
    """Start everything, bring the district in if it is new, and let people work.

    Raises:
        Failure: something could not be started, or ended.
        Ended: somebody asked to end; the same again goes on.
    """
    begun = begin(options, real_time())
    with world.servers(options.folder, options.port) as (supervisor, all_of_it):
        is_new = begun.needs == 0 and begun.number == 0
        outside = world.outside_of(all_of_it.environment)
        if is_new:
            say(f"bringing in {options.size}: {SIZES[options.size].students:,} students")
            made = district(SIZES[options.size], begun.header.today, options.seed)
            asyncio.run(bring_in(made, outside, supervisor.look))
        anchor = real_time()
        clock = Clock(start=begun.at, anchor=anchor, speed=options.speed)
        world.start_services(
            supervisor,
            all_of_it,
            folder=options.folder,
            port=options.port,
            clock=world.clock_settings(begun.at, anchor, options.speed),
        )
        with History(options.history, begun.number) as history:
            town = Town(
                door=Door(all_of_it.gateway.address),
                clock=clock,
                fate=Fate(options.seed),
                history=history,
                needs=begun.needs,
            )
            try:
                asyncio.run(play(town, outside, begun, options, supervisor.look))
            finally:
                supervisor.stop()  # who goes on from here must not come before what these wrote
                town.tell_time()


async def bring_in(made: Filling, outside: Outside, look: Callable[[], None]) -> None:
    """Fill a district; whoever asks to end is heard, and the next run brings it in again."""
    filling = asyncio.create_task(fill(made, outside.settings))
    try:
        while not filling.done():
            look()
            await asyncio.wait({filling}, timeout=LOOK_SECONDS)
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
    filling.result()


async def play(
    town: Town, outside: Outside, begun: Begun, options: Options, look: Callable[[], None]
) -> None:
    """Let everybody work until the days are over."""
    ends = begun.at + timedelta(days=options.days)
    try:
        async with at_work(town, outside, to_come(begun)) as at_them:
            await watch(town, ends, (look, at_them))
    finally:
        await outside.close()


def to_come(begun: Begun) -> Iterator[Arrival]:
    """The needs that have not been written yet."""
    header = begun.header
    for arrival in arrivals(
        header.seed,
        first_day=header.started_at.date(),
        zone=TIME_ZONE,
        needs_a_day=SIZES[header.size].needs_a_day,
    ):
        if arrival.number > begun.needs:
            yield arrival


async def watch(town: Town, ends: datetime, looks: Sequence[Callable[[], None]]) -> None:
    """Tell how it goes until the time is over."""
    told = 0.0
    while town.now() < ends:
        for look in looks:
            look()
        if time.monotonic() - told > TOLD_EVERY_SECONDS:
            told = time.monotonic()
            say(progress(town))
        await asyncio.sleep(LOOK_SECONDS)
    say(progress(town))


def progress(town: Town) -> str:
    """One line: the simulated time, and what has been done since the beginning."""
    done = ", ".join(f"{what} {count:,}" for what, count in sorted(town.counts.items()))
    return f"{town.now():%Y-%m-%d %H:%M} UTC, need {town.needs:,}: {done or 'nothing yet'}"


def say(line: str) -> None:
    """One line of progress, on standard error."""
    print(f"  {line}", file=sys.stderr, flush=True)


def main(options: Options) -> None:
    """Simulate; being asked to end is a good end."""
    with suppress(Ended):
        simulate(options)
        return
    say("ended; the same command goes on from here")
