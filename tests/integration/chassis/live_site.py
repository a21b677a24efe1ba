"""A site with one live address, to be run as a process of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from services.chassis.assets import Assets
from services.chassis.live import COLLECTION, INDEXES, Live, ending_with_the_process, routes
from services.chassis.mongo import connect
from services.chassis.probes import Probes
from services.chassis.rendering import templates
from services.chassis.scope import Principal
from services.chassis.settings import real_time
from services.chassis.telemetry import Telemetry
from services.chassis.web import application

SECRET = "secret"


async def anybody() -> Principal:
    return Principal(user_id="u1", role="case_manager", district="d1")


async def all_but_secret(person: Principal, ids: frozenset[str]) -> frozenset[str]:
    del person
    return ids - {SECRET}


def a_live_site(mongo_url: str, database: str, public_url: str) -> FastAPI:
    rows = connect(mongo_url, database)
    telemetry = Telemetry("toys")
    live = Live(rows, telemetry)
    assets = Assets("/toys/static")

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        del app
        await rows.prepare({COLLECTION: INDEXES})
        with ending_with_the_process(live):
            yield
        await rows.close()

    return application(
        title="Toys",
        lifespan=running,
        routers=[routes(live, all_but_secret, anybody, path="/toys/live", real_time=real_time)],
        templates=templates(Path("nowhere"), (), assets=assets),
        assets=assets,
        telemetry=telemetry,
        probes=Probes(telemetry),
        public_url=public_url,
        new_key=lambda: "key",
    )


def serve(mongo_url: str, database: str, port: int) -> None:
    """What the process does: listen until it is told to end."""
    site = a_live_site(mongo_url, database, f"http://127.0.0.1:{port}")
    uvicorn.run(site, host="127.0.0.1", port=port, log_level="warning")
