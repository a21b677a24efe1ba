"""Whether the key-encryption keys of this process are those that the database was written with.

A key is known by its id alone: under the id of another, or forgotten, it opens nothing, and what
it wraps nobody else opens. So each key leaves a proof the first time it is given: its own id,
sealed with it. Whoever comes with another key under that id, or lacks one that is in use, is told
before anything is read or wrapped. Proofs stay for ever: an id names one key, once.
"""

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag

from services.chassis.kernel import Outage
from services.chassis.keys import KeyEncryptionKeys

if TYPE_CHECKING:
    from services.chassis.mongo import Collection, Database

COLLECTION: Final = "key_proofs"
PROVEN: Final = b"this key is the one that this id means"
HELP: Final = "docs/how-to/keys.md says how."
LACKING: Final = (
    "Persons' keys are wrapped with the key {!r}, which WRAPAROUND_KEY_ENCRYPTION_KEYS does not"
    f" give: give it too and start anew; {HELP}"
)
ANOTHER: Final = (
    "The key {!r} in WRAPAROUND_KEY_ENCRYPTION_KEYS is not the one that this database knows by that"
    f" id: give the one it was, and a new one under a new id; {HELP}"
)


class KeysUnfit(Outage):
    """The key-encryption keys do not fit the database; the text says what to do.

    An outage: it ends when the right keys are there, and nothing is wrong with any message.
    """


class KeyProofs:
    """The proofs of all key-encryption keys ever given, beside the keys that these wrap."""

    def __init__(self, platform: "Database", keys: "Collection", keks: KeyEncryptionKeys) -> None:
        self._proofs = platform.collection(COLLECTION)
        self._keys = keys
        self._keks = keks

    async def misfit(self) -> str | None:
        """What does not fit, and what to do about it, in one sentence; None where all does."""
        given = self._keks.by_id.keys()
        foreign = await self._keys.find_one({"kek": {"$nin": [*given, None]}})  # None: erased
        if foreign is not None:
            return LACKING.format(foreign["kek"])
        for kek in given:
            if not await self._is_proven(kek):
                return ANOTHER.format(kek)
        return None

    async def _is_proven(self, kek: str) -> bool:
        """Whether a key is the one of its id; a new id is given its proof."""
        if await self._proofs.find_one({"_id": kek}) is None:
            # A database older than proofs: what the key has wrapped is a proof as well.
            wrapped = await self._keys.find_one({"kek": kek})
            if wrapped is not None and not self._opens(wrapped):
                return False
            proof = {"_id": kek, **self._keks.wrap(kek, PROVEN, by=kek)}
            await self._proofs.insert_missing([proof])  # another process may be first
        proof_row = await self._proofs.find_one({"_id": kek})
        return proof_row is not None and self._opens(proof_row)

    def _opens(self, row: "dict[str, object]") -> bool:
        try:
            self._keks.unwrap(row)
        except InvalidTag:
            return False
        return True
