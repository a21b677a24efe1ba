"""Engines of the toy services on real servers, in this process or as one of their own."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import uuid_utils

from schemas.topics import Topic
from services.chassis.declared import Tables
from services.chassis.engine import Engine
from services.chassis.mongo import Database, connect
from services.chassis.parts import Clocks
from services.chassis.settings import Settings, business_clock, real_time
from services.chassis.telemetry import Telemetry
from tests.toy import boxes, counts, orders
from tests.toy.events import COUNTS, FILLINGS

DEADLINE_SECONDS: Final = 30.0
PARTITIONS: Final = 4
TABLES: Final[dict[str, Tables]] = {
    "boxes": boxes.TABLES,
    "counts": counts.TABLES,
    "orders": orders.TABLES,
}
TOPICS: Final = (
    Topic(FILLINGS, PARTITIONS),
    Topic(COUNTS, PARTITIONS),
    Topic("boxes.dead-letters", 1),
    Topic("counts.dead-letters", 1),
)


def new_id() -> UUID:
    """An id that sorts by time."""
    return UUID(str(uuid_utils.uuid7()))


def database_of(settings: Settings) -> Database:
    """The database of a toy service, on a client of its own."""
    return connect(
        settings.mongo_url.get_secret_value(), settings.own_database, settings.mongo_driver
    )


def engine_of(
    settings: Settings,
    *,
    telemetry: Telemetry | None = None,
    business: Callable[[], datetime] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    database: Database | None = None,
    tables: Tables | None = None,
    ids: Callable[[], UUID] = new_id,
) -> Engine:
    """An engine that is not running yet."""
    database = database or database_of(settings)
    clocks = Clocks(
        business=business or business_clock(settings),
        real=real_time,
        monotonic=monotonic,
        new_id=ids,
    )
    return Engine(
        settings,
        tables or TABLES[settings.service],
        database,
        clocks,
        telemetry=telemetry or Telemetry.off(),
        providers={orders.Stock: orders.StockProvider(database)},
    )


@asynccontextmanager
async def running(settings: Settings, **given: Any) -> AsyncIterator[Engine]:
    """An engine in this process, until the block ends."""
    engine = engine_of(settings, **given)
    try:
        async with engine.running():
            yield engine
    finally:
        await engine.database.close()
