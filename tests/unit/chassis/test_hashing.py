import asyncio
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from services.chassis.hashing import AT_ONCE, IN_LINE, Hashes
from services.chassis.kernel import Outage, TooBusy

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MORE_THAN_THERE_IS = 2**32 - 1  # KiB
SECRET = "a secret that is long"
SOON = 5.0  # seconds; an answer that does not come at once, never comes


async def test_a_hash_fits_its_secret_and_no_other() -> None:
    hashes = Hashes(QUICK)
    hashed = await hashes.of(SECRET)

    assert await hashes.fits(hashed, SECRET)
    assert not await hashes.fits(hashed, SECRET + "r")
    assert not await hashes.fits("no hash", SECRET)
    assert not await hashes.fits("", SECRET)
    assert not await hashes.fits(hashed[:-3] + "!!!", SECRET)


async def test_a_salt_of_ones_own_gives_the_same_again() -> None:
    hashes, salt = Hashes(QUICK), b"s" * 16

    assert await hashes.of(SECRET, salt=salt) == await hashes.of(SECRET, salt=salt)
    assert await hashes.of(SECRET) != await hashes.of(SECRET)


async def test_where_no_memory_is_left_nothing_is_wrong_but_to_be_tried_again() -> None:
    greedy = Hashes(PasswordHasher(time_cost=1, memory_cost=MORE_THAN_THERE_IS, parallelism=1))
    hashed = QUICK.hash(SECRET).replace("m=8,", f"m={MORE_THAN_THERE_IS},")

    with pytest.raises(Outage):
        await greedy.of(SECRET)
    with pytest.raises(Outage):
        await greedy.fits(hashed, SECRET)


class Held(PasswordHasher):
    """Hashes nothing until a test lets it."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.goes_on = threading.Event()

    def verify(self, hash: Any, password: Any) -> Any:
        """Wait, then as ever."""
        self.goes_on.wait()
        return super().verify(hash, password)


async def test_who_would_wait_too_long_is_told_to_come_again_and_the_line_goes_on() -> None:
    held = Held()
    hashes, hashed = Hashes(held), QUICK.hash(SECRET)
    here = [asyncio.create_task(hashes.fits(hashed, SECRET)) for _ in range(AT_ONCE + IN_LINE)]
    await asyncio.sleep(0)  # each is in work or in line now
    try:
        async with asyncio.timeout(SOON):
            with pytest.raises(TooBusy):
                await hashes.fits(hashed, SECRET)
            with pytest.raises(TooBusy):
                await hashes.of(SECRET)
        gone = here.pop()  # who goes away makes room
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        here.append(asyncio.create_task(hashes.fits(hashed, SECRET)))
    finally:
        held.goes_on.set()

    assert await asyncio.gather(*here) == [True] * (AT_ONCE + IN_LINE)
    assert await hashes.fits(hashed, SECRET)
