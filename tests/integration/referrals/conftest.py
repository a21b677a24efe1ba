from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.integration.referrals.district import Town, a_town, settings_of

Build = Callable[..., AbstractAsyncContextManager[Town]]


@pytest.fixture
def build(mongo_url: str, unique: str, databases: str) -> Build:
    """Makes processes of one service on databases that no other test has meanwhile."""
    names = {"database": f"{databases}-referrals", "platform_database": f"{databases}-platform"}

    def made(**given: Any) -> AbstractAsyncContextManager[Town]:
        return a_town(settings_of(mongo_url=mongo_url, unique=unique, **names, **given))

    return made


@pytest.fixture
async def town(build: Build) -> AsyncIterator[Town]:
    """A referral service whose directory has three services with two places each."""
    async with build() as made:
        await made.offers()
        yield made
