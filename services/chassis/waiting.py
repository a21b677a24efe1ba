"""Waiting in place for a server that is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from services.chassis.kernel import Outage

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 30.0


async def patiently(run: Callable[[], Awaitable[None]], part: str) -> None:
    """Run until no server is away."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            return await run()
        except Outage:
            structlog.get_logger().warning("engine.waits", part=part, seconds=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)
