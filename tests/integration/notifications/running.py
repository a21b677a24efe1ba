"""The notification service on real servers, and what tells it things: a source of events."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI

from deploy.checker.outside import until
from schemas.envelope import Envelope, Event, Sealed, headers_of, sealed_fields
from services.chassis.mongo import Database, connect
from services.chassis.seals import close_seal
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.chassis.vault import Vault
from services.notifications.main import build
from tests.unit.notifications.builders import DISTRICT, NOON

ORIGIN: Final = "http://127.0.0.1:8080"
LIKE_A_BROWSER: Final = {"accept": "text/html", "sec-fetch-site": "same-origin"}
DEADLINE_SECONDS: Final = 30.0


@dataclass
class Source:
    """Tells events as the other services do: sealed, numbered per subject."""

    settings: Settings
    producer: AIOKafkaProducer
    vault: Vault
    sequences: Counter[str] = field(default_factory=Counter)

    async def tell(self, *events: Event, times: int = 1) -> None:
        """Send events in order, each so many times over, byte for byte."""
        for event in events:
            record = await self._record(event)
            for _ in range(times):
                await self.producer.send_and_wait(**record)

    async def _record(self, event: Event) -> dict[str, Any]:
        name = f"{event.TYPE.split('.')[0]} {event.TOPIC} {event.subject}"
        self.sequences[name] += 1
        number = self.sequences[name]
        envelope = Envelope(
            id=str(uuid5(uuid5(DEFAULT, name), f"{event.TYPE} {number}")),
            type=event.TYPE,
            source=event.TYPE.split(".", maxsplit=1)[0],
            subject=event.subject,
            sequence=number,
            time=NOON,
            district=DISTRICT,
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        closed = await self._closed(event)
        return {
            "topic": f"{self.settings.topic_prefix}{event.TOPIC}",
            "key": event.key.encode(),
            "value": closed.model_dump_json(exclude_none=True).encode(),
            "headers": headers_of(envelope),
        }

    async def _closed(self, event: Event) -> Event:
        changed: dict[str, Any] = {}
        for name in sealed_fields(type(event)):
            value: Any = getattr(event, name)
            seals: tuple[Sealed[Any], ...] = value if isinstance(value, tuple) else (value,)
            keys = await self.vault.keyring(each.person for each in seals)
            boxes = tuple(close_seal(each, keys) for each in seals)
            changed[name] = boxes if isinstance(value, tuple) else boxes[0]
        return event.model_copy(update=changed)


@dataclass
class Running:
    """A service that runs, with what a test does to it."""

    settings: Settings
    app: FastAPI
    source: Source
    database: Database

    async def tell(self, *events: Event, times: int = 1) -> None:
        await self.source.tell(*events, times=times)

    @asynccontextmanager
    async def browser(self, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(
            transport=transport, base_url=ORIGIN, headers=LIKE_A_BROWSER | headers
        ) as client:
            yield client

    async def messages(self, student_id: str = "s1") -> list[dict[str, Any]]:
        row = await self.database.collection("mailboxes").find_one({"_id": student_id})
        return list(row["messages"]) if row else []

    async def message(self, template: str, student_id: str = "s1") -> dict[str, Any]:
        found = [m for m in await self.messages(student_id) if m["template"] == template]
        return found[-1] if found else {}

    async def parked(self) -> int:
        return await self.database.collection("parked").count({})

    async def until_sent(self, template: str, student_id: str = "s1") -> dict[str, Any]:
        async def is_sent() -> bool:
            message = await self.message(template, student_id)
            return message.get("state") in {"sent", "delivered"}

        await until(is_sent, f"{template} is sent")
        return await self.message(template, student_id)

    async def told(self, name: str) -> list[str]:
        """The types of what stands on a topic by now, in order of partitions."""
        consumer = AIOKafkaConsumer(
            f"{self.settings.topic_prefix}{name}",
            bootstrap_servers=self.settings.kafka_servers,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            found = await consumer.getmany(timeout_ms=2_000, max_records=500)
        finally:
            await consumer.stop()
        rows = [record for records in found.values() for record in records]
        return [dict(row.headers)["ce_type"].decode() for row in rows]


DEFAULT: Final = uuid5(NAMESPACE_URL, "wraparound tests")


@asynccontextmanager
async def running(settings: Settings, **build_with: Any) -> AsyncIterator[Running]:
    """The service with its pages, sender and all roles, until the block ends."""
    telemetry = build_with.pop("telemetry", None) or Telemetry.off()
    app = build(settings, telemetry, **build_with)
    url = settings.mongo_url.get_secret_value()
    platform = connect(url, settings.platform_database)
    vault = Vault(platform, settings.keks, time.monotonic)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_servers, acks="all")
    await producer.start()
    try:
        async with app.router.lifespan_context(app):
            yield Running(
                settings=settings,
                app=app,
                source=Source(settings, producer, vault),
                database=platform.beside(settings.own_database),
            )
    finally:
        await producer.stop()
        await platform.close()
