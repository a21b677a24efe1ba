from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis.settings import Settings
from tests.integration.notifications.gateways import At, gateway
from tests.integration.notifications.running import ORIGIN, Running, running
from tests.integration.notifications.strict_mail import Letterbox, letterbox
from tests.servers import Databases
from tests.settings import Made, create_topics, settings_of
from tests.unit.notifications.builders import NOON


@pytest.fixture
async def mail(tmp_path: Path) -> AsyncIterator[Letterbox]:
    """A real SMTP server that keeps what it gets."""
    async with letterbox(tmp_path / "mail") as made:
        yield made


@pytest.fixture
def sms(tmp_path: Path) -> Iterator[At]:
    """A gateway for text messages that keeps what it gets."""
    with gateway(tmp_path / "texts") as made:
        yield made


@pytest.fixture
async def made(
    mongo_url: str, kafka_servers: str, unique: str, databases: Databases, mail: Letterbox
) -> Made:
    """Settings of the test's own service, in demo mode, at noon."""
    await create_topics(kafka_servers, unique, partitions=2)

    def settings(**more: Any) -> Settings:
        given: dict[str, Any] = {
            "mongo_url": mongo_url,
            "databases": databases,
            "kafka_servers": kafka_servers,
            "unique": unique,
            "public_url": ORIGIN,
            "clock_start": NOON,
            "smtp_port": mail.port,
        }
        return settings_of("notifications", **given | more)

    return settings


@pytest.fixture
async def service(made: Made, sms: At) -> AsyncIterator[Running]:
    """The whole service."""
    async with running(made(sms_url=sms.url, sms_token=sms.token)) as found:
        yield found
