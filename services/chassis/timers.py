"""Time as a message: clocks of aggregates that have run out become ticks through the door."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from services.chassis.commit import Committer
from services.chassis.dead_letters import DeadLetters
from services.chassis.kernel import Clock, Outage, Tick
from services.chassis.kinds import Document, Index, Kind
from services.chassis.leases import Lease
from services.chassis.messages import Message, from_tick
from services.chassis.mongo import Database

IDLE_SECONDS: Final = 0.5
BATCH: Final = 500
INDEX: Final = Index((("due_at", 1),), sparse=True)


class Timers:
    """The one scheduler of a service, under a lease."""

    def __init__(
        self,
        database: Database,
        clocks: Sequence[Clock],
        kinds: Mapping[type, Kind[Any]],
        committer: Committer,
        dead_letters: DeadLetters,
        lease: Lease,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._routes = {
            kinds[route.kind].collection: (kinds[route.kind], route) for route in clocks
        }
        self._committer = committer
        self._dead_letters = dead_letters
        self._lease = lease
        self._clock = clock

    async def run(self) -> None:
        """Tick until cancelled; outages are waited out."""
        while True:
            try:
                ticked = await self.tick() if await self._lease.hold() else 0
            except Outage:
                ticked = 0
                structlog.get_logger().warning("timers.wait")
            if ticked < BATCH:
                await asyncio.sleep(IDLE_SECONDS)

    async def tick(self) -> int:
        """Submit a tick for each clock that has run out; gives how many."""
        parked = await self._dead_letters.parked_ticks()
        due = [
            message
            for collection, (kind, route) in self._routes.items()
            for row in await self._due(collection)
            for message in _ticks(row, kind, route, self._clock())
            if message.id not in parked
        ]
        await self._committer.handle(due)
        return len(due)

    async def _due(self, collection: str) -> list[Document]:
        return await self._database.collection(collection).find(
            {"due_at": {"$lte": self._clock()}},
            sort=(("due_at", 1),),
            limit=BATCH,
            fields=("clocks", "district"),
        )


def _ticks(row: Document, kind: Kind[Any], route: Clock, now: datetime) -> list[Message]:
    return [
        from_tick(
            Tick(kind=kind.collection, subject=row["_id"], name=name, at=at),
            route,
            row["district"],
        )
        for name, at in row["clocks"].items()
        if at <= now
    ]
