"""Running again what met another writer."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final, TypeVar

import structlog

from services.chassis.kernel import Duplicate, StaleWrite

TRIES: Final = 5
LONGEST_BACK_OFF: Final = 1.0  # seconds
STAYS: Final = 60  # tries, about half a minute: no race between writers is that long

T = TypeVar("T")


async def again_if_stale(
    run: Callable[[], Awaitable[T]],
    *,
    tries: int | None = None,  # None: until it is through
    met: Callable[[], None] = lambda: None,  # told of each conflict
) -> T:
    """Run until no other writer is in the way, with jitter between two tries.

    One that stays is told in the log: a write that no try can do holds up all behind it.

    Raises:
        StaleWrite: the last try met one too. A `Duplicate` that outlasts five tries is no race.
    """
    for attempt in count(1):
        try:
            return await run()
        except StaleWrite as stale:
            met()
            bound = tries or (TRIES if isinstance(stale, Duplicate) else attempt + 1)
            if attempt >= bound:
                raise
            if attempt % STAYS == 0:
                structlog.get_logger().error("conflict.stays", tries=attempt)
            await _back_off(attempt)
    raise AssertionError


async def _back_off(attempt: int) -> None:
    ceiling = min(0.005 * 2.0**attempt, LONGEST_BACK_OFF)
    await asyncio.sleep(random.uniform(0, ceiling))  # noqa: S311 - spread, no secret
