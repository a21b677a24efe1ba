"""Waiting in place for a server that is away."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

import structlog

from services.chassis.kernel import Outage

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 30.0
BEGIN_SECONDS: Final = 10.0
T = TypeVar("T")


def is_told_to_end() -> bool:
    """Whether this task was cancelled, even where something that it waited for swallowed that.

    `asyncio.wait_for` of Python 3.11 may, and PyMongo Async waits with it.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def patiently(run: Callable[[], Awaitable[T]], part: str) -> T:
    """Run until no server is away; gives what it gave then."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            return await run()
        except Outage:
            structlog.get_logger().warning("engine.waits", part=part, seconds=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


async def begun(start: Callable[[], Awaitable[None]], undo: Callable[[], Awaitable[None]]) -> None:
    """Start something whole, or undo it; whoever is told to end meanwhile waits for that.

    A Kafka client that is broken off while it asks for the cluster leaves its connection open.
    """
    starting = asyncio.ensure_future(start())
    try:
        await asyncio.shield(starting)
    except BaseException:
        with suppress(TimeoutError):
            ended = asyncio.gather(starting, return_exceptions=True)
            async with asyncio.timeout(BEGIN_SECONDS):
                await ended
        await undo()
        raise
