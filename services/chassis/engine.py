"""A service made to run: its parts started and ended, as the roles of this process say."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from services.chassis import key_proofs, vault
from services.chassis.key_proofs import KeysUnfit
from services.chassis.kinds import Index
from services.chassis.parts import Parts
from services.chassis.settings import RoleOfProcess
from services.chassis.waiting import patiently, unceasing

STOP_SECONDS: Final = 20.0
KEYS: Final = {
    vault.COLLECTION: (Index((("kek", 1),)),),  # which of them a key-encryption key has wrapped
    key_proofs.COLLECTION: (),
}
Run = Callable[[], Coroutine[Any, Any, None]]


@dataclass(eq=False)
class Engine(Parts):
    """One process of a service, without its pages: the parts, running."""

    _beside: list[tuple[RoleOfProcess, Run]] = field(default_factory=list, init=False)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)

    def beside(self, role: RoleOfProcess, run: Run) -> None:
        """Let something more of the service run for as long as this does, where it has the role."""
        self._beside.append((role, run))

    async def prepare(self) -> None:
        """Make collections and indexes; repeats harmlessly, waits while the database is away.

        Raises:
            KeysUnfit: the key-encryption keys are not those of the database.
        """

        async def once() -> str | None:
            await self.database.prepare(self.tables.indexes)
            await self.platform.prepare(KEYS)
            return await self.vault.look()

        misfit = await patiently(once, "database")
        if misfit is not None:
            raise KeysUnfit(misfit)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Engine"]:
        """Everything that this process's roles ask for, until the block ends."""
        await self.prepare()
        self._start("consumer", self._listen)
        if self.tables.asks_how_far:
            self._start("consumer", self.heard.run)
        self._start("relay", self.relay.run)
        if self.tables.clocks:
            self._start("timers", self.timers.run)
        for role, run in self._beside:
            self._start(role, run)
        self._tasks.append(asyncio.create_task(unceasing(self.watch.run, "watch")))
        try:
            yield self
        finally:
            self.consumer.stop()
            await self.kafka.stop()
            await self.committer.finish()
            await self._end_tasks()

    async def _listen(self) -> None:
        if self.tables.topics:
            await self.kafka.consume(
                self.consumer,
                self.tables.topics,
                group=self.group,
                group_instance_id=self.settings.group_instance_id,
            )

    def _start(self, role: RoleOfProcess, run: Run) -> None:
        if role in self.settings.roles:
            self._tasks.append(asyncio.create_task(unceasing(run, role), name=role))

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        ended = asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await ended

    @property
    def is_alive(self) -> bool:
        """Whether all tasks of this process still run."""
        ended = [task for task in self._tasks if task.done() and task.get_name() != "consumer"]
        return self.consumer.is_alive and not ended
