"""What befalls the topics: records again, out of order, from the beginning, or unreadable."""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import CommitFailedError

from deploy.checker.outside import until
from deploy.checker.told import TABLES, all_records, parts_of
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

AGAIN_AT_MOST: Final = 40  # records that come a second time
LOOK_SECONDS: Final = 0.5
FORGOTTEN_SECONDS: Final = 30.0  # until then the broker has given up a member that died
POISON: Final = (  # value, headers; the key is nobody's
    (b"{", ()),
    (b"", (("ce_id", b"x"),)),
    (b"{}", (("ce_id", b"\xff"), ("ce_type", b"plans.need_identified.v1"))),
    (b"[]", (("ce_id", b"y"), ("ce_type", None))),
)


async def tell_again(scene: Scene, strike: Strike) -> None:
    """Some records of all topics a second time, late and in any order."""
    records = [
        each for each in await all_records(scene.world.outside) if not _is_poison(scene, each)
    ]
    chosen = strike.dice.sample(records, min(AGAIN_AT_MOST, len(records)))
    async with AIOKafkaProducer(bootstrap_servers=scene.kafka.servers) as producer:
        for each in chosen:
            await producer.send_and_wait(
                each.topic, each.value, key=each.key, headers=list(each.headers)
            )


async def from_the_beginning(scene: Scene, strike: Strike) -> None:
    """A service's place on its topics is lost: it reads everything once more."""
    scene.world.processes[strike.service].kill()
    group = f"{scene.world.unique}.{strike.service}"
    consumer = AIOKafkaConsumer(
        bootstrap_servers=scene.kafka.servers, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        parts = await parts_of(scene.world.outside, TABLES[strike.service].topics)
        consumer.assign(parts)

        async def are_taken() -> bool:
            try:
                await consumer.commit(dict.fromkeys(parts, 0))
            except CommitFailedError:  # the broker still waits for the process that is gone
                await asyncio.sleep(LOOK_SECONDS)
                return False
            return True

        await until(are_taken, "the broker takes the offsets", FORGOTTEN_SECONDS)
    finally:
        await consumer.stop()
    await scene.again(strike.service)


async def send_poison(scene: Scene, strike: Strike) -> None:
    """A record that nobody can read: it is set aside, and nothing else."""
    value, headers = strike.dice.choice(POISON)
    name = strike.dice.choice(TABLES[strike.service].topics)
    async with AIOKafkaProducer(bootstrap_servers=scene.kafka.servers) as producer:
        sent = await producer.send_and_wait(
            f"{scene.world.unique}.{name}",
            value,
            key=f"nobody-{strike.number}".encode(),
            headers=list(headers),
        )
    scene.poison.add((name, sent.partition, sent.offset))


def _is_poison(scene: Scene, record: Any) -> bool:
    name = record.topic.removeprefix(f"{scene.world.unique}.")
    return (name, record.partition, record.offset) in scene.poison
