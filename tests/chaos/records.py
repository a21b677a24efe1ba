"""What befalls the topics: records again, out of order, from the beginning, or unreadable."""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import CommitFailedError

from deploy.checker.outside import until
from deploy.checker.told import TABLES, all_records, parts_of
from schemas.envelope import LARGEST_VALUE
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike

AGAIN_AT_MOST: Final = 40  # records that come a second time
LOOK_SECONDS: Final = 0.5
FORGOTTEN_SECONDS: Final = 30.0  # until then the broker has given up a member that died
Headers = tuple[tuple[str, bytes | None], ...]
UNREADABLE: Final[tuple[tuple[bytes, Headers], ...]] = (  # whoever hears a topic sets these aside
    (b"{", ()),
    (b"", (("ce_id", b"x"),)),
    (b"{}", (("ce_id", b"\xff"), ("ce_type", b"plans.need_identified.v1"))),
    (b"[]", (("ce_id", b"y"), ("ce_type", None))),
    (b" " * LARGEST_VALUE, ()),
)
HALF: Final = b'{"half": '  # of a record that has all it needs but this


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
    """A record that nobody can read: who would have handled it sets it aside, and nothing else."""
    name = strike.dice.choice(TABLES[strike.service].topics)
    key: bytes | None = f"nobody-{strike.number}".encode()
    value, headers = strike.dice.choice(UNREADABLE)
    readers = _readers(name)
    match strike.dice.choice(("as it is", "no key", "torn")):
        case "no key":
            key = None
        case "torn" if sound := await _sound(scene, name):
            value, headers = HALF, tuple(sound.headers)
            readers = _readers(name, dict(headers)["ce_type"])
    async with AIOKafkaProducer(
        bootstrap_servers=scene.kafka.servers, max_request_size=2 * LARGEST_VALUE
    ) as producer:
        sent = await producer.send_and_wait(
            f"{scene.world.unique}.{name}", value, key=key, headers=list(headers)
        )
    scene.poison |= {(each, (name, sent.partition, sent.offset)) for each in readers}


def _readers(name: str, type_: bytes | None = None) -> list[str]:
    """The services that hear a topic, and handle a type of event if it has one."""
    return [
        service
        for service, tables in TABLES.items()
        if name in tables.topics
        and (type_ is None or type_ in {row.message.TYPE.encode() for row in tables.rows})
    ]


async def _sound(scene: Scene, name: str) -> Any | None:
    """The last record of a topic that is not poison itself."""
    return next(
        (
            each
            for each in reversed(await all_records(scene.world.outside))
            if each.topic == f"{scene.world.unique}.{name}" and not _is_poison(scene, each)
        ),
        None,
    )


def _is_poison(scene: Scene, record: Any) -> bool:
    name = record.topic.removeprefix(f"{scene.world.unique}.")
    poison = {position for _, position in scene.poison}
    return (name, record.partition, record.offset) in poison
