import pytest
from argon2 import PasswordHasher

from services.chassis.hashing import Hashes
from services.chassis.kernel import Outage

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MORE_THAN_THERE_IS = 2**32 - 1  # KiB
SECRET = "a secret that is long"


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
