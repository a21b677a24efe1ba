"""Writes aggregates into the collections of their services, as these would store them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from services.chassis.kinds import Document, Kind
from services.chassis.mongo import Database
from services.chassis.vault import Keyring
from services.chassis.working import Loaded, document_of

TOGETHER: Final = 1_000  # documents of one statement
AGGREGATES: Final = 5_000  # whose keys are looked up together


class Writer:
    """Both services' databases, by the kinds of aggregates that lie in them."""

    def __init__(self, *databases: tuple[Database, Iterable[Kind[Any]]]) -> None:
        self._databases = {kind.state: database for database, kinds in databases for kind in kinds}
        self.written = 0

    async def write(self, aggregates: Iterable[Loaded], keys: Keyring) -> None:
        """Insert all of them; what is there already stays as it is."""
        rows: dict[tuple[type, str], list[Document]] = defaultdict(list)
        for each in aggregates:
            rows[each.kind.state, each.kind.collection].append(document_of(each, keys))
        await asyncio.gather(
            *(
                self._insert(self._databases[state], collection, documents)
                for (state, collection), documents in rows.items()
            )
        )

    async def _insert(self, database: Database, name: str, documents: list[Document]) -> None:
        for part in parts(documents, TOGETHER):
            await database.collection(name).insert_missing(part)
            self.written += len(part)


def persons(aggregates: Iterable[Loaded]) -> set[str]:
    """Whose keys the documents need."""
    found: set[str] = set()
    for each in aggregates:
        state = each.blank if each.state is None else each.state
        if state is not None:
            found.update(each.kind.persons(state))
    return found


def parts(of: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Lists of at most so many, in order."""
    left = iter(of)
    while part := list(islice(left, size)):
        yield part
