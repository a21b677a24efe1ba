"""Services on a Kafka that lets in whom it knows, and what they say of one that does not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deploy.checker.outside import until
from deploy.kafka import topics
from deploy.local import install
from deploy.local.failure import Failure
from deploy.local.given import Given
from schemas.topics import Topic
from services.chassis.brokers import NO_LOGIN, NO_TLS, Brokers
from services.chassis.engine import Engine
from services.chassis.rebuild import NotRebuildable, rebuild
from services.chassis.settings import Settings
from tests.integration.chassis.conftest import Toys
from tests.integration.chassis.guarded_kafka import PASSWORD, USER, GuardedKafka
from tests.servers import running as running_server
from tests.toy.boxes import FILL
from tests.toy.builders import to_fill
from tests.toy.running import TOPICS, engine_of, running

LOGIN = {"kafka_username": USER, "kafka_password": PASSWORD}
WAYS = {
    "sasl_plaintext": LOGIN,
    "ssl": {},
    "sasl_ssl": LOGIN,
    "sasl_ssl by scram": {**LOGIN, "kafka_sasl_mechanism": "scram-sha-256"},
}


@pytest.fixture
def driver() -> str:
    """The drivers make no difference here."""
    return "motor"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedKafka]:
    """A Kafka with a way in for each kind of security."""
    install.install(Given())
    with running_server(GuardedKafka(tmp_path_factory.mktemp("guarded"))) as kafka:
        kafka.let_in_by_scram()
        yield kafka


def settings(guarded: GuardedKafka, toys: Toys, service: str, way: str, **given: Any) -> Settings:
    """A toy service that takes one way in."""
    protocol = way.partition(" ")[0]
    ca_file = {"kafka_ca_file": str(guarded.ca_file)} if protocol.endswith("ssl") else {}
    return toys.settings(
        service,
        kafka_servers=guarded.at(protocol),
        kafka_security=protocol,
        **(WAYS[way] | ca_file | given),
    )


async def create_topics(brokers: Brokers, prefix: str) -> None:
    """The toys' topics, made as those of the services are."""
    await topics.create(brokers, [replace(each, name=prefix + each.name) for each in TOPICS])


@pytest.mark.parametrize("way", WAYS)
async def test_events_go_out_and_come_in_and_copies_are_rebuilt_whatever_kafka_asks_for(
    guarded: GuardedKafka, toys: Toys, way: str
) -> None:
    boxes_settings = settings(guarded, toys, "boxes", way)
    await create_topics(boxes_settings.brokers, boxes_settings.topic_prefix)
    async with (
        running(settings(guarded, toys, "counts", way)),
        running(boxes_settings) as boxes,
    ):
        await boxes.committer.submit(to_fill(), FILL)

        async def is_back() -> bool:
            rows = await boxes.database.collection("tallies").find({})
            return [row["total"] for row in rows] == [1]

        await until(is_back, "what was filled came back counted")

    engine = engine_of(boxes_settings)
    assert (await rebuild(engine, "tallies", partitions=4)).documents == 1
    await engine.database.close()


@pytest.mark.parametrize(
    ("way", "given", "reason"),
    [
        ("sasl_plaintext", {"kafka_password": "another"}, NO_LOGIN),
        ("sasl_ssl", {"kafka_username": "nobody"}, NO_LOGIN),
        ("sasl_ssl", {"kafka_sasl_mechanism": "scram-sha-512"}, NO_LOGIN),
        ("ssl", {"kafka_ca_file": ""}, NO_TLS),
    ],
)
async def test_a_kafka_that_does_not_let_us_in_is_said_in_one_sentence_and_nothing_is_lost(
    guarded: GuardedKafka, toys: Toys, way: str, given: dict[str, str], reason: str
) -> None:
    right = settings(guarded, toys, "boxes", way)
    wrong = settings(guarded, toys, "boxes", way, **given)
    await create_topics(right.brokers, right.topic_prefix)
    with pytest.raises(Failure) as told:
        await topics.create(wrong.brokers, [Topic("any", 1)])
    assert str(told.value) == reason
    async with running(wrong) as engine:
        with pytest.raises(NotRebuildable) as refused:
            await rebuild(engine, "tallies", partitions=4)
        assert str(refused.value) == reason
        await engine.committer.submit(to_fill(), FILL)

        async def is_said() -> bool:
            return (await engine.watch.readiness())["assigned"] == reason

        await until(is_said, "readiness gives the reason")
        assert engine.is_alive

    async with running(right) as engine:
        await until(lambda: nothing_waits(engine), "what waited is sent")


async def nothing_waits(engine: Engine) -> bool:
    """Whether the outbox is empty."""
    return not await engine.database.collection("outbox").find({})


async def test_a_kafka_that_is_away_or_takes_us_refuses_nobody(guarded: GuardedKafka) -> None:
    open_to_all = Brokers(servers=guarded.servers)

    assert await open_to_all.refusal() is None
    assert await replace(open_to_all, servers="127.0.0.1:9").refusal() is None
