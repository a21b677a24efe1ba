"""Records that no sound service would send, on the topics of the three real services."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.checker.invariants import findings
from deploy.checker.outside import until
from deploy.checker.seen import look, settled
from deploy.checker.told import parts_of
from deploy.local.servers import Mail
from schemas import topics
from schemas.envelope import LARGEST_VALUE
from services.chassis.parked_rows import record_of
from services.referrals.domain.referral import referral_id_of
from services.terminal import PROCESSES
from tests.integration.faults.conftest import living
from tests.integration.faults.filling import MANAGER
from tests.integration.faults.people import NEEDS, People
from tests.integration.faults.world import World
from tests.toy.running import new_id

HEARD: Final = {  # by each service: a topic, and an event on it that has a sealed part
    "plans": (topics.REFERRALS, "referrals.candidates_ranked.v1"),
    "referrals": (topics.NEEDS, "plans.need_identified.v1"),
    "notifications": (topics.CONSENTS, "plans.consent_requested.v1"),
}
CODES: Final = {
    "unparsable": "value_malformed",
    "no id": "header_missing",
    "no type": "header_missing",
    "null header": "header_null",
    "no text": "header_not_text",
    "no key": "key_missing",
    "too large": "too_large",
    "foreign seal": "undecidable",
}
IGNORED: Final = ("unknown type", "unknown version")
Raw = dict[str, Any]


async def a_record(world: World, topic: str, type_: str) -> Raw:
    """A sound record of a type, as its service sent it."""
    consumer = AIOKafkaConsumer(bootstrap_servers=world.kafka_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(await parts_of(world.outside, [topic]))
        async for found in consumer:
            if dict(found.headers)["ce_type"] == type_.encode():
                return {"key": found.key, "value": found.value, "headers": dict(found.headers)}
    finally:
        await consumer.stop()
    raise AssertionError(type_)


def spoilt(sound: Raw, how: str, key: str) -> Raw:
    """A sound record, changed in one way; with a key and an id of its own."""
    headers = {**sound["headers"], "ce_id": str(new_id()).encode()}
    told = json.loads(sound["value"])
    told["sealed"]["person"] = key  # whose key never sealed this
    kind = headers["ce_type"]
    changed: dict[str, Raw] = {
        "unparsable": {"value": b'{"half": '},
        "no id": {"headers": {k: v for k, v in headers.items() if k != "ce_id"}},
        "no type": {"headers": {k: v for k, v in headers.items() if k != "ce_type"}},
        "null header": {"headers": {**headers, "ce_subject": None}},
        "no text": {"headers": {**headers, "ce_subject": b"\xff\xfe"}},
        "no key": {"key": None},
        "too large": {"value": b" " * LARGEST_VALUE},
        "foreign seal": {"value": json.dumps(told).encode()},
        "unknown type": {"headers": {**headers, "ce_type": kind.replace(b".v1", b"_and_more.v1")}},
        "unknown version": {"headers": {**headers, "ce_type": kind.replace(b".v1", b".v9")}},
    }
    return {**sound, "headers": headers, "key": key.encode(), **changed[how]}


async def send(world: World, topic: str, *records: Raw) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=world.kafka_servers, max_request_size=2 * LARGEST_VALUE
    )
    await producer.start()
    try:
        for each in records:
            headers = list(each["headers"].items())
            await producer.send_and_wait(
                f"{world.unique}.{topic}", each["value"], key=each["key"], headers=headers
            )
    finally:
        await producer.stop()


async def test_bad_records_are_set_aside_all_else_goes_on_and_a_replay_brings_what_waited(
    kafka_servers: str, mongo_url: str, mail: Mail, tmp_path: Path
) -> None:
    world = World(
        kafka_servers=kafka_servers, mongo_url=mongo_url, folder=tmp_path, smtp_port=mail.port
    )
    async with living(world, students=NEEDS * 2 + 1) as people:
        waiting = people.students.pop(0)
        await people.play()
        await settled(world.outside)
        before = {service: await ignored(world.ports[service]) for service in HEARD}
        sent = await spoil(world)
        garbage = {**sent["referrals"]["unparsable"], "key": waiting.encode()}
        await send(world, topics.NEEDS, garbage)
        need = await asked(people, waiting)
        await people.play()
        await settled(world.outside)

        for service, (topic, _) in HEARD.items():
            await parked_as_sent(world, service, topic, sent[service])
            more = await ignored(world.ports[service]) - before[service]
            assert more >= len(IGNORED), service
        assert await world.rows("referrals", "referrals", _id=referral_id_of(need)) == []

        for service in HEARD:
            await replayed(world, service, waiting)
        await until(lambda: is_there(world, need), "what waited behind is done")
        await settled(world.outside)
        seen = await look(world.outside)
        ours = {
            raw["headers"].get("ce_id", b"").decode() for of in sent.values() for raw in of.values()
        }
        seen = replace(seen, told=[each for each in seen.told if each.id not in ours])
        found = findings(seen, people.done)
        assert [each for each in found if " parked " not in each] == []


async def spoil(world: World) -> dict[str, dict[str, Raw]]:
    """Send every sort of bad record to each service; gives them by service and sort."""
    sent: dict[str, dict[str, Raw]] = {}
    for service, (topic, type_) in HEARD.items():
        sound = await a_record(world, topic, type_)
        sent[service] = {how: spoilt(sound, how, f"nobody {how}") for how in (*CODES, *IGNORED)}
        await send(world, topic, *sent[service].values())
    return sent


async def asked(people: People, student: str) -> str:
    """A sound need of a student whose records wait."""
    async with people.world.browser(MANAGER) as manager:
        assert (await people.ask_for_need(manager, student, "enrich.arts")).status_code == 303
    return people.done.of("need_identified")[-1]


async def parked_as_sent(world: World, service: str, topic: str, sent: dict[str, Raw]) -> None:
    """Each bad record stands in the service's database byte for byte, and says why."""
    rows = await world.rows(service, "parked", topic=topic)
    for how, code in CODES.items():
        (row,) = [each for each in rows if (each["key"], each["value"]) == as_stored(sent[how])]
        assert row["code"] == code, (service, how)
        assert list(record_of(row).headers) == list(sent[how]["headers"].items())
    said = b"".join(sent[how]["headers"]["ce_type"] for how in IGNORED)
    assert not any(dict(row["headers"]).get("ce_type", b"-") in said for row in rows)


def as_stored(raw: Raw) -> tuple[bytes | None, bytes]:
    return raw["key"], raw["value"]


async def ignored(port: int) -> float:
    """How many events a process passed over because it does not know them."""
    async with httpx2.AsyncClient() as client:
        told = (await client.get(f"http://127.0.0.1:{port}/metrics")).text.splitlines()
    name = 'wraparound_events_ignored_total{reason="unknown_type"} '
    return sum(float(line.removeprefix(name)) for line in told if line.startswith(name))


async def replayed(world: World, service: str, student: str) -> None:
    """A person gives up the garbage, and lets what waited behind it through the door."""
    marker = f"{topics.NEEDS}|{student}"
    rows = await world.rows(service, "parked", marker=marker)
    garbage, *behind = sorted(rows, key=lambda row: int(row["offset"]))
    assert garbage["code"] == "value_malformed"
    assert {row["code"] for row in behind} == {"behind"}
    process = PROCESSES[service](world.settings(service))
    replay = process.engine.replay
    try:
        await replay.discard(garbage, by="somebody", reason="garbage", new_id=new_id())
        done = await replay.replay(marker)
        assert (done.done, done.left) == (len(behind), 0)
    finally:
        await process.database.close()


async def is_there(world: World, need: str) -> bool:
    return bool(await world.rows("referrals", "referrals", _id=referral_id_of(need)))
