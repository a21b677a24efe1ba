"""Creates the topics of `schemas/topics.py`: `python -m deploy.kafka.topics [--replicas 3]`.

Where Kafka is, and who signs in, say the settings of the services: KAFKA_SERVERS and its like.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError

from deploy.local.failure import Failure, said_in_one_sentence
from deploy.local.process import PAUSE
from schemas.topics import TOPICS, Topic
from services.chassis.brokers import Brokers
from services.chassis.environment import SettingsMissing
from services.chassis.kafka_settings import read_brokers

SEEN_SECONDS: Final = 30.0
# Nothing is compacted and nothing expires: a copy can be built anew from the first record.
KEPT_FOR_EVER: Final = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


def lacking(wanted: Iterable[Topic], existing: Mapping[str, int]) -> list[Topic]:
    """The topics to create, given the partitions of those that exist.

    Raises:
        Failure: a topic exists with another partition count, which must never change.
    """
    missing = []
    for topic in wanted:
        partitions = existing.get(topic.name)
        if partitions is None:
            missing.append(topic)
        elif partitions != topic.partitions:
            raise Failure(
                f"Topic {topic.name} has {partitions} partitions and schemas/topics.py says "
                f"{topic.partitions}: a live topic keeps its count, or keys would move and order "
                "break, so undo the change or move to a new version of the topic."
            )
    return missing


async def create(brokers: Brokers, topics: Sequence[Topic], *, replicas: int = 1) -> list[str]:
    """Create the topics that are missing and give their names; twice is once."""
    admin = AIOKafkaAdminClient(**brokers.client)
    try:
        await admin.start()
        missing = lacking(topics, await partitions_of(admin))
        answer = await admin.create_topics([as_new(topic, replicas) for topic in missing])
        raise_if_refused(answer.topic_errors)
        await until_seen(admin, topics)
    except (KafkaError, OSError) as error:
        raise Failure(
            await brokers.refusal()
            or f"The topics could not be created on {brokers.servers} ({type(error).__name__}): "
            "check that Kafka runs there and run the command again."
        ) from error
    finally:
        await admin.close()
    return [topic.name for topic in missing]


def raise_if_refused(answers: Iterable[tuple[str, int, str]]) -> None:
    """Raise a sentence with the broker's reason; a topic made by another meanwhile is welcome."""
    for name, code, reason in answers:
        if code not in {NoError.errno, TopicAlreadyExistsError.errno}:
            raise Failure(f"Kafka refused topic {name} (its code {code}): {reason}")


async def until_seen(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """Wait until the broker shows what its controller has made, so that clients find it."""
    async with asyncio.timeout(SEEN_SECONDS):
        while lacking(topics, await partitions_of(admin)):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(PAUSE)


async def partitions_of(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """The partition count of every topic there is."""
    names = await admin.list_topics()
    found = await admin.describe_topics(names) if names else []
    return {topic["topic"]: len(topic["partitions"]) for topic in found}


def as_new(topic: Topic, replicas: int) -> NewTopic:
    """What the broker is asked for; of three copies or more, one may be away when it is written."""
    written = {"min.insync.replicas": str(max(replicas - 1, 1))}
    return NewTopic(topic.name, topic.partitions, replicas, topic_configs=KEPT_FOR_EVER | written)


def main(arguments: Sequence[str]) -> None:
    """Create all topics and say which ones were missing."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka.topics")
    parser.add_argument("--replicas", type=int, default=1, help="brokers that keep each record")
    parser.add_argument("--prefix", default="", help="as WRAPAROUND_TOPIC_PREFIX")
    given = parser.parse_args(arguments)
    try:
        brokers = read_brokers()
    except SettingsMissing as missing:
        raise Failure(str(missing)) from None
    topics = [replace(topic, name=given.prefix + topic.name) for topic in TOPICS]
    made = asyncio.run(create(brokers, topics, replicas=given.replicas))
    print(f"{len(made)} topics created" + (f": {', '.join(made)}" if made else ""))


if __name__ == "__main__":
    with said_in_one_sentence():
        main(sys.argv[1:])
