"""The keys that settings give: 32 bytes in base64, those of the demo marked; some wrap others."""

import base64
import binascii
import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
DEMO_MARK: Final = b"demo"  # demo keys begin with it, so that they are known when they stray


@dataclass(frozen=True)
class KeyEncryptionKeys:
    """Key-encryption keys by id; `current` wraps new keys, the others still unwrap."""

    by_id: Mapping[str, bytes]  # 32 bytes each
    current: str

    def wrap(self, owner: str, key: bytes, *, by: str | None = None) -> dict[str, Any]:
        """A person's key for storing."""
        kek, nonce = by or self.current, secrets.token_bytes(NONCE_BYTES)
        box = nonce + AESGCM(self.by_id[kek]).encrypt(nonce, key, owner.encode())
        return {"wrapped": box, "kek": kek}

    def unwrap(self, row: Mapping[str, Any]) -> bytes | None:
        """A stored key; None for an erased person.

        Raises:
            KeyError: wrapped with a key that is not here.
            InvalidTag: with another key of this id, or what is stored was changed.
        """
        if row["wrapped"] is None:
            return None
        nonce, body = row["wrapped"][:NONCE_BYTES], row["wrapped"][NONCE_BYTES:]
        return AESGCM(self.by_id[row["kek"]]).decrypt(nonce, body, str(row["_id"]).encode())


def decoded(key: str) -> bytes:
    """A key of 32 bytes from base64.

    Raises:
        ValueError: it is something else.
    """
    try:
        plain = base64.b64decode(key.strip(), validate=True)
    except binascii.Error:
        plain = b""
    if len(plain) != KEY_BYTES:
        raise ValueError("a key must be 32 bytes in base64")
    return plain


def key_encryption_keys(pairs: str, current: str = "") -> KeyEncryptionKeys:
    """Keys from `id:base64` pairs with commas between; without `current` the first wraps new ones.

    Raises:
        ValueError: a pair is malformed, an id stands twice, or `current` is not among them.
    """
    split = [pair.strip().partition(":") for pair in pairs.split(",")]
    by_id = {name: decoded(key) for name, _, key in split}
    if max(Counter(name for name, _, _ in split).values()) > 1:
        raise ValueError("WRAPAROUND_KEY_ENCRYPTION_KEYS has one id twice")
    if current and current not in by_id:
        raise ValueError("WRAPAROUND_KEY_ENCRYPTION_CURRENT names none of the keys")
    return KeyEncryptionKeys(by_id=by_id, current=current or next(iter(by_id)))


def demo_key(name: str) -> str:
    """A key in base64 that is the same on every machine; refused outside the demo."""
    rest = hashlib.sha256(name.encode()).digest()[: KEY_BYTES - len(DEMO_MARK)]
    return base64.b64encode(DEMO_MARK + rest).decode()


def is_of_demo(key: bytes) -> bool:
    """Whether everybody knows this key."""
    return key.startswith(DEMO_MARK)
