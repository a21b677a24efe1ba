"""Parked messages as they are stored and told of: bytes, position and why, no content in words."""

import traceback
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from schemas import topics
from schemas.envelope import BadRecord, Header, envelope_of
from services.chassis.kinds import Document
from services.chassis.messages import Record, event_id
from services.chassis.outbox import Outgoing


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


def why(failure: Failure, now: datetime) -> Document:
    """What every parked row says besides its message."""
    return {
        "code": failure.code,
        "error_class": failure.error_class,
        "where": failure.where,
        "parked_at": now,
        "attempts": 1,
    }


def position_of(record: Record) -> Document:
    """Where a record stands: there is one row for it."""
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def row_of(record: Record, failure: Failure, now: datetime) -> Document:
    """A record as it is parked, byte for byte."""
    return {
        **position_of(record),
        "marker": record.marker,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
        "timestamp": record.timestamp,
        **why(failure, now),
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


def event_of_row(row: Document) -> UUID | None:
    """What an inbox would remember of a parked record; None: its envelope cannot be read."""
    try:
        return event_id(envelope_of(record_of(row).headers))
    except BadRecord:
        return None


def operators_copy(row: Document, service: str) -> Outgoing:
    """A parked record as the dead-letter topic tells of it."""
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
        topic=topics.dead_letters(service),
        key=position.encode(),
        value=copy.model_dump_json().encode(),
        headers=headers,
    )
