"""How somebody who is no part of a system looks at it: its databases, and Kafka by its address."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.chassis.brokers import Brokers
from services.chassis.kernel import Outage
from services.chassis.mongo import Database, connect
from services.chassis.settings import Settings

PATIENCE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.05


class NotWithin(AssertionError):
    """Something that must come did not come in time."""


async def until(
    holds: Callable[[], Awaitable[bool]],
    what: str,
    seconds: float = PATIENCE_SECONDS,
    *,
    pause: float = PAUSE_SECONDS,
) -> None:
    """Wait for a condition, at most so long; it is looked at after each pause.

    Raises:
        NotWithin: it did not come to hold.
    """
    ends = time.monotonic() + seconds
    while not await holds():
        if time.monotonic() > ends:
            raise NotWithin(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(pause)


@dataclass
class Outside:
    """The databases of all services, by the settings with which these run."""

    settings: Mapping[str, Settings]
    _databases: dict[str, Database] = field(default_factory=dict)

    @property
    def brokers(self) -> Brokers:
        """Where the topics are."""
        return self.settings["plans"].brokers

    @property
    def prefix(self) -> str:
        """With what the names of the topics and groups begin."""
        return self.settings["plans"].topic_prefix

    def database(self, service: str) -> Database:
        """The database of a service."""
        if service not in self._databases:
            settings = self.settings[service]
            self._databases[service] = connect(
                settings.mongo_url.get_secret_value(), settings.own_database, settings.mongo_driver
            )
        return self._databases[service]

    async def rows(self, service: str, collection: str, **wanted: Any) -> list[dict[str, Any]]:
        """Documents as they are stored; a database that is away is waited for."""
        found: list[dict[str, Any]] = []

        async def are_read() -> bool:
            try:
                found[:] = await self.database(service).collection(collection).find(wanted)
            except Outage:
                return False
            return True

        await until(are_read, f"{service} {collection} are read")
        return found

    async def close(self) -> None:
        """Let go of the databases."""
        for each in self._databases.values():
            await each.close()
