import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka import topics
from deploy.local.failure import Failure
from deploy.local.ports import free_port
from schemas.topics import TOPICS, Topic
from services.chassis.brokers import Brokers


async def partitions(servers: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        return await topics.partitions_of(admin)
    finally:
        await admin.close()


async def test_creating_twice_is_creating_once(kafka_servers: str, topic_prefix: str) -> None:
    wanted = [Topic(f"{topic_prefix}one", 3), Topic(f"{topic_prefix}two", 1)]

    first = await topics.create(Brokers(servers=kafka_servers), wanted)
    second = await topics.create(Brokers(servers=kafka_servers), wanted)

    there = await partitions(kafka_servers)
    assert (first, second) == ([topic.name for topic in wanted], [])
    assert [there[topic.name] for topic in wanted] == [3, 1]


async def test_a_created_topic_is_there_for_clients(kafka_servers: str, topic_prefix: str) -> None:
    for number in range(10):  # the broker shows a topic a moment after its controller made it
        name = f"{topic_prefix}{number}"
        await topics.create(Brokers(servers=kafka_servers), [Topic(name, 12)])

        assert (await partitions(kafka_servers)).get(name) == 12


async def test_a_changed_partition_count_changes_nothing(
    kafka_servers: str, topic_prefix: str
) -> None:
    name = f"{topic_prefix}one"
    await topics.create(Brokers(servers=kafka_servers), [Topic(name, 3)])

    with pytest.raises(Failure, match="has 3 partitions"):
        await topics.create(
            Brokers(servers=kafka_servers), [Topic(f"{topic_prefix}new", 1), Topic(name, 4)]
        )

    there = await partitions(kafka_servers)
    assert there[name] == 3
    assert f"{topic_prefix}new" not in there


async def test_a_kafka_that_is_away_is_said_in_a_sentence() -> None:
    with pytest.raises(Failure, match="could not be created on 127"):
        await topics.create(Brokers(servers=f"127.0.0.1:{free_port()}"), [Topic("one", 1)])


def test_all_topics_are_made_under_the_prefix_where_the_settings_say(
    kafka_servers: str,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KAFKA_SERVERS", kafka_servers)

    for _ in range(2):
        topics.main(["--prefix", topic_prefix, "--replicas", "1"])

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{len(TOPICS)} topics created: {topic_prefix}{TOPICS[0].name}")
    assert second == "0 topics created"


def test_more_copies_than_there_are_brokers_are_refused_in_a_sentence(
    kafka_servers: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_SERVERS", kafka_servers)
    with pytest.raises(Failure, match=r"Kafka refused topic .* replication"):
        topics.main(["--prefix", topic_prefix, "--replicas", "3"])


def test_a_kafka_that_nobody_named_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_SERVERS", raising=False)
    with pytest.raises(Failure, match=r"^KAFKA_SERVERS is not set: name the Kafka brokers"):
        topics.main([])
