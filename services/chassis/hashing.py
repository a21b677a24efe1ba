"""Passwords and PINs as argon2id hashes, made beside the event loop, few at a time.

Whoever would wait too long for a turn is told to come again: names that somebody makes up by the
thousand cost a hash each, and the line must not grow behind them for all others.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import (
    HashingError,
    InvalidHashError,
    VerificationError,
)
from argon2.low_level import error_to_str

from services.chassis.kernel import Outage, TooBusy

# argon2.h: memory could not be had, or no thread. Nothing is said of the secret by that.
FOR_WANT: Final = frozenset(map(error_to_str, (-22, -33)))
AT_ONCE: Final = 2  # each takes 64 MiB for a moment
IN_LINE: Final = 20  # behind those: one or two seconds

T = TypeVar("T")


class Hashes:
    """Hashes secrets, and tells whether one fits.

    Where there is no memory for it: `Outage`; where too many wait: `TooBusy`.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._here = 0  # in work or in line

    async def of(self, secret: str, *, salt: bytes | None = None) -> str:
        """The hash of a secret, with a salt of its own where none is given."""
        return await self._in_turn(lambda: self._hasher.hash(secret, salt=salt))

    async def fits(self, hashed: str, claimed: str) -> bool:
        """Whether a hash is of this secret; nothing fits what is no hash."""
        return await self._in_turn(lambda: self._verify(hashed, claimed))

    def _verify(self, hashed: str, claimed: str) -> bool:
        try:
            return bool(self._hasher.verify(hashed, claimed))
        except InvalidHashError:
            return False
        except VerificationError as error:
            if str(error) in FOR_WANT:
                raise
            return False

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._here >= AT_ONCE + IN_LINE:
            raise TooBusy
        self._here += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        except (HashingError, VerificationError) as error:
            if str(error) in FOR_WANT:
                raise Outage from error
            raise
        finally:
            self._here -= 1
