"""Checking ledgers entry by entry, for whoever must vouch for them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from services.chassis.mongo import Database
from services.chassis.vault import Vault
from services.plans.domain.ledger import Entry, Fault, Head, LedgerKey, verify
from services.plans.queries.reading import Reading
from services.plans.repository.consents import BOOKS_COLLECTION, ENTRIES

BOOKS_TOGETHER: Final = 200


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found in one student's ledger."""

    student_id: str
    entries: int
    faults: tuple[Fault, ...]


async def check(
    database: Database, vault: Vault, key: LedgerKey, student_id: str
) -> Checked | None:
    """One student's ledger against its chain and head; nothing if there is none."""
    row = await database.collection(BOOKS_COLLECTION).find_one({"_id": student_id})
    return None if row is None else await _checked(Reading(database, vault), key, row)


async def check_all(database: Database, vault: Vault, key: LedgerKey) -> AsyncIterator[Checked]:
    """Every ledger, student by student."""
    reading, last = Reading(database, vault), ""
    while True:
        rows = await database.collection(BOOKS_COLLECTION).find(
            {"_id": {"$gt": last}},
            sort=(("_id", 1),),
            limit=BOOKS_TOGETHER,
            fields=("ledger",),
        )
        for row in rows:
            yield await _checked(reading, key, row)
        if len(rows) < BOOKS_TOGETHER:
            return
        last = rows[-1]["_id"]


async def _checked(reading: Reading, key: LedgerKey, row: dict[str, Any]) -> Checked:
    collection = reading.database.collection(ENTRIES.collection)
    found = await collection.find({"student_id": row["_id"]}, sort=(("number", 1),))
    entries: list[Entry] = await reading.opened(ENTRIES, found)
    faults = tuple(verify(entries, Head(**row["ledger"]), key))
    return Checked(student_id=row["_id"], entries=len(entries), faults=faults)
