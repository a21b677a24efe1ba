"""Messages that could not be handled: set aside byte for byte, later ones of their key behind.

A row, its marker `topic|key` and the operators' copy are one transaction. Rows stay until a person
acts; `Replay` feeds them through the same door in order, and the last one lifts the marker.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from services.chassis.conflicts import again_if_stale
from services.chassis.inbox import Inbox
from services.chassis.kernel import Outage, Tick
from services.chassis.kinds import Document, Index
from services.chassis.line_stop import LineStop
from services.chassis.messages import Message, Record, tick_id
from services.chassis.mongo import Database, Session
from services.chassis.outbox import Outbox
from services.chassis.parked_rows import Failure, operators_copy, position_of, row_of, why
from services.chassis.telemetry import Telemetry

ROWS: Final = "parked"
MARKERS: Final = "parked_keys"
DISCARDED: Final = "discarded"  # given up by a person: never parked again
CONTROL: Final = "control"  # one row: whether a person let a stopped line go on
POSITION: Final = Index((("topic", 1), ("partition", 1), ("offset", 1)), unique=True)
INDEXES: Final[Mapping[str, tuple[Index, ...]]] = {
    ROWS: (POSITION, Index((("marker", 1), ("offset", 1)))),
    DISCARDED: (POSITION,),
    MARKERS: (Index((("topic", 1),)),),
    CONTROL: (),
}
TICKS: Final = "ticks"  # the "topic" of parked ticks


class LineStopped(Outage):
    """So much was parked that a person has to look before anything more is."""


class DeadLetters:
    """The parked rows of one service."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        service: str,
        telemetry: Telemetry,
        real_time: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._rows = database.collection(ROWS)
        self._discarded = database.collection(DISCARDED)
        self._markers = database.collection(MARKERS)
        self._inbox = Inbox(database)
        self._outbox = outbox
        self._service = service
        self._telemetry = telemetry
        self._real_time = real_time
        self._line = LineStop(monotonic)
        self.is_stopped = False
        self._is_announced = False

    async def park(self, record: Record, failure: Failure, *, route: str = "") -> None:
        """Set a record aside; twice is once.

        Raises:
            LineStopped: nothing more is parked until a person has looked.
        """
        key = record.marker or f"{record.topic}/{record.partition}/{record.offset}"

        async def once() -> bool:
            async with self._database.transaction() as session:
                return await self._park(session, record, failure)

        await self._park_unless_stopped(once, failure, record.topic, route or record.topic, key)

    async def _park(self, session: Session, record: Record, failure: Failure) -> bool:
        if await self._is_there(session, position_of(record)):
            return False
        row = row_of(record, failure, self._real_time())
        await self._rows.insert_many([row], session=session)
        if record.marker is not None:
            await self._mark(session, record.marker, record.topic)
        copy = self._outbox.rows_of([operators_copy(row, self._service)])
        await self._outbox.add(session, copy)
        return True

    async def park_message(self, message: Message, error: BaseException) -> None:
        """Set aside what could not be decided: a record, or a tick."""
        failure = Failure.of(error)
        if message.record is not None:
            await self.park(message.record, failure, route=message.what)
        elif isinstance(message.body, Tick):
            await self._park_tick(message, message.body, failure)
        else:
            raise error

    async def _park_tick(self, message: Message, tick: Tick, failure: Failure) -> None:
        parked = tick_id(tick)
        position = {"topic": TICKS, "partition": 0, "offset": parked.hex}
        row = {
            "_id": parked,
            **position,
            "marker": None,
            "tick": {"kind": tick.kind, "subject": tick.subject, "name": tick.name, "at": tick.at},
            "version": message.version,
            "district": message.district,
            **why(failure, self._real_time()),
        }

        async def once() -> bool:
            async with self._database.transaction() as session:
                if await self._is_there(session, position):
                    return False
                await self._rows.insert_many([row], session=session)
                return True

        await self._park_unless_stopped(once, failure, TICKS, message.what, tick.subject)

    async def _park_unless_stopped(
        self,
        once: Callable[[], Awaitable[bool]],
        failure: Failure,
        topic: str,
        route: str,
        key: str,
    ) -> None:
        if self.is_stopped:
            raise LineStopped
        if await again_if_stale(once):
            self._telemetry.count("records_parked_total", topic=topic, code=failure.code)
            self._note(failure, route, key)

    async def count(self) -> int:
        """How many messages wait for a person."""
        return await self._rows.count({})

    async def parked_ticks(self) -> set[Any]:
        """Ids of ticks that wait for a person or were given up; the scheduler leaves them alone."""
        return {
            UUID(row["offset"])
            for rows in (self._rows, self._discarded)
            for row in await rows.find({"topic": TICKS}, fields=("offset",))
        }

    async def queue_behind(self, session: Session, messages: Sequence[Message]) -> list[Message]:
        """Set aside those whose key is marked, in order; gives the others."""
        keys = {each.marker for each in messages if each.marker is not None}
        if not keys:
            return list(messages)
        rows = await self._markers.find({"_id": {"$in": list(keys)}}, session=session)
        if not rows:
            return list(messages)
        marked = {row["_id"] for row in rows}
        behind = [each for each in messages if each.marker in marked]
        done = await self._inbox.seen(session, [each.id for each in behind])
        for message in behind:
            if message.record is not None and message.id not in done:
                await self._queue(session, message.record)
        return [each for each in messages if each.marker not in marked]

    async def _queue(self, session: Session, record: Record) -> None:
        if not await self._is_there(session, position_of(record)):
            row = row_of(record, Failure("behind"), self._real_time())
            await self._rows.insert_many([row], session=session)
            await self._mark(session, str(record.marker), record.topic)

    async def _is_there(self, session: Session, position: Document) -> bool:
        """Whether it is parked already, or was given up."""
        return (
            await self._rows.find_one(position, session=session) is not None
            or await self._discarded.find_one(position, session=session) is not None
        )

    async def _mark(self, session: Session, marker: str, topic: str) -> None:
        """Write to the marker also when it is there: lifting it meanwhile is then a conflict."""
        change = {"$inc": {"rows": 1}, "$setOnInsert": {"topic": topic}}
        await self._markers.update_one({"_id": marker}, change, upsert=True, session=session)

    def note_handled(self, handled: Mapping[str, int]) -> None:
        """So many messages of each kind went through the door."""
        self._line.note_handled(handled)

    def _note(self, failure: Failure, route: str, key: str) -> None:
        structlog.get_logger().error(
            "message.parked",
            route=route,
            code=failure.code,
            error_class=failure.error_class,
            where=failure.where,
        )
        if failure.code == "behind":
            return
        if self._line.note_parked(route, f"{failure.code} {failure.error_class}", key):
            self.is_stopped = True
            self._telemetry.count("lines_stopped_total")
            structlog.get_logger().critical("line.stopped", route=route)

    async def look_for_resume(self) -> None:
        """Let the line go on once a person has looked at it and said so."""
        if not self.is_stopped:
            return
        control = self._database.collection(CONTROL)
        if not self._is_announced:
            await control.update_one({"_id": "line"}, {"$set": {"stopped": True}}, upsert=True)
            self._is_announced = True
        row = await control.find_one({"_id": "line"})
        if row is None or not row["stopped"]:
            self.is_stopped = self._is_announced = False
            self._line.start_anew()
