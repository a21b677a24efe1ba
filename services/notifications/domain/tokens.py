"""Secrets of links and codes, each made anew from one key and the id it belongs to.

Nothing secret is stored: who sends a message makes its token again, the link keeps a hash.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

TOKEN_BYTES: Final = 16
CODE_DIGITS: Final = 6


@dataclass(frozen=True)
class Tokens:
    """The service's key, and what follows from it; the same in every process."""

    key: bytes = field(repr=False)

    def token(self, link_id: str) -> str:
        """The unguessable part of a link's address, 22 characters."""
        found = self._derived(b"family link", link_id)[:TOKEN_BYTES]
        return base64.urlsafe_b64encode(found).rstrip(b"=").decode()

    def hash_of(self, link_id: str) -> str:
        """What the link is found by."""
        return hash_of(self.token(link_id))

    def code(self, message_id: str) -> str:
        """The six digits that a step-up message says."""
        number = int.from_bytes(self._derived(b"step-up code", message_id)[:8], "big")
        return str(number % 10**CODE_DIGITS).zfill(CODE_DIGITS)

    def salt(self, name: str) -> bytes:
        """16 bytes that nobody can guess, the same for the same name."""
        return self._derived(b"salt", name)[:16]

    def address(self, district: str, value: str) -> str:
        """What stands for a number or a mail address where nobody may read it; 32 characters."""
        return self._derived(b"address", f"{district} {value.casefold()}").hex()[:32]

    def try_of(self, form: UUID, given: str, *, is_right: bool) -> UUID:
        """The key of one try: the same answer twice is one, another answer in its place is another.

        Whoever sends a form chooses its key, so that alone must not say what is a repeat. Keys are
        kept: made with the service's own, they tell nothing of what was typed.
        """
        return UUID(bytes=self._derived(b"try", f"{form} {is_right} {given}")[:16])

    def _derived(self, purpose: bytes, name: str) -> bytes:
        return hmac.digest(self.key, purpose + b"\x00" + name.encode(), "sha256")


def hash_of(token: str) -> str:
    """SHA-256 of a token that somebody brings."""
    return hashlib.sha256(token.encode()).hexdigest()
