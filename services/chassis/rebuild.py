"""A copy built anew from its topic: `wraparound rebuild <service>.<collection>`.

Only `Copy` rows run, from the first record to the last one there is, into `<name>__new`, which
then takes the place of the old. Equal history gives equal documents but for `version`: the lock,
which counts transactions and so depends on how records fell into batches. What is parked or was
discarded stays left out, as in the old copy; replay brings it in.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from schemas.envelope import BadRecord
from schemas.topics import PARTITIONS
from services.chassis.batch import Batch
from services.chassis.conflicts import again_if_stale
from services.chassis.consumer import record_of_topic
from services.chassis.dead_letters import DISCARDED, ROWS
from services.chassis.engine import Engine
from services.chassis.inbox import Inbox
from services.chassis.kernel import Copy, Outage, table
from services.chassis.kinds import Kind
from services.chassis.messages import Message, Record, Rows, Unknown, from_record, rows_by_type
from services.chassis.mongo import Session
from services.chassis.wiring import Wiring

BATCH: Final = 500
POLL_MS: Final = 1_000
COORDINATOR_WAITS: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds


class NotRebuildable(Exception):
    """Why a collection cannot be rebuilt now, in one sentence for a person at a terminal."""


@dataclass(frozen=True)
class Rebuilt:
    """How many records were read, and how many documents they made."""

    records: int
    documents: int


class NoMemory(Inbox):
    """Every message is new; the copies' sequences alone make twice once."""

    async def seen(self, session: Session, ids: Iterable[UUID]) -> dict[UUID, bytes | None]:
        """None of them."""
        del session, ids
        return {}

    async def add(self, session: Session, messages: Sequence[Message], now: datetime) -> None:
        """Nothing is kept: the live service has its own."""


async def rebuild(engine: Engine, collection: str, *, partitions: int = PARTITIONS) -> Rebuilt:
    """Build a copy anew while no consumer of the service runs; the engine need not run.

    Raises:
        NotRebuildable: no such copy, or a consumer runs and would write to the old one meanwhile.
        Outage: a server is away; the old copy stands as it was.
    """
    kind, rows = _copy(engine, collection)
    await _refuse_while_consumed(engine)
    built = replace(kind, collection=f"{collection}__new")
    database = engine.database
    await database.collection(built.collection).drop()
    await database.prepare({built.collection: engine.tables.indexes[collection]})
    wiring = replace(engine.wiring, kinds={kind.state: built}, inbox=NoMemory(database))
    left_out = await _left_out(engine)
    (topic,) = {row.message.TOPIC for row in rows}
    known, read = rows_by_type(table(rows)), 0
    with engine.telemetry.span("rebuild"):
        async for records in _history(engine, topic, partitions):
            read += len(records)
            wanted = [each for each in records if _position(each) not in left_out]
            await _apply(wiring, _messages(wanted, known))
    documents = await database.collection(built.collection).count({})
    await database.collection(built.collection).rename(collection)
    return Rebuilt(read, documents)


def _copy(engine: Engine, collection: str) -> tuple[Kind[Any], list[Copy]]:
    for kind in engine.tables.kinds:
        rows = [r for r in engine.tables.rows if isinstance(r, Copy) and r.kind is kind.state]
        if kind.collection == collection and rows:
            return kind, rows
    service = engine.settings.service
    text = f"{service} keeps no copy {collection!r}: name a collection that Copy rows feed."
    raise NotRebuildable(text)


async def _refuse_while_consumed(engine: Engine) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=engine.settings.kafka_servers)
    try:
        await admin.start()
        found = await _described(admin, engine.group)
    except KafkaError as error:
        raise Outage from error
    finally:
        await admin.close()
    if any(members_of(answer) for answer in found):
        text = (
            f"A consumer of {engine.settings.service} runs: stop it, rebuild, and start it again."
        )
        raise NotRebuildable(text)


async def _described(admin: AIOKafkaAdminClient, group: str) -> list[Any]:
    """What the broker says of a group; one that never had a group first makes room for them."""
    for seconds in COORDINATOR_WAITS:
        try:
            return list(await admin.describe_consumer_groups([group]))
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(seconds)
    return list(await admin.describe_consumer_groups([group]))


def members_of(answer: Any) -> list[Any]:
    """The members of the groups that a broker describes."""
    return [member for group in answer.groups for member in group[5]]


async def _left_out(engine: Engine) -> set[tuple[str, int, Any]]:
    fields = ("topic", "partition", "offset")
    return {
        (row["topic"], row["partition"], row["offset"])
        for name in (ROWS, DISCARDED)
        for row in await engine.database.collection(name).find({}, fields=fields)
    }


def _position(record: Record) -> tuple[str, int, Any]:
    return record.topic, record.partition, record.offset


def _messages(records: Iterable[Record], known: Rows) -> list[Message]:
    """What can be read and is known; the rest is parked or was passed over when it came."""
    found: list[Message] = []
    for record in records:
        try:
            read = from_record(record, known)
        except BadRecord:
            continue
        if not isinstance(read, Unknown):
            found.append(read)
    return found


async def _apply(wiring: Wiring, messages: Sequence[Message]) -> None:
    async def once() -> None:
        async with wiring.database.transaction() as session:
            await Batch(wiring, session).run(messages)

    await again_if_stale(once)


async def _history(engine: Engine, topic: str, partitions: int) -> AsyncIterator[list[Record]]:
    prefix = engine.settings.topic_prefix
    wanted = [TopicPartition(prefix + topic, number) for number in range(partitions)]
    async with _reader(engine.settings.kafka_servers) as consumer:
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(wanted)
        consumer.assign(wanted)
        await consumer.seek_to_beginning(*wanted)
        while left := [each for each in wanted if await consumer.position(each) < ends[each]]:
            got = await consumer.getmany(*left, timeout_ms=POLL_MS, max_records=BATCH)
            raw: list[ConsumerRecord[Any, Any]] = [each for some in got.values() for each in some]
            yield [record_of_topic(each, prefix) for each in raw]


@asynccontextmanager
async def _reader(servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without group: it commits nothing and disturbs nobody."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        raise Outage from error
    finally:
        await consumer.stop()
