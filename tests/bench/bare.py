"""The same services with aiokafka alone where FastStream stands: what FastStream costs.

Door, decisions, states, seals, relay and pages are the very same, and so are the settings of the
consumer; its loop asks for a batch, has it handled, and commits the offsets.
"""

from collections.abc import Sequence
from itertools import chain
from types import SimpleNamespace
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from fastapi import APIRouter, FastAPI

from services.chassis.consumer import BATCH, DAY_MS
from services.chassis.engine import Engine
from services.chassis.process import Process, application_of
from services.chassis.settings import read
from services.notifications import main as notifications
from services.plans import main as plans
from services.plans.pages import routers
from services.referrals import main as referrals

BATCH_TIMEOUT_MS: Final = 10  # as `Consumer.listen` has it, and so are the others
SESSION_TIMEOUT_MS: Final = 10_000
FETCH_WAIT_MS: Final = 100


async def listen(engine: Engine) -> None:
    """Handle batches until cancelled."""
    prefix = engine.settings.topic_prefix
    consumer = AIOKafkaConsumer(
        *(prefix + each for each in engine.tables.topics),
        bootstrap_servers=engine.settings.kafka_servers,
        group_id=engine.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        max_poll_interval_ms=DAY_MS,
    )
    await consumer.start()
    # What asks the consumer how it fares finds this one where FastStream's subscriber would be.
    engine.consumer._subscriber = SimpleNamespace(consumer=consumer, tasks=[])
    try:
        while True:
            found = await consumer.getmany(timeout_ms=BATCH_TIMEOUT_MS, max_records=BATCH)
            if batch := list(chain.from_iterable(found.values())):
                await engine.consumer.handle(batch)
                await consumer.commit()
    finally:
        await consumer.stop()


def application(process: Process, pages: Sequence[APIRouter] = ()) -> FastAPI:
    """One service, whose engine listens without FastStream."""
    engine: Any = process.engine

    async def _listen() -> None:
        await listen(engine)

    engine._listen = _listen
    return application_of(process, process.settings.service, pages)


def plans_service() -> FastAPI:
    """The plan service."""
    process = plans.process(read("plans"))
    return application(process, routers(process))


def referrals_service() -> FastAPI:
    """The referral service."""
    return application(referrals.process(read("referrals")))


def notifications_service() -> FastAPI:
    """The notification service."""
    return application(notifications.process(read("notifications"), has_texts=True))
