"""The lists of a coordinator: offers to answer, accepted ones, closed ones."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.kernel import Refused
from services.chassis.scope import Principal, Scope
from services.referrals import scopes
from services.referrals.pages.desk import Desk, Page, Partner, numbered
from services.referrals.queries import Line, Listed, ListName


def routes(desk: Desk, *, prefix: str) -> APIRouter:
    router = APIRouter(prefix=prefix, include_in_schema=False)

    @router.get("/", name="show_to_answer")
    async def to_answer(request: Request, person: Partner, page: Page = 1) -> Response:
        return await _show(desk, request, person, "to_answer", page)

    @router.get("/to-start", name="show_to_start")
    async def to_start(request: Request, person: Partner, page: Page = 1) -> Response:
        return await _show(desk, request, person, "to_start", page)

    @router.get("/closed", name="show_ended")
    async def ended(request: Request, person: Partner, page: Page = 1) -> Response:
        return await _show(desk, request, person, "ended", page)

    return router


async def _show(
    desk: Desk, request: Request, person: Principal, name: ListName, page: int
) -> Response:
    """A list, or only its rows when a live page asks again."""
    listed = await _look_at_list(desk, person, name, page)
    own = await desk.queries.places(scopes.of_directory(person))
    context = await desk.frame(request, person, name) | {
        "listed": listed,
        "rows": await desk.rows(listed.lines),
        "pages": numbered(request.url.path, listed.page, listed.total),
        "list_name": name,
        "places": own.services,
    }
    shown = desk.work if context["is_fragment"] else desk.page
    return shown(request, person, f"{name}.html", **context)


async def _look_at_list(desk: Desk, person: Principal, name: ListName, page: int) -> Listed:
    """A page of a list whose Previews may be shown now, each look recorded before.

    Only somebody's first look at an offer is an act; at later ones there is nothing to record.
    """
    scope = scopes.of_referrals(person)
    listed = await desk.queries.listed(scope, name, page=page)
    if name == "ended" or not listed.lines:
        return listed  # what has ended shows no Preview
    unseen = [each for each in listed.lines if not _has_seen(scope, each)]
    if unseen:
        looks = (_note_look(desk, person, each) for each in unseen)
        await asyncio.gather(*looks)  # one batch at the door
        listed = await desk.queries.listed(scope, name, page=page)
    seen = [each for each in listed.lines if _has_seen(scope, each)]
    return replace(listed, lines=tuple(await desk.queries.allowed(seen)))


async def _note_look(desk: Desk, person: Principal, line: Line) -> None:
    """Record a look at an offer's Preview; where it is refused, nothing is recorded."""
    asked = desk.view_preview(person, line.referral.referral_id, line.offer.offer_id)
    with suppress(Refused):
        await desk.referrals.view_preview(asked)


def _has_seen(scope: Scope, line: Line) -> bool:
    return scope.actor in line.offer.previewed_by
