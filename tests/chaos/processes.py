"""What befalls one process of a service."""

import asyncio
import signal
from typing import Final

from services.chassis.failpoints import FAIL_POINTS
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

REACHED_SECONDS: Final = 8.0  # a fail-point that nobody came to by then is given up
AWAY_SECONDS: Final = (0.0, 3.0)
FROZEN_SECONDS: Final = 12.0  # longer than the broker waits for a member (10 s)
STALLED_SECONDS: Final = (1.0, 4.0)
SKEW_SECONDS: Final = 600
SHORT_SECONDS: Final = (2.0, 8.0)
BEYOND_BYTES: Final = (0, 4 * 2**20)  # what it still gets, from ... to


async def kill(scene: Scene, strike: Strike) -> None:
    """`kill -9` at any moment; the next process comes a little later."""
    scene.world.processes[strike.service].kill()
    await asyncio.sleep(strike.dice.uniform(*AWAY_SECONDS))
    await scene.again(strike.service)


async def kill_at_a_point(scene: Scene, strike: Strike) -> None:
    """`kill -9` where it hurts most: at a named point, when it is reached for the n-th time."""
    point = f"{strike.dice.choice(FAIL_POINTS)}:{strike.dice.randint(1, 5)}"
    victim = scene.world.start(strike.service, WRAPAROUND_FAIL_AT=point)
    try:
        async with asyncio.timeout(REACHED_SECONDS):
            await victim.ends()
    except TimeoutError:
        victim.kill()
    await scene.again(strike.service)


async def ask_to_end(scene: Scene, strike: Strike) -> None:
    """A deployment: the process is told to end in the middle of work."""
    await asyncio.to_thread(scene.world.processes[strike.service].stop)
    await scene.again(strike.service)


async def freeze(scene: Scene, strike: Strike) -> None:
    """A machine that stands still until the broker has given its partitions to another process."""
    beside = scene.world.start_beside(strike.service)
    await scene.world.ready(beside)
    frozen = scene.world.processes[strike.service]
    frozen.send(signal.SIGSTOP)
    await asyncio.sleep(FROZEN_SECONDS)
    frozen.send(signal.SIGCONT)
    await asyncio.to_thread(beside.stop)


async def stall(scene: Scene, strike: Strike) -> None:
    """An event loop that does nothing for some seconds, too short for anybody to notice."""
    stalled = scene.world.processes[strike.service]
    stalled.send(signal.SIGSTOP)
    await asyncio.sleep(strike.dice.uniform(*STALLED_SECONDS))
    stalled.send(signal.SIGCONT)


async def short_of_memory(scene: Scene, strike: Strike) -> None:
    """A process that gets hardly any more memory; started anew if it ends or asks for it."""
    short = scene.world.processes[strike.service]
    short.limit_memory(beyond=strike.dice.randint(*BEYOND_BYTES))
    await asyncio.sleep(strike.dice.uniform(*SHORT_SECONDS))
    short.limit_memory(beyond=None)
    is_same = scene.world.processes[strike.service] is short  # not yet started anew
    if is_same and not await asyncio.to_thread(short.live):
        await scene.again(strike.service)


async def clock_behind(scene: Scene, strike: Strike) -> None:
    """A process on a machine whose clock is ten minutes late, and one that is right after it."""
    scene.world.start(strike.service, CLOCK_SKEW=str(-SKEW_SECONDS))
    await asyncio.sleep(strike.dice.uniform(*STALLED_SECONDS))
    await scene.again(strike.service)


async def join_and_leave(scene: Scene, strike: Strike) -> None:
    """A second process comes, works, and goes: politely or not."""
    beside = scene.world.start_beside(strike.service)
    await scene.world.ready(beside)
    await asyncio.sleep(strike.dice.uniform(*AWAY_SECONDS))
    if strike.dice.random() < 0.5:
        beside.kill()
        await scene.world.age_claims()
    else:
        await asyncio.to_thread(beside.stop)
