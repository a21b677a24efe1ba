"""Local accounts: the stand-in for a district's identity provider, behind the port `Identities`.

Sign-in names are found by HMAC, names stand sealed under the person's key. A wrong password, an
unknown name and a closed account get the same answer in the same time.
"""

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

import orjson
from argon2 import PasswordHasher

from schemas import codes
from schemas.envelope import Erased
from services.chassis.hashing import Hashes
from services.chassis.kernel import Duplicate, Outage, Refused, StaleWrite
from services.chassis.kinds import Document, Index
from services.chassis.mongo import Database
from services.chassis.scope import Principal
from services.chassis.tries import Tries
from services.chassis.vault import Keyring, Vault

COLLECTION: Final = "accounts"
INDEXES: Final = (Index((("sign_in_hash", 1),), unique=True), Index((("is_persona", 1),)))
SEAL: Final = "account"
PASSWORD_LENGTH: Final = 12
PERSONAS: Final = 500  # more than a start page can hold


class Role(StrEnum):
    """Who somebody is here; what each may see stands in the `scopes` of the services."""

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

    @property
    def person(self) -> Principal:
        """Whose account it will be."""
        return Principal(
            user_id=self.user_id,
            role=self.role.value,
            district=self.district,
            name=self.name,
            organization_id=self.organization_id,
            school_ids=self.school_ids,
            locale=self.locale,
        )


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account that is there: whose it is, and whether it lets anybody in."""

    person: Principal
    is_closed: bool


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

    def id_of(self, sign_in_name: str) -> str:
        """The id of a new account: the same for the same name, so that adding may be repeated."""
        return str(UUID(bytes=self._mark(b"user-id", sign_in_name)[:16], version=4))

    async def check(self, account: NewAccount, password: str | None = None) -> None:
        """Refuse what `add` would refuse, before anything else is said of the person.

        Raises:
            Refused: `sign_in_name_taken`, `sign_in_name_closed`, `password_short`,
                `password_missing`.
        """
        _refuse_weak(account, password)
        if known := await self.named(account.sign_in_name):
            raise _closed() if known.is_closed else _taken()

    async def add(self, account: NewAccount, password: str | None = None) -> None:
        """Add an account.

        Raises:
            Refused: `sign_in_name_taken`, `account_there`, `password_short`, `password_missing`.
        """
        _refuse_weak(account, password)
        hashed = None if password is None else await self._hashes.of(password)
        try:
            await self._rows.insert_many([await self._row(account, hashed)])
        except Duplicate:
            raise _taken() from None
        except StaleWrite:
            raise Refused("account_there", "This person has an account already.") from None

    async def named(self, sign_in_name: str) -> Account | None:
        """The account of a sign-in name, closed ones too."""
        row = await self._rows.find_one({"sign_in_hash": self._sign_in_hash(sign_in_name)})
        return (await self._accounts([row]))[0] if row else None

    async def everybody(self) -> list[Account]:
        """Every account, by role and name."""
        found = await self._accounts(await self._rows.find({}))
        return sorted(found, key=lambda each: (each.person.role, each.person.name))

    async def set_password(self, user_id: str, password: str, *, opens: bool = False) -> None:
        """Give an account another password, and all its tries back; the caller ends its sessions.

        With `opens` one that was closed lets its person in again.

        Raises:
            Refused: `password_short`.
        """
        _refuse_short(password)
        hashed = await self._hashes.of(password)
        change = {"password": hashed} | ({"is_closed": False} if opens else {})
        row = await self._rows.find_one_and_update({"_id": user_id}, {"$set": change})
        if row is not None:
            await self._tries.give_back(row["sign_in_hash"])

    async def change(self, person: Principal) -> None:
        """Take over a person's name, schools and language; the caller ends the sessions."""
        card = orjson.dumps({"name": person.name})
        keys = await self._vault.keyring([person.user_id])
        change = {
            "school_ids": sorted(person.school_ids),
            "locale": person.locale,
            "sealed": keys.seal(person.user_id, SEAL, card),
        }
        await self._rows.update_one({"_id": person.user_id}, {"$set": change})

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
            raise Refused(*codes.TOO_MANY_TRIES)
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
        (found,) = await self._people([row])
        return found

    async def personas(self) -> list[Principal]:
        """The people of the demo, by role and name."""
        rows = await self._rows.find({"is_persona": True, "is_closed": False}, limit=PERSONAS)
        return sorted(await self._people(rows), key=lambda each: (each.role, each.name))

    async def persona(self, user_id: str) -> Principal | None:
        """One of the people of the demo."""
        row = await self._rows.find_one({"_id": user_id, "is_persona": True, "is_closed": False})
        return (await self._people([row]))[0] if row else None

    def _sign_in_hash(self, name: str) -> bytes:
        return self._mark(b"sign-in", name)

    def _mark(self, purpose: bytes, name: str) -> bytes:
        folded = unicodedata.normalize("NFKC", name).strip().casefold()
        return hmac.digest(self._search_key, purpose + b"\x00" + folded.encode(), "sha256")

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

    async def _accounts(self, rows: Sequence[Document]) -> list[Account]:
        people = await self._people(rows)
        return [
            Account(person=person, is_closed=row["is_closed"])
            for row, person in zip(rows, people, strict=True)
        ]

    async def _people(self, rows: Sequence[Document]) -> list[Principal]:
        keys = await self._vault.keyring([row["_id"] for row in rows])
        return [_principal(row, keys) for row in rows]

    async def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            self._nobody = await self._hashes.of("a password that nobody has")
        return self._nobody


def _principal(row: Document, keys: Keyring) -> Principal:
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


def _taken() -> Refused:
    return Refused(*codes.NAME_TAKEN)


def _closed() -> Refused:
    sentence = "This sign-in name is of an account that was closed: reopen it, or take another."
    return Refused("sign_in_name_closed", sentence)


def _refuse_weak(account: NewAccount, password: str | None) -> None:
    if password is not None:
        _refuse_short(password)
    elif not account.is_persona:
        raise Refused("password_missing", "An account needs a password.")


def _refuse_short(password: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise Refused("password_short", f"A password needs {PASSWORD_LENGTH} characters or more.")
