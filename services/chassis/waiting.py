"""Waiting in place for a server that is away."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import structlog

from services.chassis.hopeless import end_if_hopeless
from services.chassis.kernel import Outage
from services.chassis.logs import log

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


async def unceasing(run: Callable[[], Awaitable[None]], part: str) -> None:
    """Run something that goes on for as long as the process does; a bug does not end it.

    A task that has ended is asked by nobody what ended it: clocks or messages would stand still in
    a process that looks well. It is told in the log, without its text, and the work begins anew.
    """
    wait = FIRST_WAIT_SECONDS
    while not is_told_to_end():
        try:
            await run()
            return
        except Exception as error:
            end_if_hopeless(error)
            log("engine").error("engine.broke_off", of=part, seconds=wait, exc_info=error)
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


async def whole(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Do something whole; whoever is told to end meanwhile waits at most so long for it."""
    doing = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        with suppress(TimeoutError):
            ended = asyncio.gather(doing, return_exceptions=True)
            async with asyncio.timeout(seconds):
                await ended
        raise


async def begun(
    start: Callable[[], Coroutine[Any, Any, None]], undo: Callable[[], Awaitable[None]]
) -> None:
    """Start something whole, or undo it.

    A Kafka client that is broken off while it asks for the cluster leaves its connection open.
    """
    try:
        await whole(start(), BEGIN_SECONDS)
    except BaseException:
        await undo()
        raise
