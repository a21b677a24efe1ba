"""Whether the two toy services agree after whatever befell them: nothing lost, nothing doubled."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.checker.outside import until
from services.chassis.kinds import Document
from services.chassis.mongo import Database
from tests.toy.events import COUNTS, FILLINGS
from tests.toy.running import PARTITIONS

READERS = {"counts": FILLINGS, "boxes": COUNTS}


@dataclass(frozen=True, kw_only=True)
class Both:
    """The databases and topics of both services."""

    boxes: Database
    counts: Database
    kafka_servers: str
    unique: str

    async def settle(self, fillings: int, *, seconds: float = 60) -> None:
        """Wait until nothing is on its way any more."""

        async def settled() -> bool:
            handled = await self.boxes.collection("inbox").count({"expires_at": {"$exists": True}})
            waiting = await self.boxes.collection("outbox").count({})
            waiting += await self.counts.collection("outbox").count({})
            return handled >= fillings and not waiting and not await self._lag()

        await until(settled, "all is sent and handled", seconds)

    async def check(self, fillings: int) -> None:
        """Settle, then compare everything with everything.

        Raises:
            AssertionError: something was lost, doubled or put out of order.
        """
        await self.settle(fillings)
        sent = {topic: await self._sent(topic) for topic in (FILLINGS, COUNTS)}
        assert (await self._totals()) == (fillings, fillings, fillings)
        assert await self._handled() == (fillings, len(sent[FILLINGS]), len(sent[COUNTS]))
        assert (len(sent[FILLINGS]), len(sent[COUNTS])) == (fillings, fillings)
        for events in sent.values():
            assert_gapless(events)
        for database in (self.boxes, self.counts):
            assert await database.collection("parked").count({}) == 0
        assert await self._by_owner(self.boxes, "tallies") == await self._by_owner(
            self.counts, "counts"
        )

    async def _totals(self) -> tuple[int, int, int]:
        things = sum(row["things"] for row in await self.boxes.collection("boxes").find({}))
        counted = sum((await self._by_owner(self.counts, "counts")).values())
        copied = sum((await self._by_owner(self.boxes, "tallies")).values())
        return things, counted, copied

    async def _handled(self) -> tuple[int, int, int]:
        inbox = self.boxes.collection("inbox")
        commands = await inbox.count({"expires_at": {"$exists": True}})
        copies = await inbox.count({"expires_at": {"$exists": False}})
        return commands, await self.counts.collection("inbox").count({}), copies

    async def _by_owner(self, database: Database, collection: str) -> dict[str, int]:
        rows: list[Document] = await database.collection(collection).find({})
        return {row["_id"]: row["total"] for row in rows}

    async def _lag(self) -> int:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka_servers)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka_servers)
        await admin.start()
        await consumer.start()
        try:
            lag = 0
            for group, topic in READERS.items():
                name = f"{self.unique}.{topic}"
                done = await admin.list_consumer_group_offsets(f"{self.unique}.{group}")
                ends = await consumer.end_offsets(_partitions(name))
                lag += sum(
                    end - (done[each].offset if each in done else 0) for each, end in ends.items()
                )
            return lag
        finally:
            await consumer.stop()
            await admin.close()

    async def _sent(self, topic: str) -> dict[str, tuple[str, int]]:
        """The distinct events of a topic by id, with subject and sequence; repeats are equal."""
        found: dict[str, tuple[str, int]] = {}
        for headers in await headers_of_topic(self.kafka_servers, f"{self.unique}.{topic}"):
            said = headers["ce_subject"], int(headers["ce_sequence"])
            assert found.setdefault(headers["ce_id"], said) == said
        return found


async def headers_of_topic(kafka_servers: str, name: str) -> list[dict[str, str]]:
    """The headers of all records of a topic, per partition in their order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = _partitions(name)
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        records = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            got = await consumer.getmany(timeout_ms=1_000)
            records += [record for some in got.values() for record in some]
        return [{name: value.decode() for name, value in each.headers} for each in records]
    finally:
        await consumer.stop()


def _partitions(name: str) -> list[TopicPartition]:
    return [TopicPartition(name, number) for number in range(PARTITIONS)]


def assert_gapless(events: dict[str, tuple[str, int]]) -> None:
    """Each subject's sequences are 1, 2, 3 ... and each is one event's."""
    by_subject: dict[str, list[int]] = defaultdict(list)
    for subject, sequence in events.values():
        by_subject[subject].append(sequence)
    for subject, found in by_subject.items():
        assert sorted(found) == list(range(1, len(found) + 1)), (subject, Counter(found))
