from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from pymongo import MongoClient

from tests.integration.referrals.district import Town, a_town, settings_of

Build = Callable[..., AbstractAsyncContextManager[Town]]


@pytest.fixture
def build(mongo_url: str, unique: str) -> Iterator[Build]:
    """Makes processes of one service on databases of the test's own."""

    def made(**given: Any) -> AbstractAsyncContextManager[Town]:
        return a_town(settings_of(mongo_url=mongo_url, unique=unique, **given))

    yield made
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        client.drop_database(f"{unique}-referrals")
        client.drop_database(f"{unique}-platform")


@pytest.fixture
async def town(build: Build) -> AsyncIterator[Town]:
    """A referral service whose directory has three services with two places each."""
    async with build() as made:
        await made.offers()
        yield made
