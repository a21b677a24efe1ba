"""The referral service put together: `uvicorn services.referrals.main:create --factory`."""

from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.chassis import live
from services.chassis.freshness import Heard
from services.chassis.people_in import principal
from services.chassis.process import Process, application_of
from services.chassis.scope import Principal
from services.chassis.settings import Settings, read_or_exit, real_time
from services.chassis.telemetry import Telemetry
from services.referrals import api, pages, scopes
from services.referrals.handlers import TABLES
from services.referrals.providers import providers
from services.referrals.queries import Queries
from services.referrals.usecases import Referrals

SERVICE = "referrals"
FOLDER = Path(__file__).parent


def process(settings: Settings, telemetry: Telemetry | None = None) -> Process:
    """One process of the service, without its pages; nothing is started yet."""
    made = Process(
        settings,
        TABLES,
        FOLDER,
        providers=lambda database: providers(database, real_time),
        telemetry=telemetry,
    )
    engine = made.engine
    heard = Heard(
        made.database, holder=engine.holder, listener=engine.consumer, real=made.clocks.real
    )
    engine.beside("consumer", heard.run)
    return made


def build(settings: Settings, telemetry: Telemetry | None = None) -> FastAPI:
    """The application with its pages; engine and live pages run in its lifespan."""
    made = process(settings, telemetry)
    return application_of(made, "Wraparound referrals", routers(made))


def routers(process: Process) -> list[APIRouter]:
    """Pages, JSON, live updates and sign-in."""
    engine = process.engine
    queries = Queries(process.database, engine.vault)

    async def may_watch(person: Principal, ids: frozenset[str]) -> frozenset[str]:
        return await queries.watchable(scopes.of_referrals(person), ids)

    desk = pages.Desk(
        referrals=Referrals(engine.committer),
        queries=queries,
        templates=process.templates,
        signed_in=process.signed_in,
        now=process.clocks.business,
        real_time=process.clocks.real,
        new_id=process.clocks.new_id,
    )
    return [
        process.sign_in_routes(),
        live.routes(
            process.live,
            may_watch,
            principal,
            path=f"{process.prefix}/live",
            real_time=process.clocks.real,
        ),
        api.routes(queries, prefix=process.prefix),
        pages.routes(desk, prefix=process.prefix),
    ]


def create() -> FastAPI:
    """The application with the settings of the environment."""
    return build(read_or_exit(SERVICE))
