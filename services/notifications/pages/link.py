"""What stands behind a link once somebody showed who they are."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.notifications.pages.consent import Consents
from services.notifications.pages.place import Places
from services.notifications.pages.visits import Visit, Visits, led
from services.notifications.usecases import StepUp


def routes(visits: Visits, step_up: StepUp, consents: Consents, places: Places) -> APIRouter:
    """`/f/<token>/page`: a consent or a place, by the link's one purpose."""
    router = APIRouter(prefix="/f", include_in_schema=False)

    @router.get("/{token}/page", name="link_page")
    async def page(request: Request, visit: Annotated[Visit, Depends(visits.inside)]) -> Response:
        # Here, whichever way they came in: a second message is read without stepping up again.
        await step_up.seen(visit.link, visit.mailbox)
        shows = consents.page if visit.link.purpose == "consent" else places.page
        return await shows(request, visit)

    # Its forms may be answered in place: read anew, or in another language, that is the page.
    @router.get("/{token}/consent")
    @router.get("/{token}/revoke")
    @router.get("/{token}/answer")
    async def back(request: Request, visit: Annotated[Visit, Depends(visits.inside)]) -> Response:
        return led(request, "link_page", visit.token)

    return router
