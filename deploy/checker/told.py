"""Everything that stands on the topics, and how far the services have read."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.checker.outside import Outside
from schemas.envelope import envelope_of
from schemas.topics import TOPICS
from services.chassis.kernel import NAMESPACE
from services.notifications.handlers import TABLES as OF_NOTIFICATIONS
from services.plans.handlers import TABLES as OF_PLANS
from services.referrals.handlers import TABLES as OF_REFERRALS

TABLES: Final = {
    "plans": OF_PLANS,
    "referrals": OF_REFERRALS,
    "notifications": OF_NOTIFICATIONS,
}
EVENTS: Final = tuple(each.name for each in TOPICS if not each.name.endswith("dead-letters"))


@dataclass(frozen=True, kw_only=True)
class Told:
    """One record of a topic, as anybody can read it: what is sealed stays so."""

    topic: str
    id: str
    type: str
    source: str
    subject: str
    sequence: int
    value: dict[str, Any]

    @property
    def fact(self) -> str:
        """The middle of its type: what happened."""
        return self.type.split(".")[1]

    @property
    def inbox_id(self) -> UUID:
        """What whoever handled it remembers."""
        return uuid5(NAMESPACE, f"{self.source} {self.id}")


async def all_told(outside: Outside) -> list[Told]:
    """Every record of every topic, repeats too, per partition in order."""
    return as_told(outside, await all_records(outside))


def as_told(outside: Outside, records: Iterable[Any]) -> list[Told]:
    """Records as events; one that nobody can read tells nothing."""
    return [told for each in records if (told := _told(outside, each))]


async def all_records(outside: Outside) -> list[Any]:
    """The same as Kafka gives them, those that nobody can read too."""
    consumer = AIOKafkaConsumer(**outside.brokers.client, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(await parts_of(outside, EVENTS))
        left = [each for each, end in ends.items() if end]
        found: list[Any] = []
        if left:
            consumer.assign(left)
        while left:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += records
            left = [each for each in left if await consumer.position(each) < ends[each]]
        return found
    finally:
        await consumer.stop()


def _told(outside: Outside, record: Any) -> Told | None:
    try:
        envelope, value = envelope_of(record.headers), json.loads(record.value)
    except ValueError:
        return None
    return Told(
        topic=record.topic.removeprefix(outside.prefix),
        id=envelope.id,
        type=envelope.type,
        source=envelope.source,
        subject=envelope.subject,
        sequence=envelope.sequence,
        value=value,
    )


async def read_to(outside: Outside) -> tuple[int, int]:
    """How many records stand on the topics, and how many of them their readers have not done."""
    admin = AIOKafkaAdminClient(**outside.brokers.client)
    consumer = AIOKafkaConsumer(**outside.brokers.client)
    await admin.start()
    await consumer.start()
    try:
        ends = await consumer.end_offsets(await parts_of(outside, EVENTS))
        lag = 0
        for service, tables in TABLES.items():
            done = await admin.list_consumer_group_offsets(f"{outside.prefix}{service}")
            names = {f"{outside.prefix}{each}" for each in tables.topics}
            lag += sum(
                end - (done[part].offset if part in done else 0)
                for part, end in ends.items()
                if part.topic in names
            )
        return sum(ends.values()), lag
    finally:
        await consumer.stop()
        await admin.close()


async def parts_of(outside: Outside, names: Iterable[str]) -> list[TopicPartition]:
    """The partitions of topics."""
    admin = AIOKafkaAdminClient(**outside.brokers.client)
    await admin.start()
    try:
        found = await admin.describe_topics([f"{outside.prefix}{name}" for name in names])
        return [
            TopicPartition(topic["topic"], each["partition"])
            for topic in found
            for each in topic["partitions"]
        ]
    finally:
        await admin.close()
