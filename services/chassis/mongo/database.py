"""A database and its transactions, on either driver; how they differ: docs/adr/0002-motor.md."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.chassis.kinds import Index
from services.chassis.mongo.collection import Collection, Session
from services.chassis.mongo.errors import translated

Driver = Literal["motor", "pymongo"]

COMMIT_TRIES: Final = 5
DECLARED_OTHERWISE: Final = frozenset({85, 86})  # IndexOptionsConflict, IndexKeySpecsConflict
DURABLE: Final = WriteConcern(w="majority", j=True, wtimeout=10_000)
NEWEST: Final = ReadConcern("local")
SETTLED: Final = ReadConcern("majority")  # what one node alone has, another's election may undo


class Database:
    """One service's database; `transaction` is the only way to write several things."""

    def __init__(self, client: Any, name: str, driver: Driver) -> None:
        self._client = client
        self._driver = driver
        self._raw = client.get_database(name, write_concern=DURABLE, read_concern=SETTLED)
        self.name = name

    def collection(self, name: str, *, newest: bool = False) -> Collection:
        """A collection of this database; read as the primary has it where `newest` is asked for.

        Right after an election a primary may not know yet that a majority has what it has, so
        that what is settled is a little older than what was acknowledged.
        """
        raw = self._raw[name]
        raw = raw.with_options(read_concern=NEWEST) if newest else raw
        return Collection(raw, aggregates_await=self._driver == "pymongo")

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
                    await self._index(name, index)

    async def _index(self, name: str, index: Index) -> None:
        """Make it; one of the same fields that was declared in another way gives way."""
        rows, keys = self._raw[name], list(index.keys)
        try:
            await rows.create_index(keys, **_options(index))
        except OperationFailure as error:
            if error.code not in DECLARED_OTHERWISE:
                raise
            await rows.drop_index(keys)
            await rows.create_index(keys, **_options(index))

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
