"""The only module that knows the database driver.

Motor by default; `driver="pymongo"` takes PyMongo Async through the same door (the differences
are in facts.md 3). Every driver error leaves here as `StaleWrite` or `Outage`, or as itself: a bug.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.chassis.kernel import Outage, StaleWrite
from services.chassis.kinds import Document, Index

Driver = Literal["motor", "pymongo"]
Filter = Mapping[str, Any]
Session = Any  # the driver's session; only this module looks inside

COMMIT_TRIES: Final = 5
DUPLICATE: Final = 11000
AWAY: Final = frozenset(  # server says: not now (stepping down, shutting down, no disk, timeout)
    {6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031}
)
DURABLE: Final = WriteConcern(w="majority", j=True, wtimeout=10_000)


@dataclass(frozen=True)
class Insert:
    """A new document; an existing id is `StaleWrite`."""

    document: Document


@dataclass(frozen=True)
class Replace:
    """A document in place of the one that the filter still finds."""

    filter: Filter
    document: Document


@dataclass(frozen=True)
class Update:
    """A change of the one document that the filter still finds."""

    filter: Filter
    change: Filter


Write = Insert | Replace | Update


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the kernel's words."""
    try:
        yield
    except PyMongoError as error:
        raise _meaning(error) from error


def _meaning(error: PyMongoError) -> Exception:
    if _is_conflict(error):
        return StaleWrite()
    if isinstance(
        error, ConnectionFailure | ExecutionTimeout | WTimeoutError | WaitQueueTimeoutError
    ):
        return Outage()
    if isinstance(error, OperationFailure) and error.code in AWAY:
        return Outage()
    return error


def _is_conflict(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        written = error.details.get("writeErrors", []) if error.details else []
        return bool(written) and all(each["code"] in {DUPLICATE, 112} for each in written)
    if isinstance(error, DuplicateKeyError):
        return True
    return (
        error.has_error_label("TransientTransactionError")
        and isinstance(error, OperationFailure)
        and error.code not in AWAY
    )


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
                written = error.details.get("writeErrors", []) if error.details else []
                if not written or any(each["code"] != DUPLICATE for each in written):
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
        case Replace(filter, document):
            return ReplaceOne(filter, document)
        case Update(filter, change):
            return UpdateOne(filter, change)


class Database:
    """One service's database; `transaction` is the only way to write several things."""

    def __init__(self, client: Any, name: str, driver: Driver) -> None:
        self._client = client
        self._driver = driver
        self._raw = client.get_database(name, write_concern=DURABLE)
        self.name = name

    def collection(self, name: str) -> Collection:
        """A collection of this database."""
        return Collection(self._raw[name], aggregates_await=self._driver == "pymongo")

    def beside(self, name: str) -> "Database":
        """Another database on the same connection."""
        return Database(self._client, name, self._driver)

    async def prepare(self, indexes: Mapping[str, Sequence[Index]]) -> None:
        """Create collections and indexes; inside a transaction neither may be created."""
        with translated():
            there = set(await self._raw.list_collection_names())
            for name in indexes:
                if name not in there:
                    await self._create(name)
            for name, wanted in indexes.items():
                for index in wanted:
                    await self._raw[name].create_index(list(index.keys), **_options(index))

    async def _create(self, name: str) -> None:
        try:
            await self._raw.create_collection(name)
        except PyMongoError:
            if name not in await self._raw.list_collection_names():  # another process was first
                raise

    async def ping(self) -> bool:
        """Whether the database can be written to now."""
        try:
            hello = await self._client.admin.command("hello")
        except PyMongoError:
            return False
        return bool(hello.get("isWritablePrimary"))

    async def drop(self) -> None:
        """Remove the database with all in it."""
        with translated():
            await self._client.drop_database(self.name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """One snapshot transaction, durable on a majority when the block ends well.

        Raises:
            StaleWrite: another writer was first.
            Outage: the database is away, or it is unknown whether the commit arrived.
        """
        with translated():
            session = self._client.start_session()
            if self._driver == "motor":
                session = await session
            async with session:
                await self._start(session)
                try:
                    yield session
                except BaseException:
                    await _abort(session)
                    raise
                await _commit(session)

    async def _start(self, session: Session) -> None:
        begun = session.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=DURABLE
        )
        if self._driver == "pymongo":
            await begun

    async def close(self) -> None:
        """Let go of the connections."""
        if self._driver == "motor":
            self._client.close()
        else:
            await self._client.close()


async def _commit(session: Session) -> None:
    for last in [False] * (COMMIT_TRIES - 1) + [True]:
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            if last or not error.has_error_label("UnknownTransactionCommitResult"):
                raise


async def _abort(session: Session) -> None:
    try:
        if session.in_transaction:
            await session.abort_transaction()
    except PyMongoError:
        return  # the server ends it by itself; the first error is the one to tell


def _options(index: Index) -> dict[str, Any]:
    options: dict[str, Any] = {"unique": index.unique}
    if index.sparse:
        options["sparse"] = True
    if index.partial is not None:
        options["partialFilterExpression"] = dict(index.partial)
    if index.expire_after_seconds is not None:
        options["expireAfterSeconds"] = index.expire_after_seconds
    return options


def connect(url: str, name: str, driver: Driver = "motor") -> Database:
    """A database on a new client, for one event loop."""
    options: dict[str, Any] = {
        "tz_aware": True,
        "uuidRepresentation": "standard",
        "serverSelectionTimeoutMS": 2_000,
        "socketTimeoutMS": 5_000,
        "connectTimeoutMS": 2_000,
        "retryWrites": True,
    }
    client: Any = (
        AsyncIOMotorClient(url, **options)
        if driver == "motor"
        else AsyncMongoClient(url, **options)
    )
    return Database(client, name, driver)
