"""Messages as their readers see them, kept in demo mode only, sealed under the reader's key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from schemas.envelope import Erased, SealedFacts
from services.chassis.kinds import Document, Index
from services.chassis.mongo import Database
from services.chassis.vault import Vault

COLLECTION: Final = "letters"
NEWEST: Final = (("at", -1), ("_id", 1))
INDEXES: Final = (Index(NEWEST),)


class LetterFacts(SealedFacts):
    """The words of one message."""

    KIND: ClassVar[str] = "notifications.letter"
    to: str
    subject: str
    text: str
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message that went out."""

    message_id: str
    at: datetime
    channel: str
    locale: str
    recipient: str
    facts: LetterFacts


class Letters:
    """The demo's own copy of every message."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._rows = database.collection(COLLECTION)
        self._vault = vault

    async def add(self, letter: Letter, person: str) -> None:
        """Keep a message; one that is sent again is kept once."""
        keys = await self._vault.keyring([person])
        row = {
            "at": letter.at,
            "channel": letter.channel,
            "locale": letter.locale,
            "recipient": letter.recipient,
            "person": person,
            "box": keys.seal_facts(person, letter.facts),
        }
        await self._rows.update_one({"_id": letter.message_id}, {"$set": row}, upsert=True)

    async def newest(self, *, limit: int) -> list[Letter]:
        """The newest first; those of erased people are left out."""
        return await self._opened(await self._rows.find({}, sort=NEWEST, limit=limit))

    async def page(self, number: int, size: int) -> tuple[list[Letter], bool]:
        """The same by pages, the first is 0; and whether there are older ones."""
        rows = await self._rows.find({}, sort=NEWEST, limit=size + 1, skip=number * size)
        return await self._opened(rows[:size]), len(rows) > size

    async def _opened(self, rows: Sequence[Document]) -> list[Letter]:
        keys = await self._vault.keyring(row["person"] for row in rows)
        found = [(row, keys.open_facts(row["person"], LetterFacts, row["box"])) for row in rows]
        return [
            Letter(
                message_id=row["_id"],
                at=row["at"],
                channel=row["channel"],
                locale=row["locale"],
                recipient=row["recipient"],
                facts=facts,
            )
            for row, facts in found
            if not isinstance(facts, Erased)
        ]
