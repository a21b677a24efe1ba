"""Local accounts: the stand-in for a district's identity provider, behind the port `Identities`.

Sign-in names are found by HMAC, names stand sealed under the person's key. A wrong password, an
unknown name and a closed account get the same answer in the same time.
"""

import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import orjson
from argon2 import PasswordHasher

from schemas.envelope import Erased
from services.chassis.hashing import Hashes
from services.chassis.kernel import Outage, Refused, StaleWrite
from services.chassis.kinds import Document, Index
from services.chassis.mongo import Database
from services.chassis.scope import Principal
from services.chassis.tries import Tries
from services.chassis.vault import Vault

COLLECTION: Final = "accounts"
INDEXES: Final = (Index((("sign_in_hash", 1),), unique=True), Index((("is_persona", 1),)))
SEAL: Final = "account"
PASSWORD_LENGTH: Final = 12
PERSONAS: Final = 500  # more than a start page can hold
TOO_MANY_TRIES: Final = (
    "too_many_tries",
    "Too many tries for this name. Wait some minutes, then try again.",
)


class Role(StrEnum):
    """Who somebody is here. Source: domain.md 2."""

    TEACHER = "teacher"
    STUDENT = "student"
    CASE_MANAGER = "case_manager"
    LIAISON = "liaison"
    SUPERVISOR = "supervisor"
    PRIVACY_OFFICER = "privacy_officer"
    DISTRICT_ADMIN = "district_admin"
    DIRECTORY_EDITOR = "directory_editor"
    PARTNER_COORDINATOR = "partner_coordinator"
    CITY_VIEWER = "city_viewer"


class Identities(Protocol):
    """Whoever vouches for people: these accounts, or a district's identity provider."""

    async def vouch(self, claimed: Mapping[str, str]) -> Principal | None:
        """The person that the fields of a sign-in prove, or nobody.

        Raises:
            Refused: `too_many_tries`.
        """


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What is needed to add somebody; a persona has no password and works in the demo only."""

    user_id: str
    sign_in_name: str
    name: str
    role: Role
    district: str
    organization_id: str | None = None
    school_ids: frozenset[str] = field(default_factory=frozenset)
    locale: str = "en"
    is_persona: bool = False


class Accounts:
    """The accounts of all services, in the platform database."""

    def __init__(
        self,
        platform: Database,
        vault: Vault,
        *,
        search_key: bytes,
        tries: Tries,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._rows = platform.collection(COLLECTION)
        self._vault = vault
        self._search_key = search_key
        self._tries = tries
        self._hashes = Hashes(hasher)
        self._nobody: str | None = None

    async def add(self, account: NewAccount, password: str | None = None) -> None:
        """Add an account.

        Raises:
            Refused: `sign_in_name_taken`, `password_short`, `password_missing`.
        """
        _refuse_weak(account, password)
        hashed = None if password is None else await self._hashes.of(password)
        try:
            await self._rows.insert_many([await self._row(account, hashed)])
        except StaleWrite:
            message = "Somebody has this sign-in name already."
            raise Refused("sign_in_name_taken", message) from None

    async def named(self, sign_in_name: str) -> Principal | None:
        """Whose sign-in name this is, also if the account was closed."""
        row = await self._rows.find_one({"sign_in_hash": self._sign_in_hash(sign_in_name)})
        return await self._principal(row) if row else None

    async def close(self, user_id: str) -> bool:
        """Let nobody in with an account any more; the caller ends its sessions."""
        found = await self._rows.update_one({"_id": user_id}, {"$set": {"is_closed": True}})
        return found == 1

    async def vouch(self, claimed: Mapping[str, str]) -> Principal | None:
        """The person whose name and password these are, or nobody.

        Raises:
            Refused: `too_many_tries`.
        """
        subject = self._sign_in_hash(claimed.get("name", ""))
        if not await self._tries.take(subject):
            raise Refused(*TOO_MANY_TRIES)
        row = await self._rows.find_one({"sign_in_hash": subject})
        try:
            hashed = (row or {}).get("password") or await self._hash_of_nobody()
            is_right = await self._hashes.fits(hashed, claimed.get("password", ""))
        except Outage:
            await self._tries.give_back(subject)  # it was none
            raise
        if not (row and row.get("password") and is_right) or row["is_closed"]:
            return None
        await self._tries.give_back(subject)
        return await self._principal(row)

    async def personas(self) -> list[Principal]:
        """The people of the demo, by role and name."""
        rows = await self._rows.find({"is_persona": True, "is_closed": False}, limit=PERSONAS)
        found = [await self._principal(row) for row in rows]
        return sorted(found, key=lambda each: (each.role, each.name))

    async def persona(self, user_id: str) -> Principal | None:
        """One of the people of the demo."""
        row = await self._rows.find_one({"_id": user_id, "is_persona": True, "is_closed": False})
        return await self._principal(row) if row else None

    def _sign_in_hash(self, name: str) -> bytes:
        folded = unicodedata.normalize("NFKC", name).strip().casefold()
        return hmac.digest(self._search_key, b"sign-in\x00" + folded.encode(), "sha256")

    async def _row(self, account: NewAccount, hashed: str | None) -> Document:
        keys = await self._vault.keyring([account.user_id])
        card = orjson.dumps({"name": account.name})
        return {
            "_id": account.user_id,
            "sign_in_hash": self._sign_in_hash(account.sign_in_name),
            "password": hashed,
            "role": account.role.value,
            "district": account.district,
            "organization_id": account.organization_id,
            "school_ids": sorted(account.school_ids),
            "locale": account.locale,
            "is_persona": account.is_persona,
            "is_closed": False,
            "sealed": keys.seal(account.user_id, SEAL, card),
        }

    async def _principal(self, row: Document) -> Principal:
        keys = await self._vault.keyring([row["_id"]])
        card = keys.open(row["_id"], SEAL, row["sealed"])
        return Principal(
            user_id=row["_id"],
            role=row["role"],
            district=row["district"],
            name="" if isinstance(card, Erased) else orjson.loads(card)["name"],
            organization_id=row["organization_id"],
            school_ids=frozenset(row["school_ids"]),
            locale=row["locale"],
        )

    async def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = await self._hashes.of("a password that nobody has")
        return self._nobody


def _refuse_weak(account: NewAccount, password: str | None) -> None:
    if password is None:
        if not account.is_persona:
            raise Refused("password_missing", "An account needs a password.")
    elif len(password) < PASSWORD_LENGTH:
        raise Refused("password_short", f"A password needs {PASSWORD_LENGTH} characters or more.")
