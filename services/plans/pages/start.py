"""The start page: a way in, and in the demo what each role may try in five minutes."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis import gallery
from services.chassis.accounts import Role
from services.chassis.landing import START, first_page
from services.plans.pages.desk import Desk
from services.plans.pages.wording import ROLES

CARDS: Final = (  # role, what to try
    (
        Role.CASE_MANAGER,
        (
            "Find a student by the beginning of a name and open the record.",
            "Write a need: services are ranked at once, with a reason for each.",
            "Send it to one of them, and watch what happens without reloading.",
            "Read who has seen the record, in plain words.",
        ),
    ),
    (
        Role.PARTNER_COORDINATOR,
        (
            "Open what waits for an answer, least time left first.",
            "Accept with a first day, or decline and say why.",
            "Read whom to call, once the family has signed.",
            "Choose somebody of the partner that was asked: offers go to one at a time.",
        ),
    ),
    (
        Role.SUPERVISOR,
        (
            "See what waits in all schools, the most pressing first.",
            "Open a student: restricted needs stay masked.",
        ),
    ),
    (
        Role.PRIVACY_OFFICER,
        (
            "Find a student and read who has seen the record.",
            "Notice what is not shown: no plan, no need.",
        ),
    ),
)
FAMILY: Final = (
    "Open the newest message, in the family’s own language.",
    "Follow its link, show that it is you, and sign with your name.",
    "When a partner has said yes: answer whether your child can come.",
)
OUTBOX: Final = "/notifications/outbox"


def _order(name: str, hint: str) -> int:
    """Who has a part in the hint comes first, in its order."""
    return hint.index(name) if name in hint else len(hint)


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    if desk.process.settings.demo:
        _add_cards(router, desk)
        _add_gallery(router, desk)
    else:
        _add_way_in(router, desk)
    return router


def _add_way_in(router: APIRouter, desk: Desk) -> None:
    """Outside the demo: whoever is signed in goes on to the first page of the role."""
    process = desk.process

    @router.get("/", name="start")
    async def start(request: Request) -> Response:
        person = await process.signed_in.who(request)
        if person and (first := first_page(person.role)) != START:
            return RedirectResponse(first, 303)
        sign_out = {"action": request.app.url_path_for("sign_out"), "key": desk.new_key()}
        return process.staff_templates.page(
            request,
            "start.html",
            locale=person.locale if person else None,
            cards=[],
            name=person.name if person else "",
            sign_out=sign_out if person else None,
        )


def _add_cards(router: APIRouter, desk: Desk) -> None:
    process = desk.process
    hint = process.settings.demo_hint

    @router.get("/", name="start")
    async def start(request: Request) -> Response:
        locale = process.staff_templates.locale(request)
        people = await process.accounts.personas()
        cards: list[dict[str, Any]] = [
            {
                "role": process.staff_templates.say(locale, ROLES[role]),
                "tries": [process.staff_templates.say(locale, each) for each in tries],
                "onward": first_page(role),
                "people": sorted(
                    (each for each in people if each.role == role),
                    key=lambda each: _order(each.name, hint),
                ),
            }
            for role, tries in CARDS
        ]
        family = {
            "title": process.staff_templates.say(locale, "A family in its own language"),
            "href": OUTBOX,
            "tries": [
                *([hint] if hint else []),
                *(process.staff_templates.say(locale, each) for each in FAMILY),
            ],
        }
        return process.staff_templates.page(
            request,
            "start.html",
            cards=cards,
            is_made_up=bool(hint),  # real files have no story that could be hinted at
            family=family,
            sign_out=None,
            new_key=desk.new_key,
        )


def _add_gallery(router: APIRouter, desk: Desk) -> None:
    @router.get("/plans/gallery", name="gallery")
    async def show_gallery(
        request: Request,
        page: gallery.Page = "staff",
        direction: gallery.Direction = "ltr",
        longer: bool = False,  # noqa: FBT001, FBT002 - a switch in the address
    ) -> Response:
        template, context = gallery.gallery(
            "/plans/gallery", page=page, direction=direction, is_longer=longer
        )
        given: dict[str, Any] = context
        return desk.process.staff_templates.page(request, template, **given)
