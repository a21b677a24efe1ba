"""What a service gives its door, and what comes out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from schemas.envelope import ActEvent, Event
from services.chassis.failpoints import FailPoints
from services.chassis.inbox import Inbox
from services.chassis.kernel import Refused
from services.chassis.kinds import Kind
from services.chassis.messages import Message
from services.chassis.mongo import Database, Session
from services.chassis.outbox import Outbox
from services.chassis.seals import Seals


class Provider(Protocol):
    """Context that the decisions of a batch share: a directory, a calendar, seats."""

    async def load(self, session: Session, messages: Sequence[Message]) -> Any:
        """Read it, once for the batch; a value that is `Watching` follows what is decided."""

    async def save(self, session: Session, value: Any) -> None:
        """Write what changed, guarded, or raise `StaleWrite`."""


class ReadOnly:
    """A provider whose value no decision changes."""

    async def save(self, session: Session, value: Any) -> None:
        """Nothing has changed."""


class Fixed(ReadOnly):
    """A provider of what is the same for every batch."""

    def __init__(self, value: Any) -> None:
        self._value = value

    async def load(self, session: Session, messages: Sequence[Message]) -> Any:
        """The value."""
        del session, messages
        return self._value


class Answers(Protocol):
    """How a service answers an act that led to no event of its own."""

    def refused(self, act: ActEvent, code: str, subject: str) -> Event:
        """The act was refused, with a code."""

    def settled(self, act: ActEvent, subject: str) -> Event:
        """The act was right, and nothing came of it."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What a service gives its door."""

    database: Database
    kinds: Mapping[type, Kind[Any]]
    providers: Mapping[type, Provider]
    answers: Answers | None
    inbox: Inbox
    outbox: Outbox
    seals: Seals
    clock: Callable[[], datetime]  # business time
    real_time: Callable[[], datetime]
    new_id: Callable[[], UUID]
    fail_points: FailPoints = field(default_factory=FailPoints)


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event decided in a batch, with what its envelope needs."""

    event: Event
    sequence: int
    number: int  # the n-th event of its message
    message: Message
    time: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of a command."""

    state: Any = None
    refused: Refused | None = None
