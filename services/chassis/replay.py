"""What operators do with parked rows: list, show, replay in order, discard, let the line go on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.chassis.commit import Committer
from services.chassis.conflicts import again_if_stale
from services.chassis.dead_letters import CONTROL, DISCARDED, MARKERS, ROWS, TICKS
from services.chassis.hopeless import end_if_hopeless
from services.chassis.inbox import Inbox
from services.chassis.kernel import Clock, Outage, Tick
from services.chassis.kinds import Document
from services.chassis.messages import from_tick
from services.chassis.mongo import Database, Session
from services.chassis.parked_rows import Failure, event_of_row, record_of

ORDER: Final = (("marker", 1), ("offset", 1))
BEHIND: Final = Failure("behind")


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
        self._inbox = Inbox(database)
        self._committer = committer
        self._clocks = clocks
        self._real_time = real_time

    async def rows(self, *, limit: int = 50) -> list[Document]:
        """Parked rows in the order in which they would be replayed, without their content."""
        names = ("topic", "partition", "offset", "marker", "code", "error_class", "where")
        fields = (*names, "parked_at", "attempts")
        return await self._rows.find({}, sort=ORDER, limit=limit, fields=fields)

    async def count(self) -> int:
        """How many rows there are."""
        return await self._rows.count({})

    async def find(self, row_id: object) -> Document | None:
        """One row whole, its seals closed."""
        return await self._rows.find_one({"_id": row_id})

    async def replay(self, marker: str | None = None, *, row_id: object = None) -> Replayed:
        """Feed rows through the door in order: those of one marker, or one row, or all.

        Stops per marker at the first row that still fails; other markers go on. One row goes
        only if it is the first of its marker: else it would overtake.
        """
        wanted: dict[str, Any] = {}
        if marker is not None:
            wanted["marker"] = marker
        if row_id is not None:
            wanted["_id"] = row_id
        done, failed = 0, dict[Any, Failure]()  # by marker, or by id where a row is alone
        while rows := await self._rows.find(_but(wanted, failed), sort=ORDER):
            for row in rows:  # and then those that came meanwhile, until none is left
                if row["marker"] not in failed:
                    failure = await self._replay_row(row)
                    done += failure is None
                    failed |= {row["marker"] or row["_id"]: failure} if failure else {}
        last = next(reversed(failed.values()), None)
        return Replayed(done, await self._rows.count(wanted), last)

    async def _replay_row(self, row: Document) -> Failure | None:
        if await self._is_behind(row):
            return BEHIND
        try:
            if row["topic"] == TICKS:
                return await self._replay_tick(row)
            await self._committer.replay(record_of(row), lambda s: self._settle(s, row))
        except Outage:
            raise
        except Exception as error:  # noqa: BLE001 - told to the person, the row stays
            end_if_hopeless(error)
            return await self._still_fails(row, Failure.of(error))
        return None

    async def _is_behind(self, row: Document) -> bool:
        if row["marker"] is None:
            return False
        earlier = {"marker": row["marker"], "offset": {"$lt": row["offset"]}}
        return await self._rows.find_one(earlier) is not None

    async def _still_fails(self, row: Document, failure: Failure) -> Failure:
        why = {"code": failure.code, "error_class": failure.error_class, "where": failure.where}
        change = {"$inc": {"attempts": 1}, "$set": why}
        await self._rows.update_one({"_id": row["_id"]}, change)
        return failure

    async def _replay_tick(self, row: Document) -> Failure | None:
        """Let the clock run out once more; the door parks it anew if it fails again."""
        tick = Tick(**row["tick"])
        message = from_tick(tick, self._clocks[tick.kind], row["district"], row["version"])
        await self._rows.delete_many({"_id": row["_id"]})
        await self._committer.handle([message])
        again = await self._rows.find_one({"_id": row["_id"]})
        return Failure(again["code"], again["error_class"], again["where"]) if again else None

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

    async def discard(self, row: Document, *, by: str, reason: str, new_id: UUID) -> bool:
        """Give a row up for good; who and why stays. It is never parked again, and never handled.

        False: it is not parked any more, and nothing was changed.
        """
        kept = {name: row[name] for name in ("topic", "partition", "offset", "marker", "code")}
        event = None if row["topic"] == TICKS else event_of_row(row)
        said = {"_id": new_id, **kept, "event": event, "by": by, "reason": reason}
        said["at"] = self._real_time()

        async def once() -> bool:
            async with self._database.transaction() as session:
                if not await self._rows.find_one({"_id": row["_id"]}, session=session):
                    return False
                await self._database.collection(DISCARDED).insert_many([said], session=session)
                if event is not None:
                    await self._inbox.pass_over(session, event)
                await self._settle(session, row)
            return True

        return await again_if_stale(once)

    async def resume(self) -> None:
        """Let a stopped line go on."""
        change = {"$set": {"stopped": False}}
        await self._database.collection(CONTROL).update_one({"_id": "line"}, change, upsert=True)


def _but(wanted: Mapping[str, Any], failed: Iterable[Any]) -> dict[str, Any]:
    """Rows wanted, without those that failed just now and what waits behind them."""
    return {"$and": [wanted, {"marker": {"$nin": [*failed]}}, {"_id": {"$nin": [*failed]}}]}
