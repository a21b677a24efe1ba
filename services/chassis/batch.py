"""One batch inside one transaction: read what the messages need, decide in memory, write.

Each message sees what earlier ones of the batch did, also through selections.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas import codes
from schemas.envelope import Event
from services.chassis import live
from services.chassis.deciding import decided, is_late, shown
from services.chassis.kernel import Act, Context, Copy, Decision, Refused, Route, Watching
from services.chassis.kinds import Document
from services.chassis.messages import Message
from services.chassis.mongo import Session
from services.chassis.wiring import Outcome, Told, Wiring
from services.chassis.working import Loaded, Working

YIELD_EVERY: Final = 50  # messages decided between two turns of the event loop


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
        self._now = wiring.clock()  # one moment for all that is decided together
        self._shared: dict[type, Any] = {}
        self._numbers: Counter[Message] = Counter()
        self._tellers: set[Loaded] = set()  # of what was told
        self._repeats: list[tuple[Message, Message | None]] = []  # None: of one before this batch

    async def run(self, messages: Sequence[Message]) -> None:
        """Read, decide, write; nothing has happened before the transaction's commit."""
        seen = await self.wiring.inbox.seen(self.session, [each.id for each in messages])
        new = await self._opened(self._sorted_out(messages, seen))
        await self._working.load([*new, *(repeat for repeat, _ in self._repeats)])
        await self._load_shared(new)
        for count, message in enumerate(new, 1):
            await self._decide(message)
            self._answer(message)
            if count % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        self._answer_repeats()
        await self._write([each for each in new if not self._is_refused(each)])

    # -- what is new -----------------------------------------------------------------------------

    def _sorted_out(
        self, messages: Sequence[Message], seen: Mapping[UUID, bytes | None]
    ) -> list[Message]:
        """Those not handled yet, each once; commands that come again are answered again."""
        first: dict[UUID, Message] = {}
        for message in messages:
            before = first.get(message.id)
            if before is None and message.id not in seen:
                first[message.id] = message
            elif message.scope is not None:
                known = before.fingerprint if before else seen[message.id]
                self._note_repeat(message, before, known)
        return list(first.values())

    def _note_repeat(self, message: Message, before: Message | None, known: bytes | None) -> None:
        if known == message.fingerprint:
            self._repeats.append((message, before))
            return
        again = Refused(*codes.KEY_REUSED)
        self.outcomes[message] = Outcome(refused=again)

    async def _opened(self, messages: Sequence[Message]) -> list[Message]:
        events = [each.body for each in messages if isinstance(each.body, Event)]
        seals, working = self.wiring.seals, self._working
        working.keys = await seals.keys_for_events(events, working.keys)
        return [
            replace(each, body=seals.opened(each.body, working.keys))
            if isinstance(each.body, Event) and seals.are_on(each.body)
            else each
            for each in messages
        ]

    async def _load_shared(self, messages: Sequence[Message]) -> None:
        needs = [need for each in messages for route in each.routes for need in route.needs]
        for need in dict.fromkeys(needs):
            provider = self.wiring.providers[need]
            self._shared[need] = await provider.load(self.session, messages)

    # -- decisions -------------------------------------------------------------------------------

    async def _decide(self, message: Message) -> None:
        for route in message.routes:
            targets = self._working.targets(route, message)
            if isinstance(route, Act) and len(targets) != 1:
                text = f"{message.body.TYPE} is for {len(targets)} aggregates: who answers?"
                raise RuntimeError(text)
            for target in targets:
                if not is_late(route, message, target):
                    await self._decide_one(route, message, target)

    async def _decide_one(self, route: Route[Any, Any], message: Message, target: Loaded) -> None:
        relied = [
            found
            for reliance in route.relies_on
            if (found := await self._working.relied(reliance, target, message))
        ]
        context = self._context(route, message, target, relied)
        try:
            decision = decided(route, message, target, context, self.wiring.answers)
        except Refused as no:
            if message.scope is None:
                raise  # facts and ticks do not refuse: a bug
            self.outcomes[message] = Outcome(refused=no)
            return
        self._apply(decision, message, target, context.now)
        if isinstance(route, Copy):
            target.seen[message.body.subject], target.changed = message.sequence, True
        for each in relied:
            each.relied_on |= target.changed

    def _context(
        self, route: Route[Any, Any], message: Message, target: Loaded, relied: Iterable[Loaded]
    ) -> Context:
        # A copy knows no clock of its own, so that equal history gives equal copies.
        now = (message.told_at if isinstance(route, Copy) else None) or self._now
        seen = {need: self._shared[need] for need in route.needs}
        return Context(
            message_id=message.id,
            subject=target.id,
            now=max(now, target.at) if target.at else now,  # an aggregate's time never goes back
            district=message.district,
            seen=seen | {each.kind.state: each.or_blank(message.district) for each in relied},
        )

    def _apply(
        self, decision: Decision[Any], message: Message, target: Loaded, now: datetime
    ) -> None:
        if decision.events or decision.state != target.state:
            self._working.put(target, decision.state, now)
        for event in decision.events:
            self._tell(event, message, target, now)

    def _tell(self, event: Event, message: Message, target: Loaded, now: datetime) -> None:
        target.sequence += 1
        self._tellers.add(target)
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
            if isinstance(value, Watching):
                value.see(event)

    # -- answers ---------------------------------------------------------------------------------

    def _is_refused(self, message: Message) -> bool:
        outcome = self.outcomes.get(message)
        return outcome is not None and outcome.refused is not None

    def _answer(self, message: Message) -> None:
        if message.scope is not None and message not in self.outcomes:
            (target,) = self._working.targets(message.routes[0], message)
            self.outcomes[message] = Outcome(shown(message, target))

    def _answer_repeats(self) -> None:
        for message, before in self._repeats:
            if before is None:
                self._answer(message)
            else:
                self.outcomes[message] = self.outcomes[before]

    # -- writing ---------------------------------------------------------------------------------

    async def _write(self, handled: Sequence[Message]) -> None:
        wiring, working, session = self.wiring, self._working, self.session
        changed = working.changed
        told = [each.event for each in self.told]
        working.keys = await wiring.seals.keys_for_persons(working.persons(), working.keys)
        working.keys = await wiring.seals.keys_for_events(told, working.keys)
        queued = self._queued()
        for collection, writes in working.writes().items():
            await wiring.database.collection(collection).write(writes, session=session)
        for collection, ids in working.touched().items():
            await wiring.database.collection(collection).touch(ids, session=session)
        wiring.fail_points.reach("commit.writing")
        for need, value in self._shared.items():
            await wiring.providers[need].save(session, value)
        await wiring.inbox.add(session, handled, wiring.real_time())
        await wiring.outbox.add(session, queued)
        await self._note_changes(changed)

    def _queued(self) -> list[Document]:
        """What was told as rows of the outbox, behind all that the same aggregates told before."""
        outgoing = [self.wiring.seals.outgoing(each, self._working.keys) for each in self.told]
        before = [each.told_in for each in self._tellers if each.told_in]
        rows = self.wiring.outbox.rows_of(outgoing, after=before)
        for each in self._tellers:
            each.told_in = rows[-1]["_id"]
        return rows

    async def _note_changes(self, changed: Sequence[Loaded]) -> None:
        self.changed_ids = {each.id for each in changed}
        self.changed_ids |= {w for each in changed for w in each.kind.watch(each.state)}
        if self.changed_ids:
            wiring = self.wiring
            row = live.change(wiring.new_id(), self.changed_ids, wiring.real_time())
            changes = wiring.database.collection(live.COLLECTION)
            await changes.insert_many([row], session=self.session)
