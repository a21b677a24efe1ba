import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka import topics
from deploy.local.failure import Failure
from deploy.local.ports import free_port
from schemas.topics import Topic


async def partitions(servers: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        return await topics.partitions_of(admin)
    finally:
        await admin.close()


async def test_creating_twice_is_creating_once(kafka_servers: str, topic_prefix: str) -> None:
    wanted = [Topic(f"{topic_prefix}one", 3), Topic(f"{topic_prefix}two", 1)]

    first = await topics.create(kafka_servers, wanted)
    second = await topics.create(kafka_servers, wanted)

    there = await partitions(kafka_servers)
    assert (first, second) == ([topic.name for topic in wanted], [])
    assert [there[topic.name] for topic in wanted] == [3, 1]


async def test_a_created_topic_is_there_for_clients(kafka_servers: str, topic_prefix: str) -> None:
    for number in range(10):  # the broker shows a topic a moment after its controller made it
        name = f"{topic_prefix}{number}"
        await topics.create(kafka_servers, [Topic(name, 12)])

        assert (await partitions(kafka_servers)).get(name) == 12


async def test_a_changed_partition_count_changes_nothing(
    kafka_servers: str, topic_prefix: str
) -> None:
    name = f"{topic_prefix}one"
    await topics.create(kafka_servers, [Topic(name, 3)])

    with pytest.raises(Failure, match="has 3 partitions"):
        await topics.create(kafka_servers, [Topic(f"{topic_prefix}new", 1), Topic(name, 4)])

    there = await partitions(kafka_servers)
    assert there[name] == 3
    assert f"{topic_prefix}new" not in there


async def test_a_kafka_that_is_away_is_said_in_a_sentence() -> None:
    with pytest.raises(Failure, match="could not be created on 127"):
        await topics.create(f"127.0.0.1:{free_port()}", [Topic("one", 1)])
