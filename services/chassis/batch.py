"""One batch inside one transaction: read what the messages need, decide in memory, write.

Each message sees what earlier ones of the batch did, also through selections.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from schemas.envelope import ActEvent, Event
from services.chassis.inbox import Inbox
from services.chassis.kernel import (
    Act,
    Clock,
    Context,
    Copy,
    Decision,
    Refused,
    Route,
    Tick,
)
from services.chassis.kinds import Kind
from services.chassis.messages import Message
from services.chassis.mongo import Database, Session
from services.chassis.outbox import Outbox
from services.chassis.seals import Seals
from services.chassis.working import Loaded, Working

YIELD_EVERY: Final = 50  # messages decided between two turns of the event loop
CHANGES: Final = "changes"  # ids that pages watch, for the other processes of the service


class Provider(Protocol):
    """Context that the decisions of a batch share: a directory, a calendar, seats."""

    async def load(self, session: Session, messages: Sequence[Message]) -> Any:
        """Read it, once for the batch; a value with `see(event)` follows what is decided."""

    async def save(self, session: Session, value: Any) -> None:
        """Write what changed, guarded, or raise `StaleWrite`."""


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


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event decided in this batch, with what its envelope needs."""

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


@dataclass
class Batch:
    """Messages on their way through one transaction; `outcomes` are those of commands."""

    wiring: Wiring
    session: Session
    outcomes: dict[Message, Outcome] = field(default_factory=dict)
    changed_ids: set[str] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        wiring = self.wiring
        self._working = Working(
            database=wiring.database, kinds=wiring.kinds, seals=wiring.seals, session=self.session
        )
        self._shared: dict[type, Any] = {}
        self._numbers: Counter[Message] = Counter()

    async def run(self, messages: Sequence[Message]) -> None:
        """Read, decide, write; nothing has happened before the transaction's commit."""
        seen = await self.wiring.inbox.seen(self.session, [each.id for each in messages])
        new, repeated = self._sorted_out(messages, seen)
        new = await self._opened(new)
        await self._working.load([*new, *repeated])
        await self._load_shared(new)
        for count, message in enumerate(new, 1):
            await self._decide(message)
            if count % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        self._answer([*new, *repeated])
        await self._write([each for each in new if not self._is_refused(each)])

    def _sorted_out(
        self, messages: Sequence[Message], seen: Mapping[UUID, bytes | None]
    ) -> tuple[list[Message], list[Message]]:
        """Those not handled yet, each once, and commands to be answered again."""
        done, new, repeated = dict(seen), [], []
        for message in messages:
            if message.id not in done:
                done[message.id] = message.fingerprint
                new.append(message)
            elif done[message.id] != message.fingerprint:
                again = Refused("key_reused", "This form was sent before with other answers.")
                self.outcomes[message] = Outcome(refused=again)
            elif message.scope is not None:
                repeated.append(message)
        return new, repeated

    async def _opened(self, messages: Sequence[Message]) -> list[Message]:
        events = [each.body for each in messages if isinstance(each.body, Event)]
        seals, working = self.wiring.seals, self._working
        working.keys = await seals.keys_for_events(events, working.keys)
        return [
            replace(each, body=seals.opened(each.body, working.keys))
            if isinstance(each.body, Event)
            else each
            for each in messages
        ]

    async def _load_shared(self, messages: Sequence[Message]) -> None:
        needs = [need for each in messages for route in each.routes for need in route.needs]
        for need in dict.fromkeys(needs):
            provider = self.wiring.providers[need]
            self._shared[need] = await provider.load(self.session, messages)

    async def _decide(self, message: Message) -> None:
        for route in message.routes:
            for target in self._working.targets(route, message):
                if not (isinstance(route, Copy) and message.sequence <= target.seen):
                    await self._decide_one(route, message, target)

    async def _decide_one(self, route: Route[Any, Any], message: Message, target: Loaded) -> None:
        relied = [
            found
            for reliance in route.relies_on
            if (found := await self._working.relied(reliance, target, message))
        ]
        context = self._context(route, message, target, relied)
        decision = self._decision(route, message, target, context)
        self._apply(decision, message, target, context.now)
        if isinstance(route, Copy):
            target.seen, target.changed = message.sequence, True
        for each in relied:
            each.relied_on |= target.changed

    def _context(
        self, route: Route[Any, Any], message: Message, target: Loaded, relied: Iterable[Loaded]
    ) -> Context:
        now = self.wiring.clock()
        seen = {need: self._shared[need] for need in route.needs}
        return Context(
            message_id=message.id,
            subject=target.id,
            now=max(now, target.at) if target.at else now,  # an aggregate's time never goes back
            district=message.district,
            seen=seen | {each.kind.state: each.state for each in relied},
        )

    def _decision(
        self, route: Route[Any, Any], message: Message, target: Loaded, context: Context
    ) -> Decision[Any]:
        try:
            decision = route.decide(_shown(message, target), message.body, context)
        except Refused as no:
            return self._refusal(route, message, target, no)
        if isinstance(route, Clock):
            _must_have_moved(message.body, decision.state)
        return (
            self._answered(decision, message.body, target) if isinstance(route, Act) else decision
        )

    def _refusal(
        self, route: Route[Any, Any], message: Message, target: Loaded, no: Refused
    ) -> Decision[Any]:
        if isinstance(route, Act):
            said = self._answers().refused(message.body, no.code, target.id)
            return Decision(target.state, (said,))
        if message.scope is None:
            raise no  # facts and ticks do not refuse: a bug
        self.outcomes[message] = Outcome(refused=no)
        return Decision(target.state)

    def _answered(self, decision: Decision[Any], act: ActEvent, target: Loaded) -> Decision[Any]:
        if any(getattr(event, "answers", None) == act.act_id for event in decision.events):
            return decision
        settled = self._answers().settled(act, target.id)
        return Decision(decision.state, (*decision.events, settled))

    def _answers(self) -> Answers:
        if self.wiring.answers is None:
            text = "a service with an Act in its table needs Answers"
            raise RuntimeError(text)
        return self.wiring.answers

    def _apply(
        self, decision: Decision[Any], message: Message, target: Loaded, now: datetime
    ) -> None:
        is_new = target.state is None and decision.state is not None
        if decision.events or decision.state != target.state:
            target.changed, target.state, target.at = True, decision.state, now
        if is_new:
            self._working.found(target)
        for event in decision.events:
            self._tell(event, message, target, now)

    def _tell(self, event: Event, message: Message, target: Loaded, now: datetime) -> None:
        if event.subject != target.id:
            text = f"{event.TYPE} has another subject than the aggregate that decided it"
            raise RuntimeError(text)
        target.sequence += 1
        self._numbers[message] += 1
        self.told.append(
            Told(
                event=event,
                sequence=target.sequence,
                number=self._numbers[message],
                message=message,
                time=now,
            )
        )
        for value in self._shared.values():
            if hasattr(value, "see"):
                value.see(event)

    def _is_refused(self, message: Message) -> bool:
        outcome = self.outcomes.get(message)
        return outcome is not None and outcome.refused is not None

    def _answer(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if message.scope is not None and message not in self.outcomes:
                (target,) = self._working.targets(message.routes[0], message)
                self.outcomes[message] = Outcome(_shown(message, target))

    async def _write(self, handled: Sequence[Message]) -> None:
        wiring, working, session = self.wiring, self._working, self.session
        changed = working.changed
        persons = [p for each in changed for p in each.kind.persons(each.state)]
        told = [each.event for each in self.told]
        working.keys = await wiring.seals.keys_for_persons(persons, working.keys)
        working.keys = await wiring.seals.keys_for_events(told, working.keys)
        for collection, writes in working.writes().items():
            await wiring.database.collection(collection).write(writes, session=session)
        for need, value in self._shared.items():
            await wiring.providers[need].save(session, value)
        await wiring.inbox.add(session, handled, wiring.real_time())
        outgoing = [wiring.seals.outgoing(each, working.keys) for each in self.told]
        await wiring.outbox.add(session, outgoing)
        await self._note_changes(changed)

    async def _note_changes(self, changed: Sequence[Loaded]) -> None:
        self.changed_ids = {each.id for each in changed}
        self.changed_ids |= {w for each in changed for w in each.kind.watch(each.state)}
        if self.changed_ids:
            wiring = self.wiring
            row = {
                "_id": wiring.new_id(),
                "ids": sorted(self.changed_ids),
                "at": wiring.real_time(),
            }
            await wiring.database.collection(CHANGES).insert_many([row], session=self.session)


def _shown(message: Message, target: Loaded) -> Any:
    """The state, or None where the person asking may not see it."""
    if message.scope is None or target.state is None or message.scope.covers(target.state):
        return target.state
    return None


def _must_have_moved(tick: Tick, state: Any) -> None:
    if state is not None and state.clocks.get(tick.name) == tick.at:
        text = f"the decision on {tick.name} of a {tick.kind} left its clock as it was"
        raise RuntimeError(text)
