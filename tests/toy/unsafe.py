"""A database that breaks the one promise everything rests on, to see that tests notice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.mongo import Database, Session


class Unsafe(Database):
    """A database whose transaction is none: each write stands at once, whatever follows."""

    @classmethod
    def like(cls, database: Database) -> "Unsafe":
        """The same database, broken."""
        broken = cls.__new__(cls)
        broken.__dict__.update(database.__dict__)
        return broken

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Nothing holds the writes together."""
        yield None
