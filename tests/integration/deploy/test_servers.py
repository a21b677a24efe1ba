import email.message
import http.server
import mailbox
import smtplib
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient

from deploy.checker.texts import kept_texts
from deploy.kafka import topics
from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.process import wait_until_ready
from deploy.local.servers import Gateway, Kafka, Mail, Mongo, SmsGateway
from schemas.topics import Topic
from services.chassis.brokers import Brokers
from tests.servers import running

SERVICES = ("plans", "referrals", "notifications")


async def send(kafka: Kafka, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    await producer.start()
    await producer.send_and_wait("records", value)
    await producer.stop()


async def records(kafka: Kafka, *, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        "records", bootstrap_servers=kafka.servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


@pytest.mark.parametrize("end", [Kafka.stop, Kafka.kill])
async def test_records_outlive_a_stop_and_a_kill(
    own_kafka: Kafka, end: Callable[[Kafka], None]
) -> None:
    await topics.create(Brokers(servers=own_kafka.servers), [Topic("records", 1)])
    await send(own_kafka, b"before")

    end(own_kafka)
    own_kafka.start()
    wait_until_ready(own_kafka, seconds=60)
    await send(own_kafka, b"after")

    assert await records(own_kafka, count=2) == [b"before", b"after"]


def test_a_second_kafka_on_a_port_in_use_names_the_port(own_kafka: Kafka, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=f"Port {own_kafka.port}, which kafka needs, is in use"):
        Kafka(tmp_path / "second", port=own_kafka.port).start()


@pytest.mark.parametrize("end", [Mongo.stop, Mongo.kill])
def test_documents_outlive_a_stop_and_a_kill(
    own_mongo: Mongo, end: Callable[[Mongo], None]
) -> None:
    write(own_mongo, "before")

    end(own_mongo)
    own_mongo.start()
    wait_until_ready(own_mongo, seconds=60)

    assert written(own_mongo) == ["before"]


def test_mongo_keeps_its_documents_when_it_moves_to_another_port(
    own_mongo: Mongo, tmp_path: Path
) -> None:
    write(own_mongo, "before")
    own_mongo.stop()

    with running(Mongo(own_mongo.folder)) as moved:
        assert moved.port != own_mongo.port
        assert written(moved) == ["before"]


def test_parameters_reach_mongod(tmp_path: Path) -> None:
    parameters = {"ttlMonitorSleepSecs": "7"}
    with (
        running(Mongo(tmp_path / "mongo", parameters=parameters)) as mongo,
        connected(mongo) as client,
    ):
        said = client.admin.command("getParameter", ttlMonitorSleepSecs=1)

    assert said["ttlMonitorSleepSecs"] == 7


def connected(mongo: Mongo) -> MongoClient[dict[str, Any]]:
    return MongoClient(mongo.url, serverSelectionTimeoutMS=20_000)


def write(mongo: Mongo, text: str) -> None:
    """In a transaction, which only a replica set offers."""
    with connected(mongo) as client, client.start_session() as session, session.start_transaction():
        client.get_database("own").get_collection("texts").insert_one(
            {"text": text}, session=session
        )


def written(mongo: Mongo) -> list[str]:
    with connected(mongo) as client:
        return [row["text"] for row in client.get_database("own").get_collection("texts").find()]


def test_every_mail_is_kept_with_its_envelope(tmp_path: Path) -> None:
    message = email.message.EmailMessage()
    message["Subject"] = "Konfimasyon"
    message.set_content("Bonjou")

    with (
        running(Mail(tmp_path / "mail")) as mail,
        smtplib.SMTP(LOOPBACK, mail.port) as client,
    ):
        client.send_message(message, "district@example.org", ["family@example.org"])

    (kept,) = mailbox.Maildir(str(tmp_path / "mail"), create=False)
    assert (kept["Subject"], kept["X-MailFrom"], kept["X-RcptTo"]) == (
        "Konfimasyon",
        "district@example.org",
        "family@example.org",
    )


def text(sms: SmsGateway, key: str, **more: str) -> int:
    """The status that a text is answered with."""
    headers = {"Authorization": f"Bearer {sms.token}", "Idempotency-Key": key} | more
    body = {"to": "+15550100142", "text": "Bonjou", "reference": key}
    return httpx2.post(sms.url, json=body, headers=headers, trust_env=False).status_code


def test_a_text_is_kept_once_under_its_key_also_across_a_kill(tmp_path: Path) -> None:
    with running(SmsGateway(tmp_path / "texts")) as sms:
        assert text(sms, "m-1") == 202
        sms.kill()
        sms.start()
        wait_until_ready(sms, seconds=60)
        assert [text(sms, key) for key in ("m-1", "m-2")] == [202, 202]

    assert sorted(kept_texts(tmp_path / "texts")) == ["m-1", "m-2"]
    assert "Bonjou" not in (tmp_path / "texts.log").read_text()


def test_a_gateway_for_texts_refuses_strangers_and_does_as_it_is_told(tmp_path: Path) -> None:
    rules = {"SMS_GATEWAY_REFUSE": "503"}
    with running(SmsGateway(tmp_path / "texts", rules=rules)) as sms:
        assert text(sms, "m-1", Authorization="Bearer another") == 401
        assert text(sms, "m-1") == 503

    assert [*kept_texts(tmp_path / "texts")] == []


class Named(http.server.BaseHTTPRequestHandler):
    """Answers with the name of its server."""

    def do_GET(self) -> None:
        body = str(getattr(self.server, "name", "")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def named_servers() -> Iterator[dict[str, int]]:
    servers = {name: http.server.ThreadingHTTPServer((LOOPBACK, 0), Named) for name in SERVICES}
    for name, server in servers.items():
        server.__dict__["name"] = name
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    yield {name: server.server_port for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


def test_the_gateway_sends_each_path_to_its_service(
    named_servers: dict[str, int], tmp_path: Path
) -> None:
    with running(Gateway(tmp_path / "gateway", services=named_servers)) as gateway:
        answers = {path: get(gateway, path) for path in PATHS}

    assert answers == PATHS


PATHS = {
    "/": "plans",
    "/plans": "plans",
    "/plans/students": "plans",
    "/referrals": "referrals",
    "/referrals/offers": "referrals",
    "/p/link": "referrals",
    "/notifications": "notifications",
    "/notifications/templates": "notifications",
    "/f/link": "notifications",
    "/pages": "plans",
    "/notifications-of-old": "plans",
}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_what_watches_the_processes_is_not_to_be_had_from_outside(
    named_servers: dict[str, int], tmp_path: Path, path: str
) -> None:
    with (
        running(Gateway(tmp_path / "gateway", services=named_servers)) as gateway,
        pytest.raises(urllib.error.HTTPError) as refused,
    ):
        get(gateway, path)

    with refused.value as response:
        assert response.code == 404


def get(gateway: Gateway, path: str) -> str:
    url = gateway.address + path
    with urllib.request.urlopen(url, timeout=20) as response:  # noqa: S310 - our own
        text: str = response.read().decode()
        return text


def test_a_service_that_is_away_is_said_in_a_sentence_with_when_to_come_back(
    tmp_path: Path,
) -> None:
    nobody = dict.fromkeys(SERVICES, free_port())
    with (
        running(Gateway(tmp_path / "gateway", services=nobody)) as gateway,
        pytest.raises(urllib.error.HTTPError) as refused,
    ):
        get(gateway, "/referrals")

    with refused.value as response:
        assert response.code == 503
        assert response.headers["Retry-After"] == "5"
        assert b"starting or away" in response.read()
