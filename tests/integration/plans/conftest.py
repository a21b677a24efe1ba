from collections.abc import AsyncIterator
from functools import partial

import pytest

from services.plans.importing import importer
from tests.integration.plans.browsers import on_stage
from tests.integration.plans.house import House, settled
from tests.integration.plans.rosters import a_source
from tests.integration.plans.stage import Stage, staged
from tests.settings import Made, create_topics


@pytest.fixture
async def made(kafka_servers: str, unique: str, settings_for: Made) -> Made:
    """Settings of the test's own service."""
    await create_topics(kafka_servers, unique)
    return partial(settings_for, "plans", kafka_servers=kafka_servers)


@pytest.fixture
async def stage(made: Made) -> AsyncIterator[Stage]:
    """The engine of a service that knows a small roster."""
    async with staged(made()) as found:
        found.district = (await importer(found.process).bring_in(a_source())).district_id
        yield found


@pytest.fixture
async def house(made: Made) -> AsyncIterator[House]:
    """The whole application, with two districts and their people."""
    async with on_stage(made()) as (stage, app):
        yield await settled(stage, app)
