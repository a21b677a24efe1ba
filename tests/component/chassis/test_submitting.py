import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from services.chassis.kernel import Refused, TooBusy
from services.chassis.submitting import TOGETHER, Submission, submit_all


class Door:
    """Takes a hundred at a time, and knows how many waited at most."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.most_waiting = 0

    async def submit(self, number: int) -> None:
        self.taken.append(number)
        answer = asyncio.get_running_loop().create_future()
        self.waiting.append(answer)
        self.most_waiting = max(self.most_waiting, len(self.waiting))
        if len(self.waiting) == 1:
            asyncio.get_running_loop().call_soon(self.answer)
        await answer

    def answer(self) -> None:
        batch, self.waiting = self.waiting[:100], self.waiting[100:]
        for each in batch:
            each.set_result(None)
        if self.waiting:
            asyncio.get_running_loop().call_soon(self.answer)


async def test_all_are_handed_in_in_order_and_never_more_than_the_door_can_use() -> None:
    door = Door()
    told: list[int] = []

    await submit_all((partial(door.submit, n) for n in range(1_000)), told.append)

    assert door.taken == list(range(1_000))
    assert door.most_waiting <= TOGETHER
    assert told == sorted(told)
    assert told[-1] == 1_000


async def test_a_door_that_is_too_busy_is_asked_again_for_the_same() -> None:
    tries: list[int] = []

    async def busy_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise TooBusy

    await submit_all([busy_once])

    assert len(tries) == 2


async def test_a_refusal_ends_it_before_the_rest_is_handed_in() -> None:
    made: list[int] = []

    async def refused() -> None:
        raise Refused("no", "No.")

    def endless() -> Iterator[Submission]:
        for number in range(10 * TOGETHER):
            made.append(number)
            yield refused

    with pytest.raises(Refused):
        await submit_all(endless())

    assert len(made) <= TOGETHER + 1


async def test_of_nothing_to_submit_nothing_is_told() -> None:
    told: list[int] = []

    await submit_all([], told.append)

    assert told == []
