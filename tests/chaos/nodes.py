"""What befalls the nodes of a database that is a set of three."""

import asyncio
from contextlib import suppress
from typing import Final

from pymongo.errors import PyMongoError

from deploy.local.process import wait_until_ready
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike
from tests.chaos.servers import AWAY_SECONDS, READY_SECONDS, freeze, kill
from tests.replica_set import ReplicaSet

DOWN_SECONDS: Final = 4  # for so long the one that stepped down may not be elected
CATCH_UP_SECONDS: Final = 2


async def step_down(scene: Scene, strike: Strike) -> None:
    """The primary hands over to another, as for maintenance; it refuses while none is fit."""
    del strike
    primary = await asyncio.to_thread(nodes(scene).primary)
    command = {"replSetStepDown": DOWN_SECONDS, "secondaryCatchUpPeriodSecs": CATCH_UP_SECONDS}
    with suppress(PyMongoError):
        await asyncio.to_thread(primary.ask, command)


async def kill_primary(scene: Scene, strike: Strike) -> None:
    """The primary dies; what it alone had is undone when it comes back."""
    await kill(await asyncio.to_thread(nodes(scene).primary), strike)


async def freeze_primary(scene: Scene, strike: Strike) -> None:
    """The primary stands still, and wakes up to find that another was elected."""
    await freeze(await asyncio.to_thread(nodes(scene).primary), strike)


async def kill_secondary(scene: Scene, strike: Strike) -> None:
    """One of the others dies, which nobody should notice."""
    others = await asyncio.to_thread(nodes(scene).secondaries)
    await kill(strike.dice.choice(others), strike)


async def freeze_secondaries(scene: Scene, strike: Strike) -> None:
    """The primary is alone: it writes what no majority has, and gives up."""
    others = await asyncio.to_thread(nodes(scene).secondaries)
    await asyncio.gather(*(freeze(each, strike) for each in others))


async def kill_all_nodes(scene: Scene, strike: Strike) -> None:
    """All nodes die, and come back on their data."""
    every = nodes(scene).nodes
    for each in every:
        each.kill()
    await asyncio.sleep(strike.dice.uniform(*AWAY_SECONDS))
    for each in every:
        each.start()
    for each in every:
        await asyncio.to_thread(wait_until_ready, each, seconds=READY_SECONDS)


def nodes(scene: Scene) -> ReplicaSet:
    """The nodes of a town that has several."""
    assert isinstance(scene.mongo, ReplicaSet)
    return scene.mongo
