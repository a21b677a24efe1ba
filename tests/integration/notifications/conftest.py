from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.integration.notifications.gateways import At, gateway
from tests.integration.notifications.running import ORIGIN, Running, running
from tests.integration.notifications.strict_mail import Letterbox, letterbox
from tests.settings import Made, create_topics
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
async def made(kafka_servers: str, unique: str, settings_for: Made, mail: Letterbox) -> Made:
    """Settings of the test's own service, in demo mode, at noon."""
    await create_topics(kafka_servers, unique, partitions=2)
    return partial(
        settings_for,
        "notifications",
        kafka_servers=kafka_servers,
        public_url=ORIGIN,
        clock_start=NOON,
        smtp_port=mail.port,
    )


@pytest.fixture
async def service(made: Made, sms: At) -> AsyncIterator[Running]:
    """The whole service."""
    async with running(made(sms_url=sms.url, sms_token=sms.token)) as found:
        yield found
