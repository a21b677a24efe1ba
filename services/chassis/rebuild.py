"""A copy built anew from its topic: `wraparound rebuild <service>.<collection>`.

Only `Copy` rows run, from the first record to the last one there is, into `<name>__new`, which
then takes the place of the old. Equal history gives equal documents but for `version`: the lock,
which counts transactions and so depends on how records fell into batches.

A copy takes nothing older than what it has. So of a key of which something is parked, all from
there on is left out: replay brings in what is parked, and behind it comes what is not read yet.
(Events of a type that an older version passed over there do not come again: rebuild once more.)
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
from services.chassis.brokers import Brokers
from services.chassis.conflicts import again_if_stale
from services.chassis.consumer import record_of_topic
from services.chassis.dead_letters import DISCARDED, ROWS
from services.chassis.engine import Engine
from services.chassis.inbox import Inbox
from services.chassis.kernel import Outage, table
from services.chassis.kinds import Kind
from services.chassis.messages import Message, Record, Rows, Unknown, from_record, rows_by_type
from services.chassis.mongo import Session
from services.chassis.wiring import Wiring

BATCH: Final = 500
POLL_MS: Final = 1_000
COORDINATOR_WAITS: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds
Position = tuple[str, int, Any]
Ends = Mapping[TopicPartition, int]


class NotRebuildable(Exception):
    """Why a collection cannot be rebuilt now, in one sentence for a person at a terminal."""


@dataclass(frozen=True)
class Rebuilt:
    """How many records were read, what documents they made, and how many wait for a replay."""

    records: int
    documents: int
    waiting: int = 0


@dataclass(frozen=True)
class LeftOut:
    """What of a topic waits for a person, and what a person gave up."""

    first: Mapping[str, int]  # by marker, the offset of its first parked record
    given_up: frozenset[Position | UUID | None]  # where they stand, and their ids


class Sorting:
    """Reads records: what may change the copy, and what of it seems to wait for a replay."""

    def __init__(self, known: Rows, left_out: LeftOut) -> None:
        self._known = known
        self._given_up = left_out.given_up
        self._first = dict(left_out.first)

    def read(self, records: Iterable[Record]) -> dict[Message, bool]:
        """Messages in order, each with whether it is parked or comes behind what is.

        What cannot be read is parked, or will be when the service comes to it. Of a type that is
        not known it was passed over.
        """
        found: dict[Message, bool] = {}
        for record in records:
            if (record.topic, record.partition, record.offset) in self._given_up:
                continue
            marker = record.marker or ""
            try:
                read = from_record(record, self._known)
            except BadRecord:
                self._first.setdefault(marker, record.offset)
                continue
            if not isinstance(read, Unknown) and read.id not in self._given_up:
                found[read] = record.offset >= self._first.get(marker, record.offset + 1)
        return found


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
        NotRebuildable: no such copy, a Kafka that does not let us in, or a consumer or a replay
            that writes to the old one meanwhile.
        Outage: a server is away; the old copy stands as it was.
    """
    if collection not in engine.tables.copies:
        service = engine.settings.service
        text = f"{service} keeps no copy {collection!r}: name one that Copy rows alone write to."
        raise NotRebuildable(text)
    kind, rows = engine.tables.copies[collection]
    (topic,) = {row.message.TOPIC for row in rows}
    await _refuse_while_consumed(engine)
    built = await _made_empty(engine, kind)
    wiring = replace(engine.wiring, kinds={kind.state: built}, inbox=NoMemory(engine.database))
    left_out = await _left_out(engine, topic)
    sorting = Sorting(rows_by_type(table(rows)), left_out)
    prefix, read, waiting = engine.settings.topic_prefix, 0, 0
    async with _reader(engine.settings.brokers) as consumer:
        wanted = [TopicPartition(prefix + topic, number) for number in range(partitions)]
        ends: Ends = await consumer.end_offsets(wanted)
        with engine.telemetry.span("rebuild"):
            async for records in _history(consumer, ends, prefix):
                read += len(records)
                waiting += await _apply(wiring, sorting.read(records), engine.wiring.inbox)
    anew = engine.database.collection(built.collection)
    documents = await anew.count({})
    if await _is_disturbed(engine, topic, ends, left_out):
        await anew.drop()
        text = "The copy stays as it was. Stop the consumers, replay nothing, and rebuild again."
        raise NotRebuildable(f"{_disturbed(engine)} {text}")
    await anew.rename(collection)
    if await _is_disturbed(engine, topic, ends, left_out):  # whoever came just before the rename
        text = "The copy may miss what was handled then: stop the consumers, and rebuild once more."
        raise NotRebuildable(f"{_disturbed(engine)} {text}")
    return Rebuilt(read, documents, waiting)


async def _made_empty(engine: Engine, kind: Kind[Any]) -> Kind[Any]:
    """The same kind in a collection of its own, with nothing in it."""
    built = replace(kind, collection=f"{kind.collection}__new")
    await engine.database.collection(built.collection).drop()
    await engine.database.prepare({built.collection: engine.tables.indexes[kind.collection]})
    return built


async def _refuse_while_consumed(engine: Engine) -> None:
    async with _admin(engine) as admin:
        is_consumed = await _is_consumed(admin, engine.group)
    if is_consumed:
        text = (
            f"A consumer of {engine.settings.service} runs: stop it, rebuild, and start it again."
        )
        raise NotRebuildable(text)


async def _is_disturbed(engine: Engine, topic: str, ends: Ends, left_out: LeftOut) -> bool:
    """Whether the old copy took in, or may just now, what the new one does not hold."""
    async with _admin(engine) as admin:
        is_consumed = await _is_consumed(admin, engine.group)
        done = await admin.list_consumer_group_offsets(engine.group)
    is_further = any(end < done[part].offset for part, end in ends.items() if part in done)
    return is_consumed or is_further or await _left_out(engine, topic) != left_out


def _disturbed(engine: Engine) -> str:
    service = engine.settings.service
    return f"Meanwhile a consumer of {service} ran, or parked rows were replayed or given up."


@asynccontextmanager
async def _admin(engine: Engine) -> AsyncIterator[AIOKafkaAdminClient]:
    brokers = engine.settings.brokers
    admin = AIOKafkaAdminClient(**brokers.client)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        refusal = await brokers.refusal()
        raise (NotRebuildable(refusal) if refusal else Outage()) from error
    finally:
        await admin.close()


async def _is_consumed(admin: AIOKafkaAdminClient, group: str) -> bool:
    return any(members_of(answer) for answer in await _described(admin, group))


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


async def _left_out(engine: Engine, topic: str) -> LeftOut:
    parked = await engine.database.collection(ROWS).find(
        {"topic": topic}, sort=(("offset", -1),), fields=("marker", "offset")
    )
    discarded = await engine.database.collection(DISCARDED).find({"topic": topic})
    return LeftOut(
        {row["marker"]: row["offset"] for row in parked if row["marker"]},  # the first comes last
        frozenset((row["topic"], row["partition"], row["offset"]) for row in discarded)
        | frozenset(row.get("event") for row in discarded),
    )


async def _apply(wiring: Wiring, messages: Mapping[Message, bool], inbox: Inbox) -> int:
    """Let messages change the copy; gives how many wait, and come in later.

    What was handled before something of its key was parked comes neither by replay nor from the
    topic any more: it does not wait.
    """
    doubtful = [each for each, waits in messages.items() if waits]

    async def once() -> int:
        async with wiring.database.transaction() as session:
            done = await inbox.seen(session, [each.id for each in doubtful]) if doubtful else {}
            waiting = {each for each in doubtful if each.id not in done}
            await Batch(wiring, session).run([each for each in messages if each not in waiting])
        return len(waiting)

    return await again_if_stale(once)


async def _history(
    consumer: AIOKafkaConsumer, ends: Ends, prefix: str
) -> AsyncIterator[list[Record]]:
    """All records up to the ends, in batches; in order within a partition."""
    consumer.assign(list(ends))
    await consumer.seek_to_beginning(*ends)
    while left := [each for each in ends if await consumer.position(each) < ends[each]]:
        got = await consumer.getmany(*left, timeout_ms=POLL_MS, max_records=BATCH)
        raw: list[ConsumerRecord[Any, Any]] = [each for some in got.values() for each in some]
        yield [record_of_topic(each, prefix) for each in raw]


@asynccontextmanager
async def _reader(brokers: Brokers) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without group: it commits nothing and disturbs nobody."""
    consumer = AIOKafkaConsumer(**brokers.client, enable_auto_commit=False)
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        raise Outage from error
    finally:
        await consumer.stop()
