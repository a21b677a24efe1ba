"""What operators do with parked rows: list, show, replay in order, discard, let the line go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.envelope import BadRecord
from services.chassis.commit import Committer
from services.chassis.dead_letters import CONTROL, MARKERS, ROWS, TICKS, Failure, record_of
from services.chassis.kernel import Clock, Outage, Tick
from services.chassis.kinds import Document
from services.chassis.messages import from_tick
from services.chassis.mongo import Database, Session

DISCARDED: Final = "discarded"
ORDER: Final = (("marker", 1), ("offset", 1))


@dataclass(frozen=True)
class Replayed:
    """How a replay went; `failure` is why it stopped at the next row."""

    done: int
    left: int
    failure: Failure | None = None


class Replay:
    """Parked rows of one service, for a person at a terminal."""

    def __init__(
        self,
        database: Database,
        committer: Committer,
        clocks: Mapping[str, Clock],  # by collection
        real_time: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._rows = database.collection(ROWS)
        self._markers = database.collection(MARKERS)
        self._committer = committer
        self._clocks = clocks
        self._real_time = real_time

    async def rows(self, *, limit: int = 50) -> list[Document]:
        """Parked rows in the order in which they would be replayed, without their content."""
        names = ("topic", "partition", "offset", "marker", "code", "error_class", "where")
        fields = (*names, "parked_at", "attempts")
        return await self._rows.find({}, sort=ORDER, limit=limit, fields=fields)

    async def find(self, row_id: object) -> Document | None:
        """One row whole, its seals closed."""
        return await self._rows.find_one({"_id": row_id})

    async def replay(self, marker: str | None = None, *, row_id: object = None) -> Replayed:
        """Feed rows through the door in order: those of one marker, or one row, or all.

        Stops per marker at the first row that still fails; other markers go on.
        """
        wanted: dict[str, Any] = {}
        if marker is not None:
            wanted["marker"] = marker
        if row_id is not None:
            wanted["_id"] = row_id
        done, failure, blocked = 0, None, set()
        for row in await self._rows.find(wanted, sort=ORDER):
            if row["marker"] is not None and row["marker"] in blocked:
                continue
            failed = await self._replay_row(row)
            done += failed is None
            if failed is not None:
                failure = failed
                blocked.add(row["marker"])
        return Replayed(done, await self._rows.count(wanted), failure)

    async def _replay_row(self, row: Document) -> Failure | None:
        try:
            if row["topic"] == TICKS:
                await self._replay_tick(row)
            else:
                await self._committer.replay(record_of(row), lambda s: self._settle(s, row))
        except Outage:
            raise
        except (BadRecord, Exception) as error:  # noqa: BLE001 - told to the person, row stays
            failure = Failure.of(error)
            change = {"$inc": {"attempts": 1}, "$set": {"error_class": failure.error_class}}
            await self._rows.update_one({"_id": row["_id"]}, change)
            return failure
        return None

    async def _replay_tick(self, row: Document) -> None:
        tick = Tick(**row["tick"])
        message = from_tick(tick, self._clocks[tick.kind], row["district"])
        await self._rows.delete_many({"_id": row["_id"]})  # a tick that fails is parked anew
        await self._committer.handle([message])

    async def _settle(self, session: Session, row: Document) -> None:
        """Forget the row; the last one of its key lifts the marker."""
        await self._rows.delete_many({"_id": row["_id"]}, session=session)
        marker = row["marker"]
        if marker is None:
            return
        left = await self._rows.find({"marker": marker}, session=session, limit=1)
        if left:  # a write to the marker, so that a row queued meanwhile is a conflict
            change = {"$inc": {"rows": -1}}
            await self._markers.update_one({"_id": marker}, change, session=session)
        else:
            await self._markers.delete_many({"_id": marker}, session=session)

    async def discard(self, row: Document, *, by: str, reason: str, new_id: UUID) -> None:
        """Give a row up for good; who and why stays."""
        kept = {name: row[name] for name in ("topic", "partition", "offset", "marker", "code")}
        said = {"_id": new_id, **kept, "by": by, "reason": reason, "at": self._real_time()}
        async with self._database.transaction() as session:
            await self._database.collection(DISCARDED).insert_many([said], session=session)
            await self._settle(session, row)

    async def resume(self) -> None:
        """Let a stopped line go on."""
        change = {"$set": {"stopped": False}}
        await self._database.collection(CONTROL).update_one({"_id": "line"}, change, upsert=True)
