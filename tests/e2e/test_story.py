"""The demo's story as a stranger runs it; then a search for anything personal in the clear."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import bson
import pytest
from aiokafka import AIOKafkaConsumer
from pymongo import MongoClient

from deploy.local import install, paths
from deploy.local.given import Given
from deploy.local.parts import SERVICES
from deploy.local.ports import free_port
from deploy.local.servers import Kafka, Mongo
from deploy.local.town.town import town
from schemas.topics import TOPICS
from services.chassis.settings import real_time
from tests.e2e.observing import Observed, leading_to, observing, spans_of
from tests.servers import running

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECONDS = 300.0
STEPS_AT_LEAST = 12
TELLING = 6  # letters of a first name that no sealed text holds by chance
READ_WHOLE = {
    "listeners",  # one row for each process that runs
    "outbox",  # counted up to its bound
    "parked",  # counted; a line of which so much is parked that it would matter stands still
}
WORDS = ("Wants help with homework", "Loves to draw", "Bernadèt Fanaldoux", "Front desk")


@dataclass(frozen=True)
class Played:
    """A story that was played: how it ended, and where its traces lie."""

    exit_code: int
    said: str
    errors: str
    kafka_servers: str
    mongo_url: str
    logs: Path
    seen: Observed
    plans: frozenset[tuple[str, str]]  # collection and plan of what MongoDB was asked


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """`make demo CHECK=1` on servers that stay until the traces are searched."""
    folder = tmp_path_factory.mktemp("story")
    install.install(Given())
    with (
        running(Kafka(folder / "kafka")) as kafka,
        running(Mongo(folder / "mongo", log=folder / "mongo.log")) as mongo,
    ):
        log_every_operation(mongo.url)
        port = nine_free_ports()
        command = [
            *(sys.executable, "-m", "deploy.local.demo", "--check"),
            *("--folder", str(folder / "demo"), "--port", str(port)),
        ]
        given = {"KAFKA_SERVERS": kafka.servers, "MONGO_URL": mongo.url}
        given["PYTHONPATH"] = str(paths.ROOT)
        with observing(range(port + 1, port + 4)) as seen:
            done = subprocess.run(  # noqa: S603
                command,
                env={**os.environ, **given, **seen.environment},  # noqa: TID251
                cwd=paths.ROOT,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        yield Played(
            exit_code=done.returncode,
            said=done.stdout,
            errors=done.stderr,
            kafka_servers=kafka.servers,
            mongo_url=mongo.url,
            logs=folder / "demo" / "logs",
            seen=seen,
            plans=frozenset(planned(folder / "mongo.log")),
        )


def log_every_operation(mongo_url: str) -> None:
    """Have MongoDB log each with its plan, however quick it is."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        client["admin"].command("profile", 0, slowms=-1)


def planned(log: Path) -> Iterator[tuple[str, str]]:
    """Collection and plan of each operation of the services."""
    for line in log.read_text(encoding="utf-8").splitlines():
        said = json.loads(line).get("attr", {})
        database, _, collection = said.get("ns", "").partition(".")
        if "planSummary" in said and database not in {"admin", "config", "local"}:
            yield collection, said["planSummary"]


def nine_free_ports() -> int:
    """A port with eight more behind it that nobody is likely to take meanwhile."""
    return free_port() // 10 * 10 + 1


async def test_the_story_is_played_from_the_need_to_the_family_s_yes(played: Played) -> None:
    assert played.exit_code == 0, played.errors
    result = json.loads(played.said.splitlines()[-1])
    assert result["failed"] == 0
    assert result["steps"] >= STEPS_AT_LEAST


@cache
def marks() -> dict[str, bytes]:
    """What only the people concerned and their helpers may read: names, numbers, days, words."""
    made = town(real_time().date())
    roster, words = made.roster, set(WORDS)
    for one in (*roster.students, *roster.contacts):
        named: Any = one
        words |= {named.surname}
        words |= {named.first_name} if len(named.first_name) >= TELLING else set()
    for other in (*made.staff, *made.partners.coordinators):
        helper: Any = other
        words |= {f"{helper.first_name} {helper.surname}", helper.email}
    words |= {channel.value for each in roster.contacts for channel in each.channels}
    born = {each.birth_date for each in roster.students if each.birth_date}
    days = {f"the birth date {day}": day.isoformat().encode() for day in born}
    stored = {f"the stored birth date {day}": stored_day(day) for day in born}
    return {each: each.encode() for each in words} | days | stored


def stored_day(day: date) -> bytes:
    """As MongoDB keeps a point in time."""
    (_, kept) = bson.encode({"": datetime.combine(day, time(), UTC)}).split(b"\x09\x00")
    return kept[:8]


def found_in(content: bytes, where: str) -> list[str]:
    return [f"{mark} in {where}" for mark, text in marks().items() if text in content]


def stored(mongo_url: str) -> bytes:
    """Every document of every database, byte for byte."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        names = set(client.list_database_names()) - {"admin", "config", "local"}
        assert {"plans", "referrals", "notifications", "platform"} <= names
        return b"".join(
            bson.encode(row)
            for name in names
            for collection in client[name].list_collection_names()
            for row in client[name][collection].find()
        )


async def sent(servers: str) -> AsyncIterator[bytes]:
    """Every record of every topic: key, value and headers."""
    names = [topic.name for topic in TOPICS]
    consumer = AIOKafkaConsumer(
        *names, bootstrap_servers=servers, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        left = {part for part, end in ends.items() if end}
        while left:
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                for record in records:
                    headers = b"".join(name.encode() + value for name, value in record.headers)
                    yield (record.key or b"") + (record.value or b"") + headers
            left = {part for part in left if await consumer.position(part) < ends[part]}
    finally:
        await consumer.stop()


async def test_the_search_finds_what_it_is_for() -> None:
    born = next(each.birth_date for each in town(real_time().date()).roster.students)
    assert born is not None
    at = datetime.combine(born, time(), UTC)
    leaks = ("Bernadèt", "Ask Nora Harborlight", f"born on {born}", at)

    for each in leaks:
        assert found_in(bson.encode({"_id": 1, "kept": each}), "a row"), each
    assert found_in(bson.encode({"_id": 1, "kept": at + timedelta(days=40_000)}), "a row") == []


async def test_nothing_personal_stands_in_the_clear(played: Played) -> None:
    assert played.exit_code == 0, played.errors
    seen = played.seen
    logs = b"".join(path.read_bytes() for path in sorted(played.logs.glob("*.log")))
    records = [record async for record in sent(played.kafka_servers)]

    asked = [unquote_plus(url) for url in seen.urls]

    assert logs
    assert len(records) > len(TOPICS)
    assert len(seen.metrics) == len(SERVICES)
    assert seen.exports
    assert any(url.endswith("/plans/students") for url in asked)
    assert any("/f/" in url for url in asked)
    assert [
        *found_in(logs, "a log"),
        *found_in(stored(played.mongo_url), "the database"),
        *found_in(b"".join(records), "a topic"),
        *found_in(b"".join(seen.metrics.values()), "metrics"),
        *found_in(b"".join(seen.exports), "a trace"),
        *found_in("\n".join(asked).encode(), "an address"),
    ] == []


async def test_no_query_reads_a_whole_collection(played: Played) -> None:
    """Which is quick as long as a district is small, and slower with each day."""
    scanned = {collection for collection, plan in played.plans if "COLLSCAN" in plan}

    assert "parked" in scanned  # MongoDB's log says so where it is true
    assert scanned - READ_WHOLE == set()


async def test_one_trace_leads_from_the_request_through_the_topics_to_the_message(
    played: Played,
) -> None:
    spans = spans_of(played.seen.exports)
    asking = [
        each
        for each in spans
        if each.name == "provider" and each.attributes["template"] == "consent-needed"
    ]
    assert asking
    way = {(each.service, each.name) for each in leading_to(asking[-1], spans)}
    assert ("plans", "http") in way
    assert {("plans", "relay"), ("plans", "batch"), ("notifications", "batch")} <= way
