"""A small site on the web part of the chassis, and a client that behaves like a browser."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import APIRouter, FastAPI

from services.chassis.assets import Assets
from services.chassis.probes import Probes
from services.chassis.rendering import Templates, templates
from services.chassis.telemetry import Telemetry
from services.chassis.web import application

US = "http://127.0.0.1:8080"
LIKE_A_BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@asynccontextmanager
async def no_lifespan(app: FastAPI) -> AsyncIterator[None]:
    del app
    yield


def a_site(
    *routers: APIRouter,
    folder: Path = Path("nowhere"),
    catalogues: tuple[Path, ...] = (),
    telemetry: Telemetry | None = None,
    fill: Callable[[Probes], None] = lambda _: None,
    made: Callable[[Templates], tuple[APIRouter, ...]] = lambda _: (),
    **more: Any,
) -> FastAPI:
    told = telemetry or Telemetry.off()
    probes = Probes(told)
    fill(probes)
    assets = Assets("/toys/static")
    pages = templates(folder, catalogues, assets=assets)
    app = application(
        title="Toys",
        lifespan=no_lifespan,
        routers=(*routers, *made(pages)),
        templates=pages,
        assets=assets,
        telemetry=told,
        probes=probes,
        public_url=US,
        new_key=lambda: "key",
        **more,
    )
    app.state.templates = pages
    return app


@asynccontextmanager
async def browsing(
    app: FastAPI, headers: Mapping[str, str] = LIKE_A_BROWSER
) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=US, headers=dict(headers)) as client,
    ):
        yield client
