"""When a service last had heard all there was on its topics, whichever of its processes listen.

A process that serves pages may listen to nothing, and one that listens knows only its own
partitions: so each says in the database how far it is.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from services.chassis.kernel import Outage
from services.chassis.kinds import Document, Index
from services.chassis.mongo import Collection, Database, Session
from services.chassis.waiting import is_told_to_end

COLLECTION: Final = "listeners"
KEPT: Final = timedelta(days=1)  # after the last word of a process
INDEXES: Final = (Index((("at", 1),), expire_after_seconds=int(KEPT.total_seconds())),)
EVERY_SECONDS: Final = 1.0
NEVER: Final = datetime.fromtimestamp(0, UTC)


class Listener(Protocol):
    """What a consumer knows of itself."""

    @property
    def partitions(self) -> list[str]:
        """Those that it was given, as `topic|number`."""

    def heard_at(self) -> datetime:
        """When it last had done with all that there was on them."""


class Heard:
    """Notes how far this process is; `heard_all` reads what all of them noted."""

    def __init__(
        self, database: Database, *, holder: str, listener: Listener, real: Callable[[], datetime]
    ) -> None:
        self._rows = database.collection(COLLECTION)
        self._holder = holder
        self._listener = listener
        self._real = real

    async def run(self) -> None:
        """Note it every second, until cancelled."""
        while not is_told_to_end():
            try:
                await self.note()
            except Outage:
                structlog.get_logger().warning("freshness.waits")
            await asyncio.sleep(EVERY_SECONDS)

    async def note(self) -> None:
        """Note it once; a process without partitions says nothing."""
        if partitions := self._listener.partitions:
            said = {
                "partitions": partitions,
                "heard_at": self._listener.heard_at(),
                "at": self._real(),
            }
            await self._rows.update_one({"_id": self._holder}, {"$set": said}, upsert=True)


async def heard_all(rows: Collection, topic: str, session: Session = None) -> datetime:
    """Since when something on a topic may not have been heard; `NEVER` if nobody listens."""
    return oldest(await rows.find({}, session=session), topic)


def oldest(rows: Iterable[Document], topic: str) -> datetime:
    """The oldest of the partitions; of each counts who heard it last: it may have moved."""
    last: dict[str, datetime] = {}
    for row in rows:
        for partition in row["partitions"]:
            if partition.partition("|")[0] == topic:
                last[partition] = max(row["heard_at"], last.get(partition, NEVER))
    return min(last.values(), default=NEVER)
