"""Who tells what on which topic, and who hears it."""

from ast import unparse
from collections import defaultdict
from typing import Any, Final

import pytest
from faststream import AckPolicy
from faststream.kafka.subscriber.usecase import BatchSubscriber

from schemas.registry import EVENTS
from schemas.topics import TOPICS, dead_letters
from services.chassis.consumer import DRAIN_SECONDS, kafka_broker
from services.cli import TABLES
from services.terminal import PROCESSES
from tests.contract.sources import calls, name_of
from tests.settings import settings_of

# The partition count of a live topic never changes: a key would move, and its order would break.
PARTITIONS: Final = {
    "plans.needs.v1": 12,
    "plans.consents.v1": 12,
    "plans.people.v1": 12,
    "referrals.referrals.v1": 12,
    "referrals.directory.v1": 12,
    "notifications.deliveries.v1": 12,
    "notifications.answers.v1": 12,
    "plans.dead-letters": 1,
    "referrals.dead-letters": 1,
    "notifications.dead-letters": 1,
}
UNTOLD: Final = {
    "plans.student_erased.v1",  # heard already; told once a page lets an officer erase a student
}
NOWHERE: Final = "mongodb://127.0.0.1:9/?replicaSet=rs0"
SERVICES = pytest.mark.parametrize("service", TABLES)


def test_no_topic_ever_changes_its_partitions() -> None:
    assert {topic.name: topic.partitions for topic in TOPICS} == PARTITIONS


def test_every_topic_of_events_has_a_service_that_hears_it() -> None:
    heard = {topic for tables in TABLES.values() for topic in tables.topics}
    operators = {dead_letters(service) for service in TABLES}
    assert heard == {topic.name for topic in TOPICS} - operators


def test_every_event_is_told_by_the_service_of_its_topic_and_by_no_other() -> None:
    types = {event.__name__: event.TYPE for event in EVENTS.values()}
    tellers: defaultdict[str, set[str]] = defaultdict(set)
    for service in TABLES:
        for path, name, _ in calls(f"services/{service}"):
            if name in types and "repository" not in path.parts:  # which reads what it was told
                tellers[types[name]].add(service)

    assert {told: found for told, found in tellers.items() if found != {told.split(".")[0]}} == {}
    assert EVENTS.keys() - tellers.keys() == UNTOLD


@pytest.mark.parametrize(
    ("made", "file"),
    [
        ("AIOKafkaProducer", "services/chassis/relay.py"),
        ("broker.subscriber", "services/chassis/consumer.py"),
        ("KafkaBroker", "services/chassis/consumer.py"),
    ],
)
def test_the_one_place_that_talks_to_kafka(made: str, file: str) -> None:
    found = [name_of(path) for path, _, call in calls("services") if unparse(call.func) == made]
    assert found == [file]


@SERVICES
def test_a_process_subscribes_once_and_loses_nothing(service: str) -> None:
    settings = settings_of(service, kafka_servers="nowhere:9", mongo_url=NOWHERE, unique="its")
    engine = PROCESSES[service](settings).engine
    broker = kafka_broker(settings.brokers)
    engine.consumer.listen(broker, engine.tables.topics, group=engine.group)

    one: Any = broker.subscribers[0]
    assert len(broker.subscribers) == 1
    assert one.topic_names == [f"its.{name}" for name in TABLES[service].topics]
    assert one.topics_to_create == []
    assert one.group_id == f"its.{service}"
    assert one.ack_policy is AckPolicy.NACK_ON_ERROR
    assert type(one) is BatchSubscriber  # the concurrent one is another class
    assert one._connection_args["auto_offset_reset"] == "earliest"
    assert not one._connection_args["enable_auto_commit"]
    patience = one._connection_args["rebalance_timeout_ms"] or 0
    assert patience / 1000 > DRAIN_SECONDS  # else a drain ends after its partitions are gone
    assert not broker.config.fd_config.use_fastdepends
