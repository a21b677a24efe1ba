"""The databases of the three services, as their own processes open them."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from deploy.simulator.state.writing import Writer
from services.chassis.process import Process
from services.chassis.settings import Settings
from services.chassis.vault import Keyring
from services.notifications import main as notifications
from services.notifications.handlers import TABLES as NOTIFICATIONS
from services.plans import main as plans
from services.plans.handlers import TABLES as PLANS
from services.referrals import main as referrals
from services.referrals.handlers import TABLES as REFERRALS


@dataclass(frozen=True, kw_only=True)
class Databases:
    """The services' databases, for one event loop."""

    plans: Process
    referrals: Process
    notifications: Process
    writer: Writer

    async def prepare(self) -> None:
        """Make collections and indexes."""
        await self.plans.prepare()
        await self.referrals.prepare()
        await self.notifications.prepare()

    async def keys(self, whose: Collection[str]) -> Keyring:
        """The keys of some people; those never seen get one."""
        return await self.plans.engine.vault.keyring(whose)


@asynccontextmanager
async def databases(settings: Mapping[str, Settings]) -> AsyncIterator[Databases]:
    """The services' databases."""
    at_plans = plans.process(settings["plans"])
    at_referrals = referrals.process(settings["referrals"])
    at_notifications = notifications.process(settings["notifications"])
    writer = Writer(
        (at_plans.database, PLANS.kinds),
        (at_referrals.database, REFERRALS.kinds),
        (at_notifications.database, NOTIFICATIONS.kinds),
    )
    try:
        yield Databases(
            plans=at_plans, referrals=at_referrals, notifications=at_notifications, writer=writer
        )
    finally:
        for each in (at_plans, at_referrals, at_notifications):
            await each.database.close()
