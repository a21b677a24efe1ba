"""What stands on the topics of one run, read after it: nothing is asked while it is measured."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.notifications import MessageQueued, MessageSuppressed
from schemas.topics import TOPICS

PAUSE: Final = 0.25
TOLD: Final = (MessageQueued.TYPE, MessageSuppressed.TYPE)
Ends = dict[TopicPartition, int]


@dataclass
class Seen:
    """The events of a run: how many of each type, and per need when both sides were written to."""

    types: Counter[str] = field(default_factory=Counter)
    partner: dict[str, float] = field(default_factory=dict)  # need id to wall clock seconds
    family: dict[str, float] = field(default_factory=dict)
    last: float = 0.0  # when the last record was sent

    @property
    def events(self) -> int:
        """How many records there are."""
        return self.types.total()


class Topics:
    """All topics under one prefix."""

    def __init__(self, consumer: AIOKafkaConsumer, servers: str) -> None:
        self._consumer = consumer
        self._servers = servers

    async def ends(self) -> Ends:
        """Where each partition ends now."""
        ends: Ends = await self._consumer.end_offsets(self._consumer.assignment())
        return ends

    async def at_rest(self, *, seconds: float, at_most: float) -> Ends:
        """Where the partitions end once nothing was added for so long.

        Raises:
            TimeoutError: something is added all the time.
        """
        async with asyncio.timeout(at_most):
            before, calm = await self.ends(), 0.0
            while calm < seconds:
                await asyncio.sleep(PAUSE)
                now = await self.ends()
                calm = calm + PAUSE if now == before else 0.0
                before = now
        return before

    async def handled(self, group: str, *, at_most: float) -> None:
        """Wait until a group has handled all there is.

        Raises:
            TimeoutError: it has not.
        """
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await admin.start()
        try:
            async with asyncio.timeout(at_most):
                while await self._lag(admin, group):  # noqa: ASYNC110 - nothing tells us
                    await asyncio.sleep(PAUSE)
        finally:
            await admin.close()

    async def _lag(self, admin: AIOKafkaAdminClient, group: str) -> int:
        """How many records of the topics that it listens to a group has not handled."""
        done = await admin.list_consumer_group_offsets(group)
        ends = await self.ends()
        heard = {each.topic for each in done}
        behind = [
            ends[each] - (done[each].offset if each in done else 0)
            for each in ends
            if each.topic in heard
        ]
        return sum(behind) if heard else 1

    async def read(self, start: Ends, end: Ends) -> Seen:
        """The events between two places."""
        seen = Seen()
        left = {each for each in start if start[each] < end[each]}
        for each in start:
            self._consumer.seek(each, start[each])
        while left:
            for records in (await self._consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    _note(seen, record)
            left = {each for each in left if await self._consumer.position(each) < end[each]}
        return seen


@asynccontextmanager
async def reading(servers: str, prefix: str) -> AsyncIterator[Topics]:
    """A reader without a group."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(
            [
                TopicPartition(prefix + topic.name, number)
                for topic in TOPICS
                for number in range(topic.partitions)
            ]
        )
        yield Topics(consumer, servers)
    finally:
        await consumer.stop()


def _note(seen: Seen, record: Any) -> None:
    kind = dict(record.headers)["ce_type"].decode()
    at = record.timestamp / 1000  # as the relay sent it: after the commit
    seen.types[kind] += 1
    seen.last = max(seen.last, at)
    if kind not in TOLD:
        return
    said = orjson.loads(record.value)
    side = seen.partner if said["recipient"] == "partner" else seen.family
    side[said["need_id"]] = max(at, side.get(said["need_id"], 0.0))
