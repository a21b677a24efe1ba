"""Many commands on their way to the door at once, without holding all of them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from services.chassis.kernel import TooBusy

TOGETHER: Final = 300  # the door takes 100: one batch runs, one waits, one is being made
PATIENCE_SECONDS: Final = 0.2  # while events wait to be sent

Submission = Callable[[], Coroutine[Any, Any, Any]]


async def submit_all(
    submissions: Iterable[Submission], progress: Callable[[int], None] = lambda done: None
) -> None:
    """Start submissions in order, as many at once as the door can use; tells how many are done.

    Raises:
        Refused, Outage: of the first that failed; later ones were not started.
    """
    on_their_way: set[asyncio.Task[None]] = set()
    done = 0
    try:
        for each in submissions:
            if len(on_their_way) >= TOGETHER:
                on_their_way = await _some_done(on_their_way)
                progress(done - len(on_their_way))
            on_their_way.add(asyncio.create_task(_patiently(each)))
            done += 1
        await asyncio.gather(*on_their_way)
        if done:
            progress(done)
    finally:
        for task in on_their_way:
            task.cancel()


async def _some_done(tasks: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for each in done:
        each.result()
    return left


async def _patiently(submit: Submission) -> None:
    while True:
        try:
            await submit()
            return
        except TooBusy:  # the same key again: nothing happens twice
            await asyncio.sleep(PATIENCE_SECONDS)
