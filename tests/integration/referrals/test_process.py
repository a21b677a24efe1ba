"""The whole process on a real Kafka: a need comes in by its topic, and the answer goes out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.checker.outside import until
from schemas import topics
from schemas.envelope import envelope_of
from schemas.referrals import CandidatesRanked, OfferMade, ReferralOpened
from services.chassis.engine import Engine
from services.chassis.kernel import Outage
from services.chassis.messages import Record
from services.chassis.process import PLATFORM
from services.referrals.domain.referral import referral_id_of
from tests.integration.referrals.conftest import Build
from tests.integration.referrals.test_referrals import referral
from tests.settings import create_topics
from tests.unit.referrals.builders import a_choice, a_need


@asynccontextmanager
async def speaking(kafka_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_servers, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def hearing(kafka_servers: str, topic: str) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def say(producer: AIOKafkaProducer, unique: str, *records: Record) -> None:
    for each in records:
        await producer.send_and_wait(
            f"{unique}.{each.topic}", each.value, key=each.key, headers=list(each.headers)
        )


async def types_of(consumer: Any, count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            record = await consumer.getone()
            found.append(envelope_of(record.headers).type)
    return found


def hears_kafka(engine: Engine) -> bool:
    return engine.consumer.is_assigned


async def test_a_need_on_its_topic_becomes_a_referral_and_an_offer_on_ours(
    kafka_servers: str, unique: str, build: Build
) -> None:
    await create_topics(kafka_servers, unique, partitions=2)
    given = {"kafka_servers": kafka_servers, "roles": "consumer relay timers"}
    async with (
        build(**given) as town,
        town.engine.running(),
        speaking(kafka_servers) as producer,
        hearing(kafka_servers, f"{unique}.{topics.REFERRALS}") as consumer,
    ):
        await town.offers()
        need = await town.voice.records(a_need())
        await say(producer, unique, *need, *need)
        first = await types_of(consumer, 2)
        assert first == [ReferralOpened.TYPE, CandidatesRanked.TYPE]

        found = await referral(town)
        assert found.referral_id == referral_id_of(found.need_id)
        await say(producer, unique, *await town.voice.records(a_choice(found)))
        assert await types_of(consumer, 1) == [OfferMade.TYPE]

        async def is_sent() -> bool:
            return await town.rows("outbox") == []

        async def is_noted() -> bool:
            return await town.rows("listeners", _id=town.engine.holder) != []

        await until(is_sent, "all that was told is sent")
        await until(is_noted, "how far it has heard is noted, for whoever shows a Packet")
        assert hears_kafka(town.engine)
        assert await town.rows("parked") == []


async def test_a_process_that_loses_the_database_while_it_begins_waits_for_it(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with build() as town:
        platform = town.engine.platform
        prepare, tries = platform.prepare, iter([Outage()])

        async def away_once(indexes: Any) -> None:
            if indexes is PLATFORM and (outage := next(tries, None)):
                raise outage
            await prepare(indexes)

        monkeypatch.setattr(platform, "prepare", away_once)
        await town.process.prepare()

        assert next(tries, None) is None
