"""The words of every decision: pure, and free of any domain.

An expected "no" and everything else that can go wrong:

    Refused(code, message)   an expected no: 404 for ..._unknown (also: out of scope), else 409
    Outage                   Mongo or Kafka is away: wait, nothing is parked
    StaleWrite               another writer was first: run again, never parked (a `Duplicate`
                             that lasts is a bug)
    anything else            a bug: 500; on Kafka isolated by bisecting and parked, the line goes on
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar, cast
from uuid import UUID

from uuid_utils.compat import uuid5  # the standard library's at half its cost

from schemas.envelope import ActEvent, Event
from services.chassis.scope import Scope

NAMESPACE: Final = UUID("6f1f6f0e-3f0c-5a52-9d0b-6a2f6f2b7c11")
SELECTION_LIMIT: Final = 100
UNDECLARED: Final = "undeclared"  # the sort of a clock that its table does not name


class Refused(Exception):
    """An expected no, with a code of `schemas/codes.py` and the English sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Outage(Exception):
    """The database or the broker is away; waiting helps, parking does not."""


class TooBusy(Outage):
    """So much waits to be sent that a new command would only wait with it."""


class Broken(Exception):
    """A client of the database that does not mend itself; a new process has a new one."""


class StaleWrite(Exception):
    """Another writer was first; the same work is to be run again."""


class Duplicate(StaleWrite):
    """A unique value besides the id is taken: by a writer who was first or, if it lasts, a bug."""


S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)
M = TypeVar("M")
T = TypeVar("T")


@dataclass(frozen=True)
class Decision(Generic[S_co]):
    """What follows from a message: the state from now on, and the facts to tell."""

    state: S_co
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Command:
    """What a person asks for; `key` makes asking twice the same as asking once."""

    key: UUID
    scope: Scope


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A clock of an aggregate that has run out; its decision clears the clock or moves it."""

    kind: str
    subject: str
    name: str
    at: datetime


class Undeclared(Exception):
    """A decision looked at something that its route does not name."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """All that a decision may see beside its state and its message."""

    message_id: UUID
    subject: str
    now: datetime
    district: str
    seen: Mapping[type, Any] = field(default_factory=dict)

    def get(self, kind: type[T]) -> T:
        """What the route `needs` or `relies_on`.

        Raises:
            Undeclared: the route names neither.
        """
        if kind not in self.seen:
            raise Undeclared(kind.__name__)
        return cast("T", self.seen[kind])

    def id(self, name: str | int = 0) -> str:
        """An id that follows from the message, so that a second run makes the same."""
        return derived(self.message_id, self.subject, name)


def derived(message_id: UUID, subject: str, name: str | int) -> str:
    """The id of the thing called `name` that a message made of a subject."""
    return str(uuid5(message_id, f"{subject} {name}"))


@dataclass(frozen=True)
class Selection:
    """The open aggregates whose `field` equals what the message says of it; at most 100."""

    field: str
    of: Callable[[Any], Hashable] | None = None

    def value(self, message: object) -> Hashable:
        """What the field of a state must equal."""
        return self.of(message) if self.of else cast("Hashable", getattr(message, self.field))

    def matches(self, state: object, value: Hashable) -> bool:
        """Whether a state is open and has the value."""
        return bool(getattr(state, "is_open", False)) and getattr(state, self.field) == value


@dataclass(frozen=True)
class Reliance:
    """An aggregate that a decision relies on without writing it; `by` gives its id or None."""

    kind: type
    by: Callable[[Any, Any], str | None]  # (state or None, message)


@dataclass(frozen=True, kw_only=True)
class Route(Generic[S, M]):
    """How a message reaches its decision."""

    kind: type[S]
    by: Callable[[M], Iterable[str]] | Selection
    decide: Callable[[S, M, Context], Decision[S]] | Callable[[S | None, M, Context], Decision[S]]
    needs: tuple[type, ...] = ()
    relies_on: tuple[Reliance, ...] = ()


@dataclass(frozen=True)
class Row(Route[Any, Any]):
    """One line of a handler table."""

    message: type[Event]


@dataclass(frozen=True)
class On(Row):
    """A fact: its decision never refuses."""


@dataclass(frozen=True)
class Copy(Row):
    """A copy of another service's facts: guarded by the source's sequence, tells nothing."""


@dataclass(frozen=True)
class Act(Row):
    """What a person asked through another service: may refuse, is answered exactly once."""

    message: type[ActEvent]


@dataclass(frozen=True, kw_only=True)
class Clock(Route[Any, Tick]):
    """What happens when a clock of this kind of aggregate runs out.

    The name of a clock begins with its sort; the id of what it is about may follow. Metrics, logs
    and the stop of a line know the sorts alone.
    """

    sorts: tuple[str, ...]
    by: Callable[[Tick], Iterable[str]] | Selection = lambda tick: [tick.subject]

    def sort_of(self, name: str) -> str:
        """Which of its sorts a clock is of: a word about no one."""
        return next((each for each in self.sorts if name.startswith(each)), UNDECLARED)


class Watching:
    """A context value that follows the facts as they are decided, as seats do."""

    def see(self, event: Event) -> None:
        """Take in one decided fact, in memory."""


def table(rows: Iterable[Row]) -> dict[type[Event], tuple[Row, ...]]:
    """The rows of each message, in their order."""
    found: dict[type[Event], tuple[Row, ...]] = {}
    for row in rows:
        found[row.message] = (*found.get(row.message, ()), row)
    return found
