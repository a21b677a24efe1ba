"""What one process of a toy service does.

Beside settings it may be given `fill`: [from, to], numbers of commands that boxes are given, each
with a key of its own, and `unsafe`: true, a broken build without transactions.
"""

import asyncio
import signal
import sys
from typing import Any

import structlog

from services.chassis.engine import Engine
from services.chassis.kernel import Outage
from tests.settings import settings_of
from tests.toy.boxes import FILL
from tests.toy.builders import to_fill
from tests.toy.door import a_key
from tests.toy.running import database_of, running
from tests.toy.unsafe import Unsafe

TOGETHER = 10
BOXES = 12
OWNERS = 5
RETRY_SECONDS = 0.1


async def fill_all(engine: Engine, first: int, last: int) -> None:
    """Submit the commands from `first` to before `last`; twice is once."""
    for start in range(first, last, TOGETHER):
        numbers = range(start, min(start + TOGETHER, last))
        await asyncio.gather(*(fill_patiently(engine, number) for number in numbers))


async def fill_patiently(engine: Engine, number: int) -> None:
    """Ask again with the same key until there is an answer, as a person would."""
    box = number % BOXES
    asked = to_fill(f"box-{box}", owner_id=f"owner-{box % OWNERS}", key=a_key(number))
    while True:
        try:
            await engine.committer.submit(asked, FILL)
            return
        except Outage:
            await asyncio.sleep(RETRY_SECONDS)


def serve(given: dict[str, Any]) -> None:
    """Run until told to end."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_serve(**given))


async def _serve(*, fill: tuple[int, int] = (0, 0), unsafe: bool = False, **given: Any) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    settings = settings_of(**given)
    database = Unsafe.like(database_of(settings)) if unsafe else None
    async with running(settings, database=database) as engine:
        await fill_all(engine, *fill)
        await ended.wait()
