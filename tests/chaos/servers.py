"""What befalls the broker and the database."""

import asyncio
from typing import Final

from deploy.local.process import Process, wait_until_ready
from deploy.local.servers import Mongo
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

READY_SECONDS: Final = 60.0
AWAY_SECONDS: Final = (0.0, 4.0)
FROZEN_SECONDS: Final = (1.0, 8.0)


async def kill_kafka(scene: Scene, strike: Strike) -> None:
    """The broker dies and comes back on its data."""
    await kill(scene.kafka, strike)


async def kill_mongo(scene: Scene, strike: Strike) -> None:
    """The database dies and comes back on its data."""
    await kill(alone(scene), strike)


async def freeze_kafka(scene: Scene, strike: Strike) -> None:
    """The broker stands still, with all connections open."""
    await freeze(scene.kafka, strike)


async def freeze_mongo(scene: Scene, strike: Strike) -> None:
    """The database stands still, with all connections open."""
    await freeze(alone(scene), strike)


def alone(scene: Scene) -> Mongo:
    """The one database of a town that has no set of them."""
    assert isinstance(scene.mongo, Mongo)
    return scene.mongo


async def kill(server: Process, strike: Strike) -> None:
    """It dies, and comes back on its data."""
    server.kill()
    await asyncio.sleep(strike.dice.uniform(*AWAY_SECONDS))
    server.start()
    await asyncio.to_thread(wait_until_ready, server, seconds=READY_SECONDS)


async def freeze(server: Process, strike: Strike) -> None:
    """It stands still, with all connections open."""
    server.freeze()
    await asyncio.sleep(strike.dice.uniform(*FROZEN_SECONDS))
    server.thaw()
