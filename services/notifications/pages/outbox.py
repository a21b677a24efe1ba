"""The demo's page of every mail and text, as its reader sees it; not there outside the demo."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.codes import LANGUAGE_WORDS
from services.chassis import live
from services.chassis.live import Live
from services.chassis.rendering import Templates
from services.chassis.scope import Principal
from services.notifications.repository.letters import Letters
from services.notifications.repository.mailboxes import WATCHED

AT_ONCE: Final = 50
LAST_PAGE: Final = 10_000
NOBODY: Final = Principal(user_id="demo", role="demo", district="demo")


def routes(
    letters: Letters,
    templates: Templates,
    watching: Live,
    *,
    real_time: Callable[[], datetime],
) -> APIRouter:
    """`/notifications/outbox` and what keeps it up to date."""
    router = APIRouter(prefix="/notifications", include_in_schema=False)

    @router.get("/", name="notifications_home")
    async def home(request: Request) -> Response:
        return RedirectResponse(request.app.url_path_for("outbox"), 303)

    @router.get("/outbox", name="outbox")
    async def show(
        request: Request, page: Annotated[int, Query(ge=0, le=LAST_PAGE)] = 0
    ) -> Response:
        found, has_older = await letters.page(page, AT_ONCE)
        context: dict[str, Any] = {
            "letters": found,
            "number": page,
            "has_older": has_older,
            "tongues_of": LANGUAGE_WORDS,
            "now": real_time(),
            "since": round(real_time().timestamp() * 1000),
            "watched": WATCHED,
            "home": "/",
            "navigation": [],
            "viewer": "",
        }
        if request.headers.get("hx-request"):
            return templates.fragment(request, "outbox.html", "letters", **context)
        return templates.page(request, "outbox.html", **context)

    async def anybody() -> Principal:
        return NOBODY

    async def may_watch(person: Principal, ids: frozenset[str]) -> frozenset[str]:
        return ids & {WATCHED}

    router.include_router(
        live.routes(watching, may_watch, anybody, path="/live", real_time=real_time)
    )
    return router


def closed() -> APIRouter:
    """Outside the demo this service has no page for staff yet: its start is the common one."""
    router = APIRouter(prefix="/notifications", include_in_schema=False)

    @router.get("/", name="notifications_home")
    async def home() -> Response:
        return RedirectResponse("/", 303)

    return router
