"""A key per person: seal, open, erase. Erasing one key makes every copy everywhere unreadable.

AES-256-GCM; associated data = scheme, person, kind of facts, so that no seal can be swapped for
another. Keys are wrapped by a key-encryption key; two of these may be active while one is
rotated out. Where these are not the database's own, nothing is read and nothing set aside. An
erased person's row stays without bytes, so that nothing can mint a key again.
"""

import secrets
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.envelope import Erased, SealedFacts
from services.chassis.conflicts import again_if_stale
from services.chassis.kernel import Outage
from services.chassis.key_proofs import KeyProofs, KeysUnfit
from services.chassis.keys import KEY_BYTES, NONCE_BYTES, KeyEncryptionKeys

if TYPE_CHECKING:
    from services.chassis.mongo import Database

F = TypeVar("F", bound=SealedFacts)

PLAIN: Final = b"\x01"  # schemes: what was encrypted
DEFLATED: Final = b"\x02"
SCHEMES: Final = (PLAIN, DEFLATED)
WORTH_DEFLATING: Final = 1024  # bytes; a match run says the same words again and again
CACHE_SECONDS: Final = 60.0
CACHED_KEYS: Final = 50_000
COLLECTION: Final = "keys"


class SealBroken(Exception):
    """A seal that does not belong to this person or kind, or was changed."""


@dataclass(frozen=True)
class Keyring:
    """The keys of the persons of one batch; None for an erased one.

    Facts that it opened and that nobody changed keep their bytes when they are sealed again.
    """

    keys: Mapping[str, AESGCM | None]
    _boxes: dict[int, tuple[str, SealedFacts, bytes]] = field(default_factory=dict, repr=False)

    def and_keys(self, more: "Keyring") -> "Keyring":
        """With further keys."""
        return Keyring({**self.keys, **more.keys}, self._boxes)

    def seal(self, person: str, kind: str, plain: bytes) -> bytes | None:
        """Bytes that only this person's key opens; None once the person is erased."""
        key = self.keys[person]
        if key is None:
            return None
        scheme = DEFLATED if len(plain) >= WORTH_DEFLATING else PLAIN
        body = zlib.compress(plain, zlib.Z_BEST_SPEED) if scheme == DEFLATED else plain
        nonce = secrets.token_bytes(NONCE_BYTES)
        return scheme + nonce + key.encrypt(nonce, body, _bound_to(person, kind, scheme))

    def open(self, person: str, kind: str, box: bytes | None) -> bytes | Erased:
        """What was sealed, or `Erased`.

        Raises:
            SealBroken: not sealed for this person and kind.
        """
        key = self.keys[person]
        if key is None or box is None:
            return Erased()
        scheme, nonce, body = box[:1], box[1 : NONCE_BYTES + 1], box[NONCE_BYTES + 1 :]
        if scheme not in SCHEMES:
            raise SealBroken
        try:
            plain = key.decrypt(nonce, body, _bound_to(person, kind, scheme))
        except InvalidTag:
            raise SealBroken from None
        return zlib.decompress(plain) if scheme == DEFLATED else plain

    def seal_facts(self, person: str, facts: SealedFacts | Erased) -> bytes | None:
        """Seal facts; what is erased stays nothing."""
        if isinstance(facts, Erased) or self.keys[person] is None:
            return None
        owner, opened, box = self._boxes.get(id(facts), (None, None, None))
        if opened is facts and owner == person:
            return box
        return self.seal(person, facts.KIND, facts.model_dump_json(exclude_none=True).encode())

    def open_facts(self, person: str, kind: type[F], box: bytes | None) -> F | Erased:
        """What `seal_facts` sealed, or `Erased`."""
        plain = self.open(person, kind.KIND, box)
        if isinstance(plain, Erased) or box is None:
            return Erased()
        facts = kind.model_validate_json(plain)
        self._boxes[id(facts)] = (person, facts, box)  # it holds the facts: their id stays theirs
        return facts


def _bound_to(person: str, kind: str, scheme: bytes) -> bytes:
    return b"\x00".join((scheme, person.encode(), kind.encode()))


class Vault:
    """The keys of all persons, cached for at most 60 s; the port that a real KMS fills."""

    def __init__(
        self, database: "Database", keks: KeyEncryptionKeys, monotonic: Callable[[], float]
    ) -> None:
        self._rows = database.collection(COLLECTION)
        self._keks = keks
        self._monotonic = monotonic
        self._cache: dict[str, tuple[float, AESGCM | None]] = {}
        self._proofs = KeyProofs(database, self._rows, keks)
        self.misfit: str | None = None  # as `look` saw it last

    async def look(self) -> str | None:
        """What does not fit of the key-encryption keys, in one sentence; None where all does."""
        self.misfit = await self._proofs.misfit()
        return self.misfit

    async def keyring(self, persons: Iterable[str]) -> Keyring:
        """The keys of these persons in one look-up; a person never seen gets a new one.

        Raises:
            KeysUnfit: the key-encryption keys do not open one of them.
        """
        wanted = set(persons)
        oldest = self._monotonic() - CACHE_SECONDS
        known = {p: k for p in wanted if (k := self._cache.get(p)) and k[0] > oldest}
        if missing := wanted - known.keys():
            known |= await self._fetch(missing)
        return Keyring({person: key for person, (_, key) in known.items()})

    async def erase(self, person: str) -> None:
        """Destroy a person's key for good; twice is once."""
        gone = {"$set": {"wrapped": None, "kek": None}}
        await again_if_stale(lambda: self._rows.update_one({"_id": person}, gone, upsert=True))
        self._cache[person] = (self._monotonic(), None)

    async def rewrap(self, *, limit: int = 500) -> int:
        """Wrap keys of retired key-encryption keys anew; gives how many, 0 when done."""
        old = await self._rows.find(
            {"wrapped": {"$ne": None}, "kek": {"$ne": self._keks.current}}, limit=limit
        )
        for row in old:
            key = self._keks.unwrap(row)
            assert key is not None  # noqa: S101 - the filter says so
            await self._rows.update_one(
                {"_id": row["_id"], "wrapped": row["wrapped"]},  # an erasure in between wins
                {"$set": self._keks.wrap(row["_id"], key)},
            )
        return len(old)

    async def _fetch(self, persons: set[str]) -> dict[str, tuple[float, AESGCM | None]]:
        found = {row["_id"]: row for row in await self._rows.find({"_id": {"$in": list(persons)}})}
        if new := persons - found.keys():
            await self._mint(new)
            rows = await self._rows.find({"_id": {"$in": list(new)}})
            found |= {row["_id"]: row for row in rows}
        now = self._monotonic()
        try:
            opened = {person: (now, self._key(row)) for person, row in found.items()}
        except (KeyError, InvalidTag) as error:
            await self._refuse(error)
        if len(self._cache) + len(opened) > CACHED_KEYS:
            self._cache.clear()
        self._cache |= opened
        return opened

    async def _mint(self, persons: set[str]) -> None:
        """Insert where absent; whoever was first wins, an erased row stays erased."""
        await self._rows.insert_missing(
            [
                {"_id": person, **self._keks.wrap(person, secrets.token_bytes(KEY_BYTES))}
                for person in sorted(persons)
            ]
        )

    def _key(self, row: Mapping[str, Any]) -> AESGCM | None:
        key = self._keks.unwrap(row)
        return AESGCM(key) if key else None

    async def _refuse(self, error: Exception) -> NoReturn:
        """Stop at the keys where it is they that do not fit, and not one stored row."""
        was_known = self.misfit is not None
        misfit = await self.look()
        if misfit is not None:
            if not was_known:
                structlog.get_logger().error("keys.unfit", reason=misfit)
            raise KeysUnfit(misfit) from error
        if isinstance(error, KeyError):
            raise Outage from error  # another process has wrapped it anew meanwhile
        raise error  # this row alone is damaged
