"""Settings of services that tests start, and topics for them: the one place where both are made."""

import base64
from collections.abc import Callable, Iterable
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from schemas.topics import TOPICS, Topic
from services.chassis.settings import Settings, read

KEY: Final = base64.b64encode(bytes(range(32))).decode()
NO_KAFKA: Final = "127.0.0.1:9"  # for services that never ask it: nobody is there
Made = Callable[..., Settings]  # gives settings with more or other values
Names = Callable[[str], str]  # gives the database of a service, or the platform's


def settings_of(
    service: str,
    *,
    mongo_url: str,
    unique: str,
    databases: Names | None = None,
    kafka_servers: str = NO_KAFKA,
    **given: Any,
) -> Settings:
    """Settings with topics and a group of one test's own.

    `databases` is the fixture of that name; without it the service makes databases that are called
    after the test, and whoever calls it drops them.
    """
    name = databases or (lambda each: f"{unique}-{each}")
    usual: dict[str, Any] = {
        "database": name(service),
        "platform_database": name("platform"),
        "topic_prefix": f"{unique}.",
        "public_url": "http://127.0.0.1:8000",
        "demo": True,
        "key_encryption_keys": f"one:{KEY}",
        "pseudonym_key": KEY,
        "search_key": KEY,
        "ledger_key": KEY,
    }
    return read(service, kafka_servers=kafka_servers, mongo_url=mongo_url, **(usual | given))


async def create_topics(
    kafka_servers: str, unique: str, topics: Iterable[Topic] = TOPICS, *, partitions: int = 1
) -> None:
    """Those of the services, or others, under the prefix of such settings; twice is once.

    None gets more partitions than are asked for here: they cost time.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_servers)
    await admin.start()
    try:
        await admin.create_topics(
            [
                NewTopic(f"{unique}.{each.name}", min(partitions, each.partitions), 1)
                for each in topics
            ]
        )
    except TopicAlreadyExistsError:
        pass
    finally:
        await admin.close()
