"""The commit door: every state change of a service goes through `Committer`.

One snapshot transaction at a time per process. Commands that arrived while one ran share the
next; they go before the next Kafka batch and never share its transaction.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import perf_counter
from typing import Final, TypeVar

from schemas.envelope import BadRecord
from services.chassis.batch import Batch
from services.chassis.conflicts import TRIES, again_if_stale
from services.chassis.dead_letters import DeadLetters
from services.chassis.hopeless import end_if_hopeless
from services.chassis.kernel import Command, Duplicate, Outage, Refused, Route, StaleWrite, TooBusy
from services.chassis.messages import Message, Record, Rows, Unknown, from_command, from_record
from services.chassis.mongo import Session
from services.chassis.parked_rows import Failure
from services.chassis.telemetry import Telemetry
from services.chassis.wiring import Outcome, Wiring

COMMANDS_TOGETHER: Final = 100
COMMAND_TRIES: Final = 8  # of one command alone: about two seconds, then it is told to come again

S = TypeVar("S")
C = TypeVar("C", bound=Command)
Published = Callable[[Iterable[str]], None]
Waiting = dict[Message, asyncio.Future[Outcome]]


class Committer:
    """Runs messages through one transaction each batch; isolates what cannot be decided."""

    def __init__(
        self,
        wiring: Wiring,
        rows: Rows,
        dead_letters: DeadLetters,
        *,
        telemetry: Telemetry,
        wake: Callable[[], None] = lambda: None,  # the relay: something was queued
        publish: Published = lambda _: None,  # pages: these ids changed
    ) -> None:
        self._wiring = wiring
        self._rows = rows
        self._dead_letters = dead_letters
        self._telemetry = telemetry
        self._fail_points = wiring.fail_points
        self._wake = wake
        self._publish = publish
        self.is_too_busy = False  # too much waits to be sent
        self.is_away = False  # the database does not answer
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[Message, asyncio.Future[Outcome]]] = []
        self._leader: asyncio.Task[None] | None = None

    # -- people ----------------------------------------------------------------------------------

    async def submit(self, command: C, route: Route[S, C], *, even_if_busy: bool = False) -> S:
        """The state after a command; sent twice it has one effect and the same answer.

        `even_if_busy`: it notes what has happened already, which putting off would not undo.

        Raises:
            Refused: as the route's decision, `key_reused`, or `subject_unknown`.
            TooBusy: too much waits to be sent, or others write the same; nothing happened.
            Outage: nothing is known to have happened; the same key may be sent again.
        """
        if self.is_too_busy and not even_if_busy:
            raise TooBusy
        if self.is_away:
            raise Outage
        outcome = await self._answer(from_command(command, route, self._traceparent()))
        said = outcome.refused.code if outcome.refused else "done"
        self._telemetry.count("commands_total", command=type(command).__name__, outcome=said)
        if outcome.refused is not None:
            raise Refused(outcome.refused.code, outcome.refused.message)
        state: S = outcome.state
        return state

    def _traceparent(self) -> str | None:
        return self._telemetry.current_traceparent()

    async def _answer(self, message: Message) -> Outcome:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, answer))
        if self._leader is None or self._leader.done():
            self._leader = asyncio.create_task(self._lead())
        return await answer

    async def _lead(self) -> None:
        """Commit waiting commands together until none waits."""
        while self._waiting:
            async with self._turn:
                taken = self._waiting[:COMMANDS_TOGETHER]
                del self._waiting[: len(taken)]
                await self._commit_commands(dict(taken))

    async def _commit_commands(self, answers: Waiting) -> None:
        messages = list(answers)
        tries = TRIES if len(messages) > 1 else COMMAND_TRIES
        try:
            outcomes = await again_if_stale(
                lambda: self._transact(messages), tries=tries, met=self._met
            )
        except Exception as error:
            end_if_hopeless(error)
            await self._isolate_command(answers, error)
            return
        for message, answer in answers.items():
            if not answer.done():  # done: whoever asked went away
                answer.set_result(outcomes[message])

    async def _isolate_command(self, answers: Waiting, error: Exception) -> None:
        if len(answers) == 1 or isinstance(error, Outage):
            told = _as_told(error)
            for answer in answers.values():
                if not answer.done():
                    answer.set_exception(told)
            return
        half = len(answers) // 2
        items = list(answers.items())
        await self._commit_commands(dict(items[:half]))
        await self._commit_commands(dict(items[half:]))

    async def finish(self) -> None:
        """Wait until every command that waits has its answer."""
        while self._leader is not None and not self._leader.done():
            await asyncio.wait({self._leader})

    # -- facts and clocks ------------------------------------------------------------------------

    async def commit(self, records: Sequence[Record]) -> None:
        """Commit Kafka records in order; those that cannot be are parked.

        Raises:
            Outage: nothing was parked; the same records are to be given again.
        """
        free: list[Message] = []
        held: list[Message | tuple[Record, Failure]] = []  # in order, behind what cannot be read
        markers: set[str | None] = set()
        for record in records:
            match self._read(record):
                case Failure() as failure:
                    held.append((record, failure))
                    markers.add(record.marker)
                case Unknown():
                    self._telemetry.count("events_ignored_total", reason="unknown_type")
                case message:
                    (held if message.marker in markers else free).append(message)
        await self.handle(free)
        unreadable = Counter(each[0].topic for each in held if isinstance(each, tuple))
        self._dead_letters.note_handled(Counter(each.topic for each in records) - unreadable)
        for each in held:
            await self._set_aside(each)

    def _read(self, record: Record) -> Message | Unknown | Failure:
        try:
            return from_record(record, self._rows)
        except BadRecord as error:
            return Failure(error.code, type(error).__name__)

    async def _set_aside(self, held: Message | tuple[Record, Failure]) -> None:
        """Park what cannot be read; what came behind it queues, unless that was given up."""
        if isinstance(held, Message):
            await self.handle([held])
        else:
            await self._dead_letters.park(*held)

    async def handle(self, messages: Sequence[Message]) -> None:
        """Commit messages in order; by halves where they fail, down to the one to be parked."""
        if not messages:
            return
        tries = TRIES if len(messages) > 1 else None  # one alone is never parked for a conflict
        try:
            await again_if_stale(lambda: self._in_turn(messages), tries=tries, met=self._met)
        except Outage:
            raise
        except Exception as error:
            end_if_hopeless(error)
            if len(messages) == 1:
                await self._dead_letters.park_message(messages[0], error)
                return
            half = len(messages) // 2
            await self.handle(messages[:half])
            await self.handle(messages[half:])
        else:
            self._count(messages)

    async def _in_turn(self, messages: Sequence[Message]) -> None:
        async with self._turn:
            await self._transact(messages)

    def _count(self, messages: Sequence[Message]) -> None:
        handled = Counter(message.what for message in messages)
        self._dead_letters.note_handled(handled)
        for name, times in handled.items():
            self._telemetry.count("events_handled_total", times, type=name)

    async def replay(self, record: Record, settle: Callable[[Session], Awaitable[None]]) -> None:
        """Handle a parked record; `settle` writes in the same transaction.

        Raises:
            BadRecord: it can still not be read. Or whatever its decision raises.
        """
        read = from_record(record, self._rows)
        messages = [] if isinstance(read, Unknown) else [read]

        async def once() -> None:
            async with self._turn, self._wiring.database.transaction() as session:
                batch = Batch(self._wiring, session)
                await batch.run(messages)
                await settle(session)
            self._tell_neighbours(batch)

        await again_if_stale(once, met=self._met)

    # -- all -------------------------------------------------------------------------------------

    async def _transact(self, messages: Sequence[Message]) -> dict[Message, Outcome]:
        links = [message.traceparent for message in messages]
        started = perf_counter()
        with self._telemetry.batch("batch", links):
            async with self._wiring.database.transaction() as session:
                free = await self._dead_letters.queue_behind(session, messages)
                batch = Batch(self._wiring, session)
                await batch.run(free)
                self._fail_points.reach("commit.before")
            self._fail_points.reach("commit.after")
        self._telemetry.observe("commit_seconds", perf_counter() - started)
        self._tell_neighbours(batch)
        return batch.outcomes

    def _tell_neighbours(self, batch: Batch) -> None:
        if batch.told:
            self._wake()
        if batch.changed_ids:
            self._publish(batch.changed_ids)

    def _met(self) -> None:
        self._telemetry.count("stale_writes_total")


def _as_told(error: Exception) -> Exception:
    """What a person is told: others were always first is no bug, and worth another try."""
    is_race = isinstance(error, StaleWrite) and not isinstance(error, Duplicate)
    return TooBusy() if is_race else error
