from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.servers import Mail, SmsGateway
from services.chassis.mongo import connect
from tests.integration.notifications.running import Running, create_topics, running, settings_of
from tests.servers import running as running_process


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Mail]:
    """A real SMTP server that keeps what it gets."""
    with running_process(Mail(tmp_path / "mail")) as server:
        yield server


@pytest.fixture
def sms(tmp_path: Path) -> Iterator[SmsGateway]:
    """A gateway for text messages that keeps what it gets."""
    with running_process(SmsGateway(tmp_path / "texts")) as server:
        yield server


@pytest.fixture
async def clean(mongo_url: str, kafka_servers: str, unique: str) -> AsyncIterator[str]:
    """A test's own topics and databases."""
    await create_topics(kafka_servers, unique)
    yield unique
    for name in ("notifications", "platform"):
        database = connect(mongo_url, f"{unique}-{name}")
        await database.drop()
        await database.close()


@pytest.fixture
def made(mongo_url: str, kafka_servers: str, clean: str, mail: Mail) -> Any:
    """Settings of the test's own service."""

    def settings(**more: Any) -> Any:
        given = {"smtp_port": mail.port} | more
        return settings_of(kafka_servers=kafka_servers, mongo_url=mongo_url, unique=clean, **given)

    return settings


@pytest.fixture
async def service(
    mongo_url: str, kafka_servers: str, clean: str, mail: Mail, sms: SmsGateway
) -> AsyncIterator[Running]:
    """The whole service in demo mode, at noon."""
    settings = settings_of(
        kafka_servers=kafka_servers,
        mongo_url=mongo_url,
        unique=clean,
        smtp_port=mail.port,
        sms_url=sms.url,
        sms_token=sms.token,
    )
    async with running(settings, kafka_servers) as made:
        yield made
