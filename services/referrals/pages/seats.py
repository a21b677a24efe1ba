"""Our places: the seats of an organization's services, as its coordinators edit them."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.scope import Principal
from services.referrals import scopes
from services.referrals.domain.seats import EditSeats
from services.referrals.pages import forms
from services.referrals.pages.desk import Desk, Page, Partner, numbered
from services.referrals.pages.forms import Given, Text


def routes(desk: Desk, *, prefix: str) -> APIRouter:
    router = APIRouter(prefix=f"{prefix}/places", include_in_schema=False)

    @router.get("", name="show_places")
    async def show(request: Request, person: Partner, page: Page = 1, saved: str = "") -> Response:
        return await _show(desk, request, person, page, saved=saved)

    @router.post("/{service_id}", name="edit_seats")
    async def edit(
        request: Request,
        *,
        service_id: str,
        key: Annotated[UUID, Form()],
        person: Partner,
        page: Page = 1,
        maximum: Text = "",
        occupied_outside: Text = "",
        is_taking: Text = "",
    ) -> Response:
        given = Given(
            values={
                "maximum": maximum,
                "occupied_outside": occupied_outside,
                "is_taking": is_taking,
            }
        )
        most, occupied = forms.figures(given)
        if given.errors:
            return await _show(desk, request, person, page, given, service_id=service_id)
        asked = EditSeats(
            key=key,
            scope=scopes.of_directory(person),
            service_id=service_id,
            maximum=most,
            occupied_outside=occupied,
            is_taking=is_taking == "yes",
        )
        await desk.referrals.edit_seats(asked)
        places = request.app.url_path_for("show_places")
        said = urlencode({"page": page, "saved": service_id})
        return RedirectResponse(f"{places}?{said}#service-{service_id}", 303)

    return router


async def _show(
    desk: Desk,
    request: Request,
    person: Principal,
    page: int,
    given: Given | None = None,
    *,
    service_id: str = "",
    saved: str = "",
) -> Response:
    """Every service with its seats; after a mistake with what was typed for one of them, else
    with a word at the one that was saved.
    """
    own = await desk.queries.places(scopes.of_directory(person), page=page)
    context = await desk.frame(request, person, "places") | {
        **desk.typed(request, person, given, of=f"-{service_id}"),
        "places": own.services,
        "pages": numbered(request.app.url_path_for("show_places"), own.page, own.total),
        "edited": service_id,
        "saved": saved,
    }
    status = 422 if context["errors"] else 200
    return desk.page(request, person, "places.html", status=status, **context)
