"""Turns of messages: each lane has its own, so that what is slow holds up its like alone."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from services.chassis.waiting import whole
from services.notifications.domain.messages import LANES, Lane, Message

TOGETHER: Final = 4  # in hand at once, per lane: eight of one way
AHEAD: Final = 32  # a lane with fewer takes more: a turn is not idle until the next look
FINISH_SECONDS: Final = 5.0  # less than whoever stops a process waits before it kills it
Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Begun:
    """A message that has its turn or waits for it."""

    message: Message
    task: asyncio.Task[None]


class Turns:
    """What was begun and has not ended, of one sender."""

    def __init__(self) -> None:
        self._begun: dict[str, Begun] = {}
        self._turns = {lane: asyncio.Semaphore(TOGETHER) for lane in LANES}

    def open_lanes(self) -> list[Lane]:
        """The lanes that have room."""
        begun = Counter(each.message.lane for each in self._begun.values())
        return [lane for lane in LANES if begun[lane] < AHEAD]

    def begin(self, message: Message, work: Work) -> bool:
        """Give a message its turn as soon as there is one; False: it must wait for another look.

        The day's limit of texts is counted from what was sent: a household has one in hand.
        """
        if message.message_id in self._begun or self._has_text_in_hand(message):
            return False
        task = asyncio.create_task(self._in_turn(message.lane, work))
        self._begun[message.message_id] = Begun(message, task)
        return True

    def _has_text_in_hand(self, message: Message) -> bool:
        lane = message.lane
        return (
            lane.is_text
            and not lane.is_first
            and message.household is not None
            and any(
                each.message.lane == lane and each.message.household == message.household
                for each in self._begun.values()
            )
        )

    async def _in_turn(self, lane: Lane, work: Work) -> None:
        async with self._turns[lane]:  # what is in hand is not left there, to be swept up later
            await whole(work(), FINISH_SECONDS)

    def settle(self) -> None:
        """Forget what has ended.

        Raises:
            Exception: the first that befell one of them; none of the others is cut off by it.
        """
        ended = {name: each.task for name, each in self._begun.items() if each.task.done()}
        self._begun = {name: each for name, each in self._begun.items() if name not in ended}
        failed = [each for each in ended.values() if each.cancelled() or each.exception()]
        if failed:
            failed[0].result()

    async def finish(self) -> None:
        """Begin nothing more, and wait for what is in hand."""
        tasks = [each.task for each in self._begun.values()]
        self._begun = {}
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
