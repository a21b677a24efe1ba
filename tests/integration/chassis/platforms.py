"""A platform database of a test's own, on either driver, and clocks that a test turns."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.chassis import accounts, sessions, tries
from services.chassis.engine import KEYS
from services.chassis.keys import KeyEncryptionKeys
from services.chassis.kinds import Index
from services.chassis.mongo import Database, Driver, connect
from services.chassis.vault import Vault

INDEXES: Mapping[str, Sequence[Index]] = {
    accounts.COLLECTION: accounts.INDEXES,
    sessions.COLLECTION: sessions.INDEXES,
    tries.COLLECTION: tries.INDEXES,
    **KEYS,
}


@dataclass
class Turned:
    """A clock that stands still until a test turns it; ahead, so that no row expires by itself."""

    now: datetime = field(
        default_factory=lambda: datetime.fromtimestamp(int(time.time()) + 3600, UTC)
    )

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@asynccontextmanager
async def a_platform(url: str, name: str, driver: Driver) -> AsyncIterator[Database]:
    database = connect(url, name, driver)
    try:
        await database.prepare(INDEXES)
        yield database
    finally:
        await database.close()


def a_vault(platform: Database) -> Vault:
    keys = KeyEncryptionKeys(by_id={"one": bytes(range(32))}, current="one")
    return Vault(platform, keys, time.monotonic)
