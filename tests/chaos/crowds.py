"""Who works in a town while faults strike: rounds that are sure to meet, or a simulated town."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from deploy.checker.expected import Expected
from deploy.checker.history import Header, History, expected, opened
from deploy.local.story.fill import fill
from deploy.simulator.arrivals import Arrival, category
from deploy.simulator.at_work import at_work
from deploy.simulator.browser import Door
from deploy.simulator.check import addresses_of
from deploy.simulator.district import district
from deploy.simulator.fate import Fate
from deploy.simulator.people import Clock, Town
from deploy.simulator.sizes import SIZES
from tests.chaos.scene import Crowd
from tests.integration.faults.conftest import STUDENTS, filled, living
from tests.integration.faults.people import People
from tests.integration.faults.world import ORIGIN, Patient, World

LANES: Final = 2  # rounds of needs that are played side by side
SPEED: Final = 480.0  # of a simulated town: a working day in a minute
SIZE: Final = "town"
NEED_EVERY: Final = timedelta(seconds=SPEED)  # simulated: one a second, by day and by night
WORK_SECONDS: Final = 150.0  # of one simulated town: others take turns with it
LOOK_SECONDS: Final = 0.5


@dataclass(kw_only=True)
class Rounds:
    """More needs than places, again and again; everybody waits for what must come of an act."""

    people: People
    addresses: frozenset[bytes]

    @property
    def acts(self) -> int:
        """How many acts were acknowledged so far."""
        return self.people.done.done.total()

    def done(self) -> Expected:
        """What people were told is done."""
        return self.people.done

    async def work(self, is_over: asyncio.Event) -> None:
        """Play until it is over, or every kind of help was asked for."""
        lanes = [asyncio.create_task(self._lane(is_over)) for _ in range(LANES)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for each in lanes:
                each.cancel()

    async def _lane(self, is_over: asyncio.Event) -> None:
        while self.people.kinds and not is_over.is_set():
            await self.people.play()


@dataclass(kw_only=True)
class Simulated:
    """The simulator's people, who wait for nobody, on days that pass quickly."""

    world: World
    town: Town
    history: Path
    addresses: frozenset[bytes]
    seed: int

    @property
    def acts(self) -> int:
        """How many acts were acknowledged so far."""
        return self.town.acts

    def done(self) -> Expected:
        """What people were told is done, or did not hear of."""
        return expected(opened(self.history)[1])

    async def work(self, is_over: asyncio.Event) -> None:
        """Let everybody work for a while; then time passes no faster than it does."""
        ends_at = time.monotonic() + WORK_SECONDS
        needs = steady(self.seed, self.town.now)
        async with at_work(self.town, self.world.outside, needs) as look:
            while not is_over.is_set() and time.monotonic() < ends_at:
                look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await is_over.wait()
        self.world.slow_down()

    def leap(self, by: timedelta) -> None:
        """Let days pass for people and for the processes that are started from now on."""
        self.world.leap(by)
        self.town.leap(clock_of(self.world))


@asynccontextmanager
async def rounds(world: World) -> AsyncIterator[Crowd]:
    """A small district where all ask for the same few places."""
    async with living(world, students=STUDENTS) as people:
        yield Rounds(people=people, addresses=world.addresses)


@asynccontextmanager
async def simulated(world: World, seed: int) -> AsyncIterator[Crowd]:
    """The made-up town."""
    world.speed = SPEED
    made = district(SIZES[SIZE], world.starts.date(), seed)
    async with filled(world, lambda: fill(made, world.outside.settings)):
        history = world.folder / "history.jsonl"
        header = Header(
            size=SIZE,
            seed=seed,
            speed=SPEED,
            started_at=world.starts,
            today=world.starts.date(),
            port=0,
        )
        with History(history) as writing:
            writing.write(header)
            town = Town(
                door=Door(ORIGIN, lambda: Patient(world.ports, seconds=0)),
                clock=clock_of(world),
                fate=Fate(seed),
                history=writing,
            )
            yield Simulated(
                world=world, town=town, history=history, addresses=addresses_of(made), seed=seed
            )


def clock_of(world: World) -> Clock:
    """The time that it is in a world."""
    return Clock(start=world.starts, anchor=world.began, speed=world.speed)


def steady(seed: int, now: Callable[[], datetime]) -> Iterator[Arrival]:
    """Needs without end from now on, on no day more than on another; none in hours leapt over."""
    dice, at = random.Random(seed), now()
    for number in count(1):
        at = max(at, now()) + NEED_EVERY * dice.expovariate(1)
        yield Arrival(
            number=number,
            at=at,
            manager=dice.random(),
            student=dice.random(),
            category=category(dice),
        )
