from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.accounts import Role
from services.chassis.people_in import require
from services.chassis.scope import Principal
from services.referrals import scopes
from services.referrals.domain.answers import AcceptOffer, DeclineOffer, is_unreported
from services.referrals.domain.seats import EditSeats
from services.referrals.domain.sharing import ViewPacket
from services.referrals.pages import forms, wording
from services.referrals.pages.desk import Desk
from services.referrals.pages.forms import Given
from services.referrals.queries import Line

partner = require(Role.PARTNER_COORDINATOR)
Partner = Annotated[Principal, Depends(partner)]
Page = Annotated[int, Query(ge=1, le=1_000)]
Text = Annotated[str, Form(max_length=5_000)]
OFFER = "/{referral_id}/offers/{offer_id}"


def routes(desk: Desk, *, prefix: str) -> APIRouter:
    router = APIRouter(prefix=prefix, include_in_schema=False)
    _add_lists(router, desk)
    _add_offer(router, desk)
    _add_answers(router, desk)
    _add_places(router, desk)
    return router


def _add_lists(router: APIRouter, desk: Desk) -> None:
    @router.get("/", name="show_to_answer")
    async def to_answer(request: Request, person: Partner, page: Page = 1) -> Response:
        return await desk.show_list(request, person, "to_answer", page)

    @router.get("/to-start", name="show_to_start")
    async def to_start(request: Request, person: Partner, page: Page = 1) -> Response:
        return await desk.show_list(request, person, "to_start", page)

    @router.get("/closed", name="show_ended")
    async def ended(request: Request, person: Partner, page: Page = 1) -> Response:
        return await desk.show_list(request, person, "ended", page)


def _add_offer(router: APIRouter, desk: Desk) -> None:
    @router.get(OFFER, name="show_offer")
    async def show(request: Request, referral_id: str, offer_id: str, person: Partner) -> Response:
        return await desk.show_offer(
            request, person, await desk.look(person, referral_id, offer_id)
        )

    @router.get(OFFER + "/packet", name="show_packet")
    async def packet(
        request: Request, referral_id: str, offer_id: str, person: Partner
    ) -> Response:
        scope = scopes.of_referrals(person)
        asked = ViewPacket(
            key=desk.new_id(), scope=scope, referral_id=referral_id, offer_id=offer_id
        )
        referral, offer = await desk.referrals.view_packet(asked)
        context = await desk.frame(request, person, "to_start")
        context |= {
            "offer": offer,
            "reference": referral.public_reference,
            "packet": offer.packet.facts if offer.packet else None,
            "ids": {"referral_id": referral_id, "offer_id": offer_id},
        }
        return desk.templates.page(request, "packet.html", locale=person.locale, **context)


def _add_answers(router: APIRouter, desk: Desk) -> None:
    @router.post(OFFER + "/accept", name="accept_offer")
    async def accept(
        request: Request,
        *,
        referral_id: str,
        offer_id: str,
        key: Annotated[UUID, Form()],
        person: Partner,
        starts_on: Text = "",
    ) -> Response:
        scope = scopes.of_referrals(person)
        line = await desk.queries.line(scope, referral_id, offer_id)
        given = Given(values={"starts_on": starts_on})
        day = forms.first_day(given, wording.today(desk.now(), line.zone))
        if given.errors:
            line = await desk.look(person, referral_id, offer_id)
            return await desk.show_offer(request, person, line, given)
        asked = AcceptOffer(
            key=key, scope=scope, referral_id=referral_id, offer_id=offer_id, starts_on=day
        )
        await desk.referrals.accept(asked)
        return _to_offer(request, referral_id, offer_id)

    @router.post(OFFER + "/decline", name="decline_offer")
    async def decline(
        request: Request,
        *,
        referral_id: str,
        offer_id: str,
        key: Annotated[UUID, Form()],
        person: Partner,
        code: Text = "",
        text: Text = "",
    ) -> Response:
        scope = scopes.of_referrals(person)
        line = await desk.queries.line(scope, referral_id, offer_id)
        given = Given(values={"code": code, "text": text})
        code, text = _reason(given, line)
        if given.errors:
            line = await desk.look(person, referral_id, offer_id)
            return await desk.show_offer(request, person, line, given)
        asked = DeclineOffer(
            key=key,
            scope=scope,
            referral_id=referral_id,
            offer_id=offer_id,
            code=code,
            text=text,
        )
        await desk.referrals.decline(asked)
        return _to_offer(request, referral_id, offer_id)


def _reason(given: Given, line: Line) -> tuple[str, str]:
    return ("other", "") if is_unreported(line.referral.category) else forms.reason(given)


def _add_places(router: APIRouter, desk: Desk) -> None:
    @router.get("/places", name="show_places")
    async def show(request: Request, person: Partner, page: Page = 1) -> Response:
        return await desk.show_places(request, person, page)

    @router.post("/places/{service_id}", name="edit_seats")
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
            return await desk.show_places(request, person, page, given, service_id)
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
        return RedirectResponse(f"{places}?page={page}", 303)


def _to_offer(request: Request, referral_id: str, offer_id: str) -> Response:
    ids: dict[str, Any] = {"referral_id": referral_id, "offer_id": offer_id}
    return RedirectResponse(request.app.url_path_for("show_offer", **ids), 303)
