"""What the commit door is handed: a message with its routes, whoever it came from."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from uuid_utils.compat import uuid5

from schemas.envelope import LARGEST_VALUE, BadRecord, Envelope, Event, envelope_of, event_of
from services.chassis.kernel import NAMESPACE, UNDECLARED, Clock, Command, Route, Row, Tick
from services.chassis.scope import Scope

AS_THEY_ARE: Final = (str, int, bool, NoneType, bytes, float)  # most values are of these


@dataclass(frozen=True, kw_only=True)
class Record:
    """One Kafka record, byte for byte."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[Any, Any]] = ()
    timestamp: int = 0  # milliseconds

    @property
    def marker(self) -> str | None:
        """What later records of the same subject queue behind, once this one is parked."""
        return None if self.key is None else f"{self.topic}|{self.key.decode(errors='replace')}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Message:
    """A command, an event or a tick, ready to be decided."""

    id: UUID
    body: Any
    routes: tuple[Route[Any, Any], ...]
    district: str
    sequence: int = 0  # of a fact: its number among those of its subject
    told_at: datetime | None = None  # of a fact: the business time at its source
    traceparent: str | None = None
    scope: Scope | None = None  # who asks; None: a fact or a clock
    fingerprint: bytes | None = None  # of a command's parameters
    record: Record | None = None
    version: int = 0  # of a tick: its aggregate's

    @property
    def what(self) -> str:
        """The type of a fact, or which sort of clock ran out: no word about whom."""
        if isinstance(self.body, Tick):
            return f"tick {self.body.kind} {self.sort}"
        return str(getattr(self.body, "TYPE", type(self.body).__name__))

    @property
    def sort(self) -> str:
        """Of a tick: the sort of its clock."""
        clocks = (route for route in self.routes if isinstance(route, Clock))
        return next((clock.sort_of(self.body.name) for clock in clocks), UNDECLARED)

    @property
    def marker(self) -> str | None:
        """The marker of the record that it came from."""
        return self.record.marker if self.record else None


@dataclass(frozen=True)
class Unknown:
    """An event of a type or version that this service does not know: counted and passed over."""

    type: str


Rows = Mapping[str, tuple[type[Event], tuple[Row, ...]]]


def rows_by_type(rows: Mapping[type[Event], tuple[Row, ...]]) -> Rows:
    """The handler table by the type's name on the wire."""
    return {event.TYPE: (event, found) for event, found in rows.items()}


def event_id(envelope: Envelope) -> UUID:
    """What whoever handles an event remembers of it, wherever it stands on its topic."""
    return uuid5(NAMESPACE, f"{envelope.source} {envelope.id}")


def from_record(record: Record, rows: Rows) -> Message | Unknown:
    """Read a record.

    Raises:
        BadRecord: `key_missing`, `too_large`, or as `envelope_of` and `event_of`.
    """
    if record.key is None:
        raise BadRecord("key_missing")
    if record.value is not None and len(record.value) >= LARGEST_VALUE:
        raise BadRecord("too_large")
    envelope = envelope_of(record.headers)
    known = rows.get(envelope.type)
    if known is None:
        return Unknown(envelope.type)
    kind, found = known
    return Message(
        id=event_id(envelope),
        body=event_of(kind, record.value),
        routes=found,
        district=envelope.district,
        sequence=envelope.sequence,
        told_at=envelope.time,
        traceparent=envelope.traceparent,
        record=record,
    )


def from_command(command: Command, route: Route[Any, Any], traceparent: str | None) -> Message:
    """A person's command; its id is its key, scoped to the person and what is asked."""
    scope = command.scope
    name = f"{scope.district} {scope.actor} {type(command).__name__} {command.key}"
    return Message(
        id=uuid5(NAMESPACE, name),
        body=command,
        routes=(route,),
        district=scope.district,
        traceparent=traceparent,
        scope=scope,
        fingerprint=_fingerprint(command),
    )


def _fingerprint(command: Command) -> bytes:
    """The same in every process for the same parameters; who asks and the key are no parameters."""
    kind: Any = type(command)
    asked = [
        (name, _plain(getattr(command, name)))
        for name in _names(kind)
        if name not in {"key", "scope"}
    ]
    return hashlib.sha256(repr(asked).encode()).digest()[:16]


def _plain(value: Any) -> Any:
    """A value whose `repr` does not depend on the order that a process gives to its sets."""
    if type(value) in AS_THEY_ARE:
        return value
    if isinstance(value, BaseModel):
        return type(value).__name__, value.model_dump_json()
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(_plain(getattr(value, n)) for n in _names(value.__class__))]
    return _plain_items(value)


def _plain_items(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted((_plain(each) for each in value), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return [(_plain(name), _plain(each)) for name, each in value.items()]
    return value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def tick_id(tick: Tick) -> UUID:
    """The id of the running out of one clock at one time."""
    return uuid5(NAMESPACE, f"tick {tick.kind} {tick.subject} {tick.name} {tick.at.isoformat()}")


def from_tick(tick: Tick, route: Clock, district: str, version: int) -> Message:
    """A clock that has run out.

    The aggregate's version is part of the id: a clock set to the same time again runs out again.
    """
    return Message(
        id=uuid5(tick_id(tick), str(version)),
        body=tick,
        routes=(route,),
        district=district,
        version=version,
    )
