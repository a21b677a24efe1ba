"""What every service's `main` puts together: its engine, sessions, accounts, templates, pages."""

import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from fastapi import APIRouter, FastAPI
from uuid_utils.compat import uuid7

from services.chassis import accounts, landing, sessions, sign_in, tries
from services.chassis.accounts import Accounts
from services.chassis.assets import Assets
from services.chassis.collector import collect_seldom
from services.chassis.declared import Tables
from services.chassis.engine import Engine
from services.chassis.hopeless import watch_tasks
from services.chassis.kernel import Outage
from services.chassis.key_proofs import KeysUnfit
from services.chassis.languages import STAFF_LOCALES
from services.chassis.live import Live, ending_with_the_process
from services.chassis.logs import configure
from services.chassis.mongo import Database, connect
from services.chassis.parts import Clocks
from services.chassis.probes import Probes
from services.chassis.rendering import templates
from services.chassis.sessions import Cookie, Sessions
from services.chassis.settings import Settings, business_clock, real_time
from services.chassis.signed_in import COOKIE, SORT, SignedIn
from services.chassis.telemetry import Telemetry
from services.chassis.tries import Tries
from services.chassis.waiting import patiently
from services.chassis.web import application
from services.chassis.wiring import Provider

CATALOGUES: Final = Path(__file__).parents[2] / "schemas" / "messages"
PLATFORM: Final = {
    accounts.COLLECTION: accounts.INDEXES,
    sessions.COLLECTION: sessions.INDEXES,
    tries.COLLECTION: tries.INDEXES,
}
NANOSECONDS: Final = 1_000_000_000
Providers = Callable[[Database], Mapping[type, Provider]]


def new_id() -> UUID:
    """An id that sorts by time."""
    return uuid7()


def ids_of(settings: Settings) -> Callable[[], UUID]:
    """Such ids by the clock of this process, which a test may have set wrong."""
    skew = round(settings.clock_skew * NANOSECONDS)
    return (lambda: uuid7(nanoseconds=time.time_ns() + skew)) if skew else new_id


def clocks_of(settings: Settings) -> Clocks:
    """Time and ids as the settings have them."""
    return Clocks(
        business=business_clock(settings),
        real=real_time,
        monotonic=time.monotonic,
        new_id=ids_of(settings),
    )


def database_of(settings: Settings) -> Database:
    """The service's own database, on a client of its own."""
    url = settings.mongo_url.get_secret_value()
    return connect(url, settings.own_database, settings.mongo_driver)


class Process:
    """What use cases and pages are made of in one process; nothing is connected or started yet."""

    def __init__(
        self,
        settings: Settings,
        tables: Tables,
        folder: Path,
        *,
        providers: Providers = lambda _: {},
        telemetry: Telemetry | None = None,
    ) -> None:
        """`folder` is that of the service: its templates stand there."""
        self.settings = settings
        self.telemetry = telemetry or Telemetry(
            settings.service, otlp_endpoint=settings.otlp_endpoint
        )
        self.clocks = clocks_of(settings)
        database = database_of(settings)
        self.live = Live(database, self.telemetry)
        self.engine = Engine(
            settings,
            tables,
            database,
            self.clocks,
            telemetry=self.telemetry,
            providers=providers(database),
            publish=self.live.publish,
        )
        self.assets = Assets(prefix=f"{self.prefix}/static")
        self.templates = templates(
            folder / "templates",
            [CATALOGUES],
            assets=self.assets,
            default=settings.locale,
            notice=settings.notice,
        )
        self.staff_templates = self.templates.speaking(*STAFF_LOCALES)
        platform, vault = self.engine.platform, self.engine.vault
        self.sessions = Sessions(platform, SORT, real_time=real_time)
        self.signed_in = SignedIn(self.sessions, vault, self.cookie(COOKIE))
        self.accounts = Accounts(
            platform,
            vault,
            search_key=settings.search,
            tries=Tries(platform=platform, real_time=real_time),
        )

    def cookie(self, name: str) -> Cookie:
        """A cookie of this site."""
        return Cookie(name=name, is_plain=self.settings.has_plain_cookies)

    @property
    def database(self) -> Database:
        """The service's own database."""
        return self.engine.database

    async def prepare(self) -> None:
        """Make collections and indexes, of the service and of the platform; waits as `Engine` does.

        Raises:
            KeysUnfit: the key-encryption keys are not those of the database.
        """
        await self.engine.prepare()
        await patiently(lambda: self.engine.platform.prepare(PLATFORM), "database")

    async def prepare_now(self) -> None:
        """As `prepare`, for a person at a terminal, who is told instead of kept waiting.

        Raises:
            Outage: the database is away, or the keys are not its own.
        """
        await self.reach()
        await self.prepare()

    async def reach(self) -> None:
        """Ask whether the database answers.

        Raises:
            Outage: it is away.
        """
        if not await self.database.ping():
            raise Outage

    async def close(self) -> None:
        """Let go of everything that is open; spans and metrics held back go out first."""
        self.live.close()
        await self.database.close()
        self.telemetry.close()

    @property
    def prefix(self) -> str:
        """Where the gateway sends the paths of this service."""
        return f"/{self.settings.service}"

    def sign_in_routes(self) -> APIRouter:
        """The sign-in page of this service; one sign-in is good for all three."""
        settings = self.settings
        page = sign_in.SignIn(
            signed_in=self.signed_in,
            identities=self.accounts,
            templates=self.staff_templates,
            telemetry=self.telemetry,
            new_id=self.clocks.new_id,
            personas=self.accounts if settings.demo else None,
        )
        return sign_in.routes(page, prefix=self.prefix)


def application_of(process: Process, title: str, routers: Sequence[APIRouter]) -> FastAPI:
    """The application: engine and live pages run as long as it does."""
    engine = process.engine
    probes = Probes(process.telemetry)
    probes.live("tasks", lambda: engine.is_alive)
    probes.ready_together(engine.watch.readiness)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure(process.settings.service)
        watch_tasks()
        app.state.signed_in = process.signed_in
        try:
            await process.prepare()
            async with engine.running():
                collect_seldom()
                with ending_with_the_process(process.live):
                    yield
        except KeysUnfit as unfit:
            sys.stderr.write(f"{unfit}\n")  # for whoever starts it; the server ends on it
            raise
        finally:
            await process.close()

    return application(
        title=title,
        lifespan=lifespan,
        routers=(landing.routes(process.prefix), *routers),
        templates=process.templates,
        assets=process.assets,
        telemetry=process.telemetry,
        probes=probes,
        public_url=process.settings.public_url,
        new_key=process.clocks.new_id,
    )
