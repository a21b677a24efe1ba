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
from services.chassis.messages import Message, from_tick, tick_id
from services.chassis.mongo import Database
from services.chassis.telemetry import Telemetry
from services.chassis.waiting import is_told_to_end

IDLE_SECONDS: Final = 0.5
BATCH: Final = 500
INDEX: Final = Index((("due_at", 1),), sparse=True)


class Timers:
    """The one scheduler of a service, under a lease."""

    def __init__(
        self,
        database: Database,
        *,
        clocks: Sequence[Clock],
        kinds: Mapping[type, Kind[Any]],
        committer: Committer,
        dead_letters: DeadLetters,
        lease: Lease,
        clock: Callable[[], datetime],
        telemetry: Telemetry,
    ) -> None:
        self._database = database
        self._routes = {
            kinds[route.kind].collection: (kinds[route.kind], route) for route in clocks
        }
        self._committer = committer
        self._dead_letters = dead_letters
        self._lease = lease
        self._clock = clock
        self._telemetry = telemetry

    async def run(self) -> None:
        """Tick until cancelled; outages are waited out."""
        while not is_told_to_end():
            try:
                ticked = await self.tick() if await self._lease.hold() else 0
            except Outage:
                ticked = 0
                structlog.get_logger().warning("timers.wait")
            if ticked < BATCH:
                await asyncio.sleep(IDLE_SECONDS)

    async def tick(self, *, limit: int = BATCH) -> int:
        """Submit a tick for each clock that has run out; gives how many."""
        parked = await self._dead_letters.parked_ticks()
        now = self._clock()
        due = [
            message
            for collection, (kind, route) in self._routes.items()
            for row in await self._due(collection, now, limit + len(parked))
            for message in _ticks(row, kind, route, now)
            if tick_id(message.body) not in parked
        ]
        for start in range(0, len(due), BATCH):
            await self._committer.handle(due[start : start + BATCH])
        self._note(due, now)
        return len(due)

    def _note(self, due: Sequence[Message], now: datetime) -> None:
        for message in due:
            self._telemetry.count("clocks_run_out_total", clock=message.sort)
            late = (now - message.body.at).total_seconds()
            self._telemetry.observe("clock_late_seconds", late)

    async def _due(self, collection: str, now: datetime, limit: int) -> list[Document]:
        return await self._database.collection(collection).find(
            {"due_at": {"$lte": now}},
            sort=(("due_at", 1),),
            limit=limit,
            fields=("clocks", "district", "version"),
        )


def _ticks(row: Document, kind: Kind[Any], route: Clock, now: datetime) -> list[Message]:
    return [
        from_tick(
            Tick(kind=kind.collection, subject=row["_id"], name=name, at=at),
            route,
            row["district"],
            row["version"],
        )
        for name, at in row["clocks"].items()
        if at <= now
    ]
