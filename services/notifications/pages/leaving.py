"""Pages without step-up that end something: "not for me", stop, and asking for a new link.

Each needs a choice that nothing makes by itself: scanners press buttons, they do not choose.
"""

from http import HTTPStatus
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.notifications.domain.answers import TurnAway
from services.notifications.pages.visits import Visit, Visits, address, is_turned, said
from services.notifications.scopes import scope_of_link
from services.notifications.usecases import Families
from services.notifications.wording import mark

CHOOSE: Final = mark("Tick the box if this is what you want.")
Answer = Literal["wrong-person", "stop"]
Leave = Literal["not-me", "stop"]
Errors = list[tuple[str, str]]


def routes(visits: Visits, families: Families) -> APIRouter:
    """`/f/<token>/not-me`, `/stop`, `/again`, and what is shown after each."""
    router = APIRouter(prefix="/f", include_in_schema=False)
    _add_again(router, visits, families)
    _add_leaving(router, visits, families, "not-me", "wrong-person")
    _add_leaving(router, visits, families, "stop", "stop")

    @router.get("/{token}/gone", name="link_gone")
    async def gone(request: Request, token: str) -> Response:
        return visits.templates.page(request, "gone.html", person=None, notice="", token=token)

    return router


def _add_again(router: APIRouter, visits: Visits, families: Families) -> None:
    @router.get("/{token}/again", name="link_again")
    async def again(request: Request, token: str) -> Response:
        return _again(request, visits, token, [])

    @router.post("/{token}/again")
    async def send_again(
        request: Request,
        token: str,
        key: Annotated[UUID, Form()],
        sure: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        errors = _unsure(sure, visits.templates.say(visits.templates.locale(request), CHOOSE))
        if is_turned(request) or errors:
            return _again(request, visits, token, said(request, errors), sure)
        link = await visits.queries.link(token)
        if link is not None and link.is_open:
            await families.send_again(link, key)
        # The same answer whatever the link was: nobody learns which ones there are.
        return RedirectResponse(address(request, "link_sent", token), HTTPStatus.SEE_OTHER)

    @router.get("/{token}/sent", name="link_sent")
    async def sent(request: Request, token: str) -> Response:
        return visits.templates.page(request, "sent.html", person=None, notice="", token=token)


def _add_leaving(
    router: APIRouter, visits: Visits, families: Families, leave: Leave, answer: Answer
) -> None:
    def page(request: Request, visit: Visit, errors: Errors, sure: str = "") -> Response:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        return visits.page(
            request, visit, "leave.html", status=status, leave=leave, errors=errors, sure=sure
        )

    @router.get(f"/{{token}}/{leave}", name=f"link_{leave}")
    async def show(request: Request, visit: Annotated[Visit, Depends(visits.here)]) -> Response:
        return page(request, visit, [])

    @router.post(f"/{{token}}/{leave}")
    async def turn_away(
        request: Request,
        visit: Annotated[Visit, Depends(visits.here)],
        key: Annotated[UUID, Form()],
        sure: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        errors = _unsure(sure, visits.templates.say(visit.locale, CHOOSE))
        if is_turned(request) or errors:
            return page(request, visit, said(request, errors), sure)
        asked = TurnAway(
            key=key,
            scope=scope_of_link(visit.link),
            link_id=visit.link.link_id,
            answer=answer,
            locale=visit.locale,
        )
        work = families.turn_away(visit.link, asked, visit.mailbox, visit.around.family)
        return await visits.tried(request, visit, work, address(request, "link_gone", visit.token))


def _again(
    request: Request, visits: Visits, token: str, errors: Errors, sure: str = ""
) -> Response:
    return visits.templates.page(
        request,
        "again.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        person=None,
        notice="",
        token=token,
        key=visits.new_id(),
        errors=errors,
        sure=sure,
    )


def _unsure(sure: str, sentence: str) -> Errors:
    return [] if sure == "yes" else [("sure", sentence)]
