"""The databases of plans and referrals, as their own processes open them."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from deploy.simulator.state.writing import Writer
from services.chassis.process import Process
from services.chassis.settings import Settings
from services.chassis.vault import Keyring
from services.plans import main as plans
from services.plans.handlers import TABLES as PLANS
from services.referrals import main as referrals
from services.referrals.handlers import TABLES as REFERRALS


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Both services' databases, for one event loop."""

    plans: Process
    referrals: Process
    writer: Writer

    async def prepare(self) -> None:
        """Make collections and indexes."""
        await self.plans.prepare()
        await self.referrals.prepare()

    async def keys(self, whose: Collection[str]) -> Keyring:
        """The keys of some people; those never seen get one."""
        return await self.plans.engine.vault.keyring(whose)


@asynccontextmanager
async def databases(settings: Mapping[str, Settings]) -> AsyncIterator[Databases]:
    """Both services' databases."""
    at_plans = plans.process(settings["plans"])
    at_referrals = referrals.process(settings["referrals"])
    writer = Writer(
        (at_plans.database, PLANS.kinds),
        (at_referrals.database, REFERRALS.kinds),
    )
    try:
        yield Databases(plans=at_plans, referrals=at_referrals, writer=writer)
    finally:
        await at_plans.database.close()
        await at_referrals.database.close()
