"""Creates the topics of `schemas/topics.py`: `python -m deploy.kafka.topics SERVERS [REPLICAS]`."""

import asyncio
import sys
from collections.abc import Iterable, Mapping
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from deploy.local.failure import Failure, said_in_one_sentence
from schemas.topics import TOPICS, Topic

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


async def create(servers: str, topics: Iterable[Topic], *, replicas: int = 1) -> list[str]:
    """Create the topics that are missing and give their names; twice is once."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        await admin.start()
        missing = lacking(topics, await partitions_of(admin))
        await admin.create_topics([as_new(topic, replicas) for topic in missing])
    except (KafkaError, OSError) as error:
        raise Failure(
            f"The topics could not be created on {servers} ({type(error).__name__}): check that "
            "Kafka runs there and run the command again."
        ) from error
    finally:
        await admin.close()
    return [topic.name for topic in missing]


async def partitions_of(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """The partition count of every topic there is."""
    names = await admin.list_topics()
    found = await admin.describe_topics(names) if names else []
    return {topic["topic"]: len(topic["partitions"]) for topic in found}


def as_new(topic: Topic, replicas: int) -> NewTopic:
    """What the broker is asked for."""
    return NewTopic(topic.name, topic.partitions, replicas, topic_configs=KEPT_FOR_EVER)


def main(servers: str, replicas: str = "1") -> None:
    """Create all topics and say which ones were missing."""
    made = asyncio.run(create(servers, TOPICS, replicas=int(replicas)))
    print(f"{len(made)} topics created" + (f": {', '.join(made)}" if made else ""))


if __name__ == "__main__":
    with said_in_one_sentence():
        main(*sys.argv[1:])
