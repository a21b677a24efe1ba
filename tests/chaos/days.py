"""What befalls a simulated town alone: days on which nothing runs."""

import asyncio
from datetime import timedelta
from typing import Final

from tests.chaos.crowds import Simulated
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

DAYS: Final = (1, 2, 4)


async def days_pass(scene: Scene, strike: Strike) -> None:
    """All services are down over some days; then all that was due meanwhile is due at once."""
    assert isinstance(scene.people, Simulated)
    for each in list(scene.world.processes.values()):
        await asyncio.to_thread(each.stop)
    scene.people.leap(timedelta(days=strike.dice.choice(DAYS)))
    for service in scene.world.processes:
        await scene.again(service)
