"""An application for pages and JSON: what is the same for all of them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import APIRouter, FastAPI

from services.chassis.assets import Assets
from services.chassis.edge import Measured, SameOriginForms, SecureHeaders
from services.chassis.faults import FaultPages
from services.chassis.probes import Probes
from services.chassis.rendering import Templates
from services.chassis.telemetry import Telemetry

BODY_AT_MOST: Final = 2 * 1024 * 1024  # bytes
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(
    *,
    title: str,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    templates: Templates,
    assets: Assets,
    telemetry: Telemetry,
    probes: Probes,
    public_url: str,
    new_key: Callable[[], object],
    sign_in: str = "sign_in",
    signed: tuple[str, ...] = (),
    openapi_url: str | None = None,
) -> FastAPI:
    """An application with all that is the same everywhere.

    `new_key` gives forms their keys, `sign_in` is the name of the sign-in page's route,
    `signed` the path prefixes of machines that prove themselves by a signature.
    """
    faults = FaultPages(templates, new_key, sign_in)

    @asynccontextmanager
    async def measured(app: FastAPI) -> AsyncIterator[None]:
        async with probes.measuring(), lifespan(app):
            yield

    app = FastAPI(
        title=title,
        lifespan=measured,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url=openapi_url,
        redirect_slashes=False,  # it leads to http://, which is all that is spoken to the gateway
        max_body_size=BODY_AT_MOST,
    )
    app.add_middleware(
        SameOriginForms, public_url=public_url, refuse=faults.foreign_form, signed=signed
    )
    app.add_middleware(SecureHeaders)
    app.add_middleware(Measured, telemetry=telemetry)
    faults.install(app)
    for router in (*routers, probes.routes()):
        app.include_router(router)
    app.mount(assets.prefix, assets, name="static")
    return app
