"""Keys as they stand in settings: 32 bytes in base64, some with ids, those of the demo marked."""

import base64
import binascii
import hashlib
from typing import Final

from services.chassis.vault import KEY_BYTES, KeyEncryptionKeys

DEMO_MARK: Final = b"demo"  # demo keys begin with it, so that they are known when they stray


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
        ValueError: a pair is malformed, or `current` is not among them.
    """
    split = [pair.strip().partition(":") for pair in pairs.split(",")]
    by_id = {name: decoded(key) for name, _, key in split}
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
