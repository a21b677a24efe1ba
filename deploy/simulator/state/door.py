"""A door that decides as the commit door does, on aggregates in memory.

It runs the services' own tables: each event reaches all services at once and in order, so that
what stands here in the end is what they would have stored. Nothing is written or sent.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from uuid_utils.compat import uuid5

from schemas.envelope import Event, Sealed, sealed_fields
from services.chassis.deciding import decided, is_late, shown
from services.chassis.declared import Tables
from services.chassis.kernel import (
    NAMESPACE,
    Clock,
    Command,
    Context,
    Copy,
    Reliance,
    Route,
    Row,
    Selection,
    Tick,
    Watching,
    table,
)
from services.chassis.messages import Message, from_command, from_tick
from services.chassis.seals import close_seal
from services.chassis.vault import Keyring
from services.chassis.working import Loaded

S = TypeVar("S")
C = TypeVar("C", bound=Command)
Table = Mapping[type[Event], tuple[Row, ...]]


class MemoryDoor:
    """All services' aggregates, and what their decisions share (`shared`, by its type)."""

    def __init__(self, tables: Sequence[Tables], district: str, now: datetime) -> None:
        self._tables: list[tuple[Tables, Table]] = [(each, table(each.rows)) for each in tables]
        self._kinds = {kind.state: kind for each in tables for kind in each.kinds}
        self._clocks = {clock.kind: clock for each in tables for clock in each.clocks}
        self._loaded: dict[type, dict[str, Loaded]] = {kind: {} for kind in self._kinds}
        self._district = district
        self.now = now
        self.shared: dict[type, Any] = {}
        self.keys = Keyring({})  # of those whose sealed facts are closed as soon as they are told
        self.told: list[Event] = []  # since somebody last looked
        self.moved: list[Loaded] = []  # what has a new state since then

    @property
    def kinds(self) -> list[type]:
        """The kinds of aggregates that it can hold."""
        return list(self._kinds)

    async def submit(self, command: C, route: Route[S, C]) -> S:
        """The state after a command, as at the commit door."""
        return self.ask(command, route)

    def ask(self, command: C, route: Route[S, C]) -> S:
        """Do what somebody asks, and all that follows.

        Raises:
            Refused: as its decision; nothing has happened then.
        """
        message = from_command(command, route, None)
        said = self._handle(message, route, self._tables[0][0])
        (target,) = self._targets(route, command)
        self._spread(message, said)
        state: S = shown(message, target)
        return state

    def hear(self, event: Event) -> None:
        """Take in what a service tells that is not here."""
        message = Message(
            id=uuid5(NAMESPACE, f"{event.TYPE} {event.subject} {self.now}"),
            body=event,
            routes=(),
            district=self._district,
        )
        self._spread(message, [(event, 1)])

    def ring(self, tick: Tick, kind: type) -> None:
        """Let a clock run out."""
        clock: Clock = self._clocks[kind]
        message = from_tick(tick, clock, self._district, 0)
        (tables,) = (each for each, _ in self._tables if clock in each.clocks)
        self._spread(message, self._handle(message, clock, tables))

    def find(self, kind: type[S], id: str) -> S | None:
        """An aggregate's state, if it is there."""
        found = self._loaded[kind].get(id)
        return found.state if found else None

    def all(self, kind: type[S]) -> list[S]:
        """The states of one kind."""
        return [each.state for each in self._loaded[kind].values() if each.state is not None]

    def look(self) -> tuple[list[Event], list[Loaded]]:
        """What was told and what has a new state, since the last look."""
        seen = self.told, self.moved
        self.told, self.moved = [], []
        return seen

    def put(self, state: Any, id: str) -> None:
        """Give an aggregate another state that no decision of its own made."""
        self._loaded[type(state)][id].state = state

    def changed(self, kinds: Iterable[type]) -> list[Loaded]:
        """The aggregates of some kinds that would be written."""
        return [
            each
            for kind in kinds
            for each in self._loaded[kind].values()
            if each.relied_on or (each.changed and each.state is not None)
        ]

    def forget(self, kinds: Iterable[type]) -> None:
        """Let go of the aggregates of some kinds."""
        for kind in kinds:
            self._loaded[kind] = {}

    # -- how an event reaches all who hear it ----------------------------------------------------

    def _spread(self, cause: Message, said: Sequence[tuple[Event, int]]) -> None:
        waiting = deque((cause, event, sequence) for event, sequence in said)
        while waiting:
            before, event, sequence = waiting.popleft()
            event = self._closed(event)
            self.told.append(event)
            message = Message(
                id=uuid5(before.id, f"{event.TYPE} {event.subject} {sequence}"),
                body=event,
                routes=(),
                district=self._district,
                sequence=sequence,
                told_at=self.now,
            )
            for tables, rows in self._tables:
                for row in rows.get(type(event), ()):
                    more = self._handle(message, row, tables)
                    waiting.extend((message, each, number) for each, number in more)

    def _handle(
        self, message: Message, route: Route[Any, Any], tables: Tables
    ) -> list[tuple[Event, int]]:
        return [
            each
            for target in self._targets(route, message.body)
            if not is_late(route, message, target)
            for each in self._decide(message, route, target, tables)
        ]

    def _targets(self, route: Route[Any, Any], body: Any) -> list[Loaded]:
        if isinstance(route.by, Selection):
            value, by = route.by.value(body), route.by
            held = self._loaded[route.kind].values()
            return [each for each in held if each.state and by.matches(each.state, value)]
        return [self._at(route.kind, each) for each in dict.fromkeys(route.by(body))]

    def _at(self, kind: type, id: str) -> Loaded:
        return self._loaded[kind].setdefault(id, Loaded(kind=self._kinds[kind], id=id))

    def _decide(
        self, message: Message, route: Route[Any, Any], target: Loaded, tables: Tables
    ) -> list[tuple[Event, int]]:
        relied = [
            each for found in route.relies_on if (each := self._relied(found, target, message))
        ]
        now = max(self.now, target.at) if target.at else self.now
        context = Context(
            message_id=message.id,
            subject=target.id,
            now=now,
            district=self._district,
            seen={need: self.shared[need] for need in route.needs}
            | {each.kind.state: each.or_blank(self._district) for each in relied},
        )
        decision = decided(route, message, target, context, tables.answers)
        if decision.events or decision.state != target.state:
            target.state, target.at, target.changed = decision.state, now, True
            self.moved.append(target)
        if isinstance(route, Copy):
            target.seen[message.body.subject], target.changed = message.sequence, True
        for each in relied:
            each.relied_on |= target.changed
        return [self._tell(event, target) for event in decision.events]

    def _relied(self, reliance: Reliance, target: Loaded, message: Message) -> Loaded | None:
        found = reliance.by(target.state, message.body)
        return self._at(reliance.kind, found) if found else None

    def _tell(self, event: Event, target: Loaded) -> tuple[Event, int]:
        target.sequence += 1
        for value in self.shared.values():
            if isinstance(value, Watching):
                value.see(event)
        return event, target.sequence

    def _closed(self, event: Event) -> Event:
        """The event as others read it, with the bytes of its seals where a key is at hand."""
        names = sealed_fields(type(event))
        closed = {
            name: seal
            for name in names
            if isinstance(seal := getattr(event, name), Sealed) and seal.person in self.keys.keys
        }
        if not closed:
            return event
        return event.model_copy(update={name: self._as_read(each) for name, each in closed.items()})

    def _as_read(self, seal: Sealed[Any]) -> Sealed[Any]:
        shut = close_seal(seal, self.keys)
        return shut.opened(self.keys.open(shut.person, shut.facts_type().KIND, shut.box))
