"""What all people share: the day it is, the history, and how an act is written down."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from deploy.checker.history import History, Passed
from deploy.local.story.browser import Missing, Page
from deploy.simulator.browser import UNHEARD, Answer, Browser, Door, Unanswered
from deploy.simulator.fate import Fate
from services.chassis.settings import real_time

TWICE: Final = 0.08  # of all presses
Act = tuple[str, str]  # the fact that is to come of it, and of what


@dataclass(frozen=True)
class Clock:
    """Simulated time: as the services reckon it, from the same start, anchor and speed."""

    start: datetime
    anchor: datetime
    speed: float

    def now(self) -> datetime:
        """The time that it is for everybody."""
        return self.start + (real_time() - self.anchor) * self.speed


@dataclass(kw_only=True)
class Town:
    """All that people share."""

    door: Door
    clock: Clock
    fate: Fate
    history: History
    needs: int = 0  # written so far
    acts: int = 0  # that were taken
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[BaseException] = field(default_factory=list)  # what nobody reckoned with
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _asking: int = 0  # acts that have no answer yet
    _all_answered: asyncio.Event = field(default_factory=asyncio.Event)
    _leaps: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        """The time that it is for everybody, also after a leap."""
        return self.clock.now()

    def tell_time(self) -> None:
        """Note how far it has come, for whoever goes on from here."""
        self.history.write(Passed(at=self.now(), needs=self.needs))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let somebody do something meanwhile; what cannot be done is counted, and no more."""
        task = asyncio.create_task(self.done(work))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.failed.append(error)

    async def done(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something; what cannot be done any more is counted, and others go on."""
        try:
            await work
        except Unanswered:
            self.counts["unanswered"] += 1
        except Missing:  # it moved on while somebody came to it
            self.counts["moved on"] += 1

    async def rest(self, by: float) -> None:
        """Give those who ask for something so many seconds to hear of it, then end all of it.

        Whoever waits until tomorrow is not waited for.
        """
        if self._asking:
            with suppress(TimeoutError):
                async with asyncio.timeout(by):
                    await self._all_answered.wait()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def sleep_until(self, at: datetime) -> None:
        """Wait for a moment; one that has passed is not waited for."""
        while (left := (at - self.now()).total_seconds()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left / self.clock.speed):
                    await self._leaps.wait()

    def leap(self, clock: Clock) -> None:
        """From now on it is another time: who waits looks again for how long."""
        self.clock = clock
        leapt, self._leaps = self._leaps, asyncio.Event()
        leapt.set()

    async def later(self, *about: str) -> None:
        """Wait until somebody gets round to it, which may be tomorrow."""
        await self.sleep_until(self.now() + self.fate.waits(*about))

    async def later_by(self, hours: float) -> None:
        """Wait so many simulated hours."""
        await self.sleep_until(self.now() + timedelta(hours=hours))

    async def every(self, hours: float, work: Any) -> None:
        """Do something again and again, every so many simulated hours."""
        while True:
            await self.done(work())
            await self.later_by(hours)

    async def act(
        self, fact: str, of: str, key: str, ask: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Ask for something, written down before and after."""
        number = self.history.asked(self.now(), fact, of, key)
        try:
            with self._awaited():
                answer = await ask()
        except Unanswered as nothing:
            self.history.answered(number, UNHEARD, nothing.tries)
            raise
        self.history.answered(number, answer.status, answer.tries)
        is_taken = answer.status < HTTPStatus.BAD_REQUEST
        self.acts += is_taken
        self.counts[fact if is_taken else f"{fact} refused"] += 1
        return answer

    @contextmanager
    def _awaited(self) -> Iterator[None]:
        self._asking += 1
        self._all_answered.clear()
        try:
            yield
        finally:
            self._asking -= 1
            if not self._asking:
                self._all_answered.set()

    async def press(
        self, browser: Browser, page: Page, form: Any, act: Act, *button: str, **given: str
    ) -> Answer:
        """Press a button, and sometimes twice; gives the first answer."""
        key = str(form.fields["key"])

        async def once() -> Answer:
            return await self.act(*act, key, lambda: browser.send(page, form, *button, **given))

        times = 2 if self.fate.does(TWICE, "twice", key) else 1
        first, *_ = await asyncio.gather(*(once() for _ in range(times)))
        return first
