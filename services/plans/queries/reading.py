"""Reading stored states for pages: always under a scope, opened with the keys of their persons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.chassis.kinds import Document, Kind
from services.chassis.mongo import Database
from services.chassis.scope import Scope
from services.chassis.vault import Vault

S = TypeVar("S")
ROWS_AT_MOST = 50  # of a page


@dataclass(frozen=True)
class Reading:
    """The collections of this service, as states."""

    database: Database
    vault: Vault

    async def find(
        self,
        kind: Kind[S],
        scope: Scope,
        filter: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = ROWS_AT_MOST,
        skip: int = 0,
    ) -> list[S]:
        """States that match, of those that may be seen."""
        rows = await self.database.collection(kind.collection).find(
            {**scope.filter(), **filter}, sort=sort, limit=limit, skip=skip
        )
        return await self.opened(kind, rows)

    async def found(
        self,
        kind: Kind[S],
        scope: Scope,
        filter: Mapping[str, Any],
        *,
        fields: Iterable[str],
        sort: Sequence[tuple[str, int]] = (),
        limit: int = ROWS_AT_MOST,
    ) -> list[Document]:
        """Some plain fields of what matches, with nothing opened: to choose what is worth it."""
        return await self.database.collection(kind.collection).find(
            {**scope.filter(), **filter}, sort=sort, limit=limit, fields=fields
        )

    async def get(self, kind: Kind[S], scope: Scope, id: str | None) -> S | None:
        """One state, if it is there and may be seen."""
        if id is None:
            return None
        found = await self.find(kind, scope, {"_id": id}, limit=1)
        return found[0] if found else None

    async def by_id(self, kind: Kind[S], scope: Scope, ids: Iterable[str]) -> dict[str, S]:
        """Several states by their ids."""
        wanted = sorted(set(ids))
        rows = await self.database.collection(kind.collection).find(
            {**scope.filter(), "_id": {"$in": wanted}}, limit=len(wanted) or 1
        )
        live = [row for row in rows if not row.get("stateless")]
        return dict(zip((row["_id"] for row in live), await self.opened(kind, live), strict=True))

    async def count(self, kind: Kind[S], scope: Scope, filter: Mapping[str, Any]) -> int:
        """How many match, of those that may be seen."""
        collection = self.database.collection(kind.collection)
        return await collection.count({**scope.filter(), **filter})

    async def opened(self, kind: Kind[S], rows: Sequence[Document]) -> list[S]:
        """Documents as states, with one look-up of keys."""
        live = [row for row in rows if not row.get("stateless")]
        keys = await self.vault.keyring({person for row in live for person in row["persons"]})
        return [kind.read(row, keys) for row in live]
