"""The first page of each role: after signing in, from the bare address, out of an error."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from services.chassis.accounts import Role

START: Final = "/"  # for whoever is not signed in, and for roles that have no pages yet
FIRST_PAGES: Final[Mapping[str, str]] = {
    Role.CASE_MANAGER: "/plans/",
    Role.SUPERVISOR: "/plans/",
    Role.PRIVACY_OFFICER: "/plans/students",
    Role.PARTNER_COORDINATOR: "/referrals/",
}
BARE: Final = frozenset({"", START, "/plans/", "/referrals/", "/notifications/"})


def first_page(role: str) -> str:
    """Where a role begins."""
    return FIRST_PAGES.get(role, START)


def onward(asked: str, role: str) -> str:
    """Where somebody goes who has signed in: to the page asked for, else where the role begins.

    A bare address is no page that anybody asked for: it is what people type, whatever their role.
    """
    return first_page(role) if asked in BARE else asked


def routes(prefix: str) -> APIRouter:
    """`<prefix>` as people type it, without the slash that its first page ends with."""
    router = APIRouter(include_in_schema=False)

    @router.get(prefix, name="bare")
    async def bare() -> Response:
        return RedirectResponse(f"{prefix}/", 303)  # as a path: the gateway knows the scheme

    return router
