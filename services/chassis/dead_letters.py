"""Messages that could not be handled: set aside byte for byte, later ones of their key behind.

A row, its marker `topic|key` and the operators' copy are one transaction. Rows stay until a person
acts; `Replay` feeds them through the same door in order, and the last one lifts the marker.
"""

import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from pydantic import BaseModel
from services.chassis.telemetry import Telemetry

from schemas import topics
from schemas.envelope import Header
from services.chassis.kernel import Tick
from services.chassis.kinds import Document, Index
from services.chassis.messages import Message, Record
from services.chassis.mongo import Database, Session
from services.chassis.outbox import Outbox, Outgoing

ROWS: Final = "parked"
MARKERS: Final = "parked_keys"
CONTROL: Final = "control"  # one row: whether a person let a stopped line go on
INDEXES: Final[Mapping[str, tuple[Index, ...]]] = {
    ROWS: (
        Index((("topic", 1), ("partition", 1), ("offset", 1)), unique=True),
        Index((("marker", 1), ("offset", 1))),
    ),
    MARKERS: (Index((("topic", 1),)),),
    CONTROL: (),
}
STOP_KEYS: Final = 20  # different keys parked by one (route, error class) ...
STOP_SHARE: Final = 0.05  # ... and more than this share of its records ...
STOP_SECONDS: Final = 600.0  # ... within this time: a bug must not empty a topic

TICKS: Final = "ticks"  # the "topic" of parked ticks


@dataclass(frozen=True)
class Failure:
    """Why a message was set aside; never its content."""

    code: str
    error_class: str = ""
    where: str = ""  # file and line, for whoever mends it

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """What an exception says without its text, which may hold input."""
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
        return cls(getattr(error, "code", None) or "undecidable", type(error).__name__, where)


class OperatorsCopy(BaseModel):
    """What the dead-letter topic tells of a parked record: metadata and position, no content."""

    topic: str
    partition: int
    offset: int
    type: str
    code: str
    error_class: str
    parked_at: datetime


@dataclass
class LineStop:
    """Counts parked keys per failure; says when the line is to stop."""

    monotonic: Callable[[], float]
    handled: deque[tuple[float, int]] = field(default_factory=deque)
    parked: deque[tuple[float, str, str]] = field(default_factory=deque)

    def note_handled(self, count: int) -> None:
        """Records went through."""
        self.handled.append((self.monotonic(), count))

    def note_parked(self, failure: str, key: str) -> bool:
        """One was parked; True when too many different keys were, for one failure."""
        now = self.monotonic()
        self.parked.append((now, failure, key))
        while self.parked and self.parked[0][0] < now - STOP_SECONDS:
            self.parked.popleft()
        while self.handled and self.handled[0][0] < now - STOP_SECONDS:
            self.handled.popleft()
        keys = {each for _, name, each in self.parked if name == failure}
        total = sum(count for _, count in self.handled) + len(self.parked)
        return len(keys) >= STOP_KEYS and len(keys) > STOP_SHARE * total


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
        self._markers = database.collection(MARKERS)
        self._outbox = outbox
        self._service = service
        self._telemetry = telemetry
        self._real_time = real_time
        self._line = LineStop(monotonic)
        self.is_stopped = False
        self._is_announced = False

    async def park(self, record: Record, failure: Failure) -> None:
        """Set a record aside; twice is once."""
        row = _row(record, failure, self._real_time())
        async with self._database.transaction() as session:
            if await self._is_there(session, record):
                return
            await self._rows.insert_many([row], session=session)
            if record.marker is not None:
                await self._mark(session, record.marker, record.topic)
            await self._outbox.add(session, [self._copy(row)])
        self._note(failure, record.topic, record.marker or "")

    async def park_message(self, message: Message, error: BaseException) -> None:
        """Set aside what could not be decided: a record, or a tick."""
        failure = Failure.of(error)
        if message.record is not None:
            await self.park(message.record, failure)
        elif isinstance(message.body, Tick):
            await self._park_tick(message, message.body, failure)
        else:
            raise error

    async def _park_tick(self, message: Message, tick: Tick, failure: Failure) -> None:
        found = {"_id": message.id}
        row = {
            **found,
            "topic": TICKS,
            "partition": 0,
            "offset": message.id.hex,
            "marker": None,
            "tick": {"kind": tick.kind, "subject": tick.subject, "name": tick.name, "at": tick.at},
            "district": message.district,
            **_why(failure, self._real_time()),
        }
        async with self._database.transaction() as session:
            if not await self._rows.find_one(found, session=session):
                await self._rows.insert_many([row], session=session)
        self._note(failure, TICKS, tick.subject)

    async def parked_ticks(self) -> set[Any]:
        """Ids of ticks that wait for a person; the scheduler leaves them alone."""
        return {row["_id"] for row in await self._rows.find({"topic": TICKS}, fields=("_id",))}

    async def queue_behind(self, session: Session, messages: Sequence[Message]) -> list[Message]:
        """Set aside those whose key is marked, in order; gives the others."""
        keys = {each.marker for each in messages if each.marker is not None}
        if not keys:
            return list(messages)
        rows = await self._markers.find({"_id": {"$in": list(keys)}}, session=session)
        if not rows:
            return list(messages)
        marked = {row["_id"] for row in rows}
        for message in messages:
            if message.record is not None and message.marker in marked:
                await self._queue(session, message.record)
        return [each for each in messages if each.marker not in marked]

    async def _queue(self, session: Session, record: Record) -> None:
        if not await self._is_there(session, record):
            row = _row(record, Failure("behind"), self._real_time())
            await self._rows.insert_many([row], session=session)
            await self._mark(session, str(record.marker), record.topic)

    async def _is_there(self, session: Session, record: Record) -> bool:
        position = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
        }
        return await self._rows.find_one(position, session=session) is not None

    async def _mark(self, session: Session, marker: str, topic: str) -> None:
        """Write to the marker also when it is there: lifting it meanwhile is then a conflict."""
        change = {"$inc": {"rows": 1}, "$setOnInsert": {"topic": topic}}
        await self._markers.update_one({"_id": marker}, change, upsert=True, session=session)

    def _copy(self, row: Document) -> Outgoing:
        named = dict(row["headers"])
        copy = OperatorsCopy(
            topic=row["topic"],
            partition=row["partition"],
            offset=row["offset"],
            type=_ascii(named.get("ce_type")),
            code=row["code"],
            error_class=row["error_class"],
            parked_at=row["parked_at"],
        )
        headers: list[Header] = [("content-type", b"application/json")]
        position = f"{row['topic']}/{row['partition']}/{row['offset']}"
        return Outgoing(
            topic=topics.dead_letters(self._service),
            key=position.encode(),
            value=copy.model_dump_json().encode(),
            headers=headers,
            subject=position,
            sequence=1,
        )

    def note_handled(self, count: int) -> None:
        """Records went through the door."""
        self._line.note_handled(count)

    def _note(self, failure: Failure, topic: str, key: str) -> None:
        name = f"{failure.code} {failure.error_class} {failure.where}"
        self._telemetry.count("records_parked_total", topic=topic, code=failure.code)
        structlog.get_logger().error(
            "message.parked",
            code=failure.code,
            error_class=failure.error_class,
            where=failure.where,
        )
        if failure.code != "behind" and self._line.note_parked(name, key):
            self.is_stopped = True

    async def look_for_resume(self) -> None:
        """Let the line go on once a person has looked at it and said so."""
        control = self._database.collection(CONTROL)
        if not self._is_announced:
            await control.update_one({"_id": "line"}, {"$set": {"stopped": True}}, upsert=True)
            self._is_announced = True
        row = await control.find_one({"_id": "line"})
        if row is None or not row["stopped"]:
            self.is_stopped = self._is_announced = False
            self._line.parked.clear()


def _why(failure: Failure, now: datetime) -> Document:
    return {
        "code": failure.code,
        "error_class": failure.error_class,
        "where": failure.where,
        "parked_at": now,
        "attempts": 1,
    }


def _row(record: Record, failure: Failure, now: datetime) -> Document:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "marker": record.marker,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
        "timestamp": record.timestamp,
        **_why(failure, now),
    }


def _ascii(value: bytes | None) -> str:
    return "" if value is None else value[:100].decode("ascii", errors="replace")


def record_of(row: Document) -> Record:
    """A parked row as the record that it was."""
    return Record(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        key=row["key"],
        value=row["value"],
        headers=[(name, value) for name, value in row["headers"]],
        timestamp=row["timestamp"],
    )
