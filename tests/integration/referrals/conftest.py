from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.integration.referrals.district import STANDING_STILL, Town, a_town
from tests.settings import Made

Build = Callable[..., AbstractAsyncContextManager[Town]]


@pytest.fixture
def build(settings_for: Made) -> Build:
    """Makes processes of one service on databases that no other test has meanwhile."""

    def made(**given: Any) -> AbstractAsyncContextManager[Town]:
        return a_town(settings_for("referrals", **{"roles": "web", **STANDING_STILL, **given}))

    return made


@pytest.fixture
async def town(build: Build) -> AsyncIterator[Town]:
    """A referral service whose directory has three services with two places each."""
    async with build() as made:
        await made.offers()
        yield made
