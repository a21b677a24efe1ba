"""One collection on either driver: reads, guarded writes, and nothing that means anything."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Final

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from services.chassis.kernel import StaleWrite
from services.chassis.kinds import Document
from services.chassis.mongo.errors import are_duplicates, translated

Filter = Mapping[str, Any]
Session = Any  # the driver's session; only this package looks inside
ABSENT: Final = object()


@dataclass(frozen=True)
class Insert:
    """A new document; an existing id is `StaleWrite`."""

    document: Document


@dataclass(frozen=True)
class Change:
    """A document in place of the one with its id, as this transaction has read it.

    Only the fields that differ are sent, and of a list that grew or of which little changed only
    those places: a whole document in place of another makes the server work out all its indexes
    anew, and a student's lists are long. Who was first needs no filter: a document written since
    the snapshot is a write conflict, and by the id alone the server plans nothing.
    """

    before: Document
    after: Document

    @property
    def difference(self) -> Filter:
        """What makes one of the other, as MongoDB is told it."""
        before, after = self.before, self.after
        new = {
            place: held
            for name, value in after.items()
            if (known := before.get(name, ABSENT)) != value
            for place, held in _differing(name, known, value)
        }
        gone = dict.fromkeys(before.keys() - after.keys(), "")
        return ({"$set": new} if new else {}) | ({"$unset": gone} if gone else {})


def _differing(name: str, before: Any, after: Any) -> Iterable[tuple[str, Any]]:
    """The places of a list that is no shorter than it was, if they are few; else the whole."""
    if not (isinstance(before, list) and isinstance(after, list) and len(before) <= len(after)):
        return [(name, after)]
    known = chain(before, repeat(ABSENT))
    places = [n for n, (was, held) in enumerate(zip(known, after, strict=False)) if was != held]
    if len(places) > len(after) // 2:
        return [(name, after)]
    return [(f"{name}.{n}", after[n]) for n in places]


@dataclass(frozen=True)
class Update:
    """A change of the one document that the filter still finds."""

    filter: Filter
    change: Filter


Write = Insert | Change | Update


class Collection:
    """One collection, on either driver."""

    def __init__(self, raw: Any, *, aggregates_await: bool) -> None:
        self._raw = raw
        self._aggregates_await = aggregates_await

    async def find(
        self,
        filter: Filter,
        *,
        session: Session = None,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        skip: int = 0,
        fields: Iterable[str] | None = None,
        snapshot: bool = False,
    ) -> list[Document]:
        """All documents that match; `snapshot` reads them as of one moment, outside a session."""
        raw = (
            self._raw.with_options(read_concern=ReadConcern("snapshot")) if snapshot else self._raw
        )
        with translated():
            cursor = raw.find(filter, dict.fromkeys(fields, 1) if fields else None, session=session)
            if sort:
                cursor = cursor.sort(list(sort))
            found: list[Document] = await cursor.skip(skip).limit(limit).to_list(None)
            return found

    async def find_one(self, filter: Filter, *, session: Session = None) -> Document | None:
        """The first document that matches."""
        with translated():
            found: Document | None = await self._raw.find_one(filter, session=session)
            return found

    async def count(self, filter: Filter, *, limit: int = 0) -> int:
        """How many match; stops counting at `limit` if one is given."""
        with translated():
            bound = {"limit": limit} if limit else {}
            return int(await self._raw.count_documents(filter, **bound))

    async def aggregate(
        self, pipeline: Sequence[Filter], *, session: Session = None
    ) -> list[Document]:
        """What an aggregation gives."""
        with translated():
            cursor = self._raw.aggregate(list(pipeline), session=session)
            if self._aggregates_await:
                cursor = await cursor
            found: list[Document] = await cursor.to_list(None)
            return found

    async def insert_many(self, documents: Sequence[Document], *, session: Session = None) -> None:
        """Insert; an existing id is `StaleWrite`. Nothing to insert is fine."""
        if documents:
            with translated():
                await self._raw.insert_many(documents, session=session, ordered=True)

    async def insert_missing(self, documents: Sequence[Document]) -> None:
        """Insert those whose id is not there yet, outside a transaction."""
        if not documents:
            return
        with translated():
            try:
                await self._raw.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                if not are_duplicates(error):
                    raise

    async def write(self, writes: Sequence[Write], *, session: Session = None) -> None:
        """All writes in one round trip, or `StaleWrite` when a filter found nothing."""
        if not writes:
            return
        with translated():
            done = await self._raw.bulk_write([_raw(each) for each in writes], session=session)
        guarded = sum(not isinstance(each, Insert) for each in writes)
        if done.matched_count < guarded:
            raise StaleWrite

    async def touch(self, ids: Sequence[str], *, session: Session) -> None:
        """Write to documents that this transaction has read, so that another writer meets it.

        One statement for all of them: each by itself costs six times as much.
        """
        if not ids:
            return
        with translated():
            done = await self._raw.update_many(
                {"_id": {"$in": list(ids)}}, {"$inc": {"version": 1}}, session=session
            )
        if done.matched_count < len(ids):
            raise StaleWrite

    async def update_one(
        self, filter: Filter, change: Filter, *, upsert: bool = False, session: Session = None
    ) -> int:
        """Change one document; gives how many the filter found (an upsert counts)."""
        with translated():
            done = await self._raw.update_one(filter, change, upsert=upsert, session=session)
            return int(done.matched_count) + (1 if done.upserted_id is not None else 0)

    async def update_many(self, filter: Filter, change: Filter, *, session: Session = None) -> int:
        """Change all that match; gives how many."""
        with translated():
            done = await self._raw.update_many(filter, change, session=session)
            return int(done.matched_count)

    async def find_one_and_update(
        self, filter: Filter, change: Filter | Sequence[Filter], *, upsert: bool = False
    ) -> Document | None:
        """Change one document and give it as it is then."""
        with translated():
            found: Document | None = await self._raw.find_one_and_update(
                filter, change, upsert=upsert, return_document=True
            )
            return found

    async def delete_many(self, filter: Filter, *, session: Session = None) -> int:
        """Delete all that match; gives how many."""
        with translated():
            return int((await self._raw.delete_many(filter, session=session)).deleted_count)

    async def rename(self, name: str) -> None:
        """Take the place of another collection."""
        with translated():
            await self._raw.rename(name, dropTarget=True)

    async def drop(self) -> None:
        """Remove the collection with all in it."""
        with translated():
            await self._raw.drop()

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[AsyncIterator[Document]]:
        """Documents as they are inserted; the only change stream is opened by `live`."""
        with translated():
            stream = self._raw.watch([{"$match": {"operationType": "insert"}}])
            if self._aggregates_await:
                stream = await stream
            async with stream:
                yield (change["fullDocument"] async for change in stream)


def _raw(write: Write) -> Any:
    match write:
        case Insert(document):
            return InsertOne(document)
        case Change() as change:
            return UpdateOne({"_id": change.after["_id"]}, change.difference)
        case Update(filter, change):
            return UpdateOne(filter, change)
