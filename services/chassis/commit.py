"""The commit door: every state change of a service goes through `Committer`.

One snapshot transaction at a time per process. Commands that arrived while one ran share the
next; they go before the next Kafka batch and never share its transaction.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count
from typing import Final, TypeVar

from schemas.envelope import BadRecord
from services.chassis.batch import Batch, Outcome, Wiring
from services.chassis.dead_letters import DeadLetters, Failure
from services.chassis.failpoints import FailPoints
from services.chassis.kernel import Command, Outage, Refused, Route, StaleWrite, TooBusy
from services.chassis.messages import (
    Message,
    Record,
    Rows,
    Unknown,
    from_command,
    from_record,
)
from services.chassis.mongo import Session
from services.chassis.telemetry import Telemetry

TRIES: Final = 5
COMMANDS_TOGETHER: Final = 100
LONGEST_BACK_OFF: Final = 1.0  # seconds

S = TypeVar("S")
C = TypeVar("C", bound=Command)
Published = Callable[[Iterable[str]], None]


class Committer:
    """Runs messages through one transaction each batch; isolates what cannot be decided."""

    def __init__(
        self,
        wiring: Wiring,
        rows: Rows,
        dead_letters: DeadLetters,
        *,
        telemetry: Telemetry,
        fail_points: FailPoints | None = None,
        wake: Callable[[], None] = lambda: None,  # the relay: something was queued
        publish: Published = lambda _: None,  # pages: these ids changed
    ) -> None:
        self._wiring = wiring
        self._rows = rows
        self._dead_letters = dead_letters
        self._telemetry = telemetry
        self._fail_points = fail_points or FailPoints()
        self._wake = wake
        self._publish = publish
        self.is_too_busy = False
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[Message, asyncio.Future[Outcome]]] = []
        self._leader: asyncio.Task[None] | None = None

    # -- people ----------------------------------------------------------------------------------

    async def submit(self, command: C, route: Route[S, C]) -> S:
        """The state after a command; sent twice it has one effect and the same answer.

        Raises:
            Refused: as the route's decision, or `key_reused`.
            TooBusy: the outbox is too long or too old; nothing happened.
            Outage: nothing is known to have happened; the same key may be sent again.
        """
        if self.is_too_busy:
            raise TooBusy
        message = from_command(command, route, self._telemetry.current_traceparent())
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, answer))
        if self._leader is None or self._leader.done():
            self._leader = asyncio.create_task(self._lead())
        outcome = await answer
        if outcome.refused is not None:
            raise Refused(outcome.refused.code, outcome.refused.message)
        state: S = outcome.state
        return state

    async def _lead(self) -> None:
        """Commit waiting commands together until none waits."""
        while self._waiting:
            async with self._turn:
                taken = self._waiting[:COMMANDS_TOGETHER]
                del self._waiting[: len(taken)]
                await self._commit_commands(dict(taken))

    async def _commit_commands(self, answers: dict[Message, asyncio.Future[Outcome]]) -> None:
        try:
            outcomes = await self._again_if_stale(list(answers))
        except Exception as error:
            await self._isolate_command(answers, error)
            return
        for message, answer in answers.items():
            if not answer.done():  # done: whoever asked went away
                answer.set_result(outcomes[message])

    async def _isolate_command(
        self, answers: dict[Message, asyncio.Future[Outcome]], error: Exception
    ) -> None:
        if len(answers) == 1 or isinstance(error, Outage):
            for answer in answers.values():
                if not answer.done():
                    answer.set_exception(error)
            return
        half = len(answers) // 2
        items = list(answers.items())
        await self._commit_commands(dict(items[:half]))
        await self._commit_commands(dict(items[half:]))

    # -- facts and clocks ------------------------------------------------------------------------

    async def commit(self, records: Sequence[Record]) -> None:
        """Commit Kafka records in order; those that cannot be are parked.

        Raises:
            Outage: nothing was parked; the same records are to be given again.
        """
        messages: list[Message] = []
        unreadable: list[tuple[Record, Failure]] = []
        behind: set[str] = set()
        for record in records:
            if record.marker is not None and record.marker in behind:
                unreadable.append((record, Failure("behind")))
                continue
            try:
                read = from_record(record, self._rows)
            except BadRecord as error:
                unreadable.append((record, Failure(error.code, type(error).__name__)))
                behind |= {record.marker} if record.marker else set()
                continue
            if isinstance(read, Unknown):
                self._telemetry.count("events_ignored_total", reason="unknown_type")
            else:
                messages.append(read)
        await self.handle(messages)
        for record, failure in unreadable:
            await self._dead_letters.park(record, failure)

    async def handle(self, messages: Sequence[Message]) -> None:
        """Commit messages in order; by halves where they fail, down to the one to be parked."""
        if not messages:
            return
        try:
            async with self._turn:
                await self._again_if_stale(messages)
        except Outage:
            raise
        except Exception as error:
            if len(messages) == 1:
                await self._dead_letters.park_message(messages[0], error)
                return
            half = len(messages) // 2
            await self.handle(messages[:half])
            await self.handle(messages[half:])

    # -- both ------------------------------------------------------------------------------------

    async def _again_if_stale(self, messages: Sequence[Message]) -> dict[Message, Outcome]:
        for attempt in count(1):
            try:
                return await self._transact(messages)
            except StaleWrite:  # a batch is halved after five; one message is never parked for it
                self._telemetry.count("stale_writes_total")
                if attempt >= TRIES and len(messages) > 1:
                    raise
                ceiling = min(0.005 * 2**attempt, LONGEST_BACK_OFF)
                await asyncio.sleep(random.uniform(0, ceiling))  # noqa: S311 - spread, no secret
        raise AssertionError

    async def _transact(self, messages: Sequence[Message]) -> dict[Message, Outcome]:
        links = [message.traceparent for message in messages]
        with self._telemetry.batch("batch", links):
            async with self._wiring.database.transaction() as session:
                free = await self._dead_letters.queue_behind(session, messages)
                batch = Batch(self._wiring, session)
                await batch.run(free)
                self._fail_points.reach("commit.before")
            self._fail_points.reach("commit.after")
        self._tell_neighbours(batch)
        return batch.outcomes

    def _tell_neighbours(self, batch: Batch) -> None:
        if batch.told:
            self._wake()
        if batch.changed_ids:
            self._publish(batch.changed_ids)

    async def replay(self, record: Record, settle: Callable[[Session], Awaitable[None]]) -> None:
        """Handle a parked record; `settle` writes in the same transaction.

        Raises:
            BadRecord: it can still not be read. Or whatever its decision raises.
        """
        read = from_record(record, self._rows)
        messages = [] if isinstance(read, Unknown) else [read]
        while True:
            try:
                async with self._turn, self._wiring.database.transaction() as session:
                    batch = Batch(self._wiring, session)
                    await batch.run(messages)
                    await settle(session)
            except StaleWrite:
                continue
            self._tell_neighbours(batch)
            return
