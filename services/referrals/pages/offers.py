"""The page of one offer: its Preview, the answer to it, and the Packet once it may be seen."""

from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.codes import DECLINE_WORDS, RESTRICTED_WORD
from services.chassis.scope import Principal
from services.referrals import scopes
from services.referrals.domain.answers import AcceptOffer, DeclineOffer, is_unreported
from services.referrals.domain.sharing import ViewPacket
from services.referrals.pages import forms, wording
from services.referrals.pages.desk import Desk, Partner
from services.referrals.pages.forms import Given, Text
from services.referrals.queries import Line, ListName

PATH = "/{referral_id}/offers/{offer_id}"


class Ids(NamedTuple):
    """Which offer an address names."""

    referral_id: str
    offer_id: str


def _ids(referral_id: str, offer_id: str) -> Ids:
    return Ids(referral_id, offer_id)


Named = Annotated[Ids, Depends(_ids)]


def routes(desk: Desk, *, prefix: str) -> APIRouter:
    router = APIRouter(prefix=prefix + PATH, include_in_schema=False)
    _add_pages(router, desk)
    _add_answers(router, desk)
    return router


def _add_pages(router: APIRouter, desk: Desk) -> None:
    @router.get("", name="show_offer")
    async def show(request: Request, ids: Named, person: Partner) -> Response:
        return await _show(desk, request, person, ids)

    @router.get("/packet", name="show_packet")
    async def packet(request: Request, ids: Named, person: Partner) -> Response:
        scope = scopes.of_referrals(person)
        asked = ViewPacket(key=desk.new_id(), scope=scope, **ids._asdict())
        referral, offer = await desk.referrals.view_packet(asked)
        context = await desk.frame(request, person, "to_start") | {
            "offer": offer,
            "reference": referral.public_reference,
            "packet": offer.packet.facts if offer.packet else None,
            "ids": ids._asdict(),
        }
        return desk.page(request, person, "packet.html", **context)


def _add_answers(router: APIRouter, desk: Desk) -> None:
    @router.post("/accept", name="accept_offer")
    async def accept(
        request: Request,
        ids: Named,
        person: Partner,
        key: Annotated[UUID, Form()],
        starts_on: Text = "",
    ) -> Response:
        scope = scopes.of_referrals(person)
        line = await desk.queries.line(scope, *ids)
        given = Given(values={"starts_on": starts_on})
        day = forms.first_day(given, wording.today(desk.now(), line.zone))
        if given.errors:
            return await _show(desk, request, person, ids, given)
        asked = AcceptOffer(key=key, scope=scope, starts_on=day, **ids._asdict())
        await desk.referrals.accept(asked)
        return _back(request, ids)

    @router.post("/decline", name="decline_offer")
    async def decline(
        request: Request,
        *,
        ids: Named,
        person: Partner,
        key: Annotated[UUID, Form()],
        code: Text = "",
        text: Text = "",
    ) -> Response:
        scope = scopes.of_referrals(person)
        line = await desk.queries.line(scope, *ids)
        given = Given(values={"code": code, "text": text})
        code, text = _reason(given, line)
        if given.errors:
            return await _show(desk, request, person, ids, given)
        asked = DeclineOffer(key=key, scope=scope, code=code, text=text, **ids._asdict())
        await desk.referrals.decline(asked)
        return _back(request, ids)


def _back(request: Request, ids: Ids) -> Response:
    return RedirectResponse(request.app.url_path_for("show_offer", **ids._asdict()), 303)


def _reason(given: Given, line: Line) -> tuple[str, str]:
    return ("other", "") if is_unreported(line.referral.category) else forms.reason(given)


async def _show(
    desk: Desk, request: Request, person: Principal, ids: Ids, given: Given | None = None
) -> Response:
    """The offer with its forms, after a mistake with what was typed; the look is recorded before.

    Raises:
        Refused: as `domain.sharing.view_preview`.
    """
    await desk.referrals.view_preview(desk.view_preview(person, *ids))
    line = await desk.queries.line(scopes.of_referrals(person), *ids)
    watched = ids.referral_id  # no other change may disturb who types here
    context = await desk.frame(request, person, _list_of(line), watched=watched)
    (row,) = await desk.rows([line])
    context |= {
        **row,
        **desk.typed(request, person, given),
        "reasons": list(DECLINE_WORDS.items()),
        "is_unreported": is_unreported(line.referral.category),
        "restricted_word": RESTRICTED_WORD,
    }
    if context["is_fragment"] and not given:
        return desk.work(request, person, "offer.html", **context)
    status = 422 if context["errors"] else 200
    return desk.page(request, person, "offer.html", status=status, **context)


def _list_of(line: Line) -> ListName:
    by_state: dict[str, ListName] = {"OFFERED": "to_answer", "ACCEPTED": "to_start"}
    return by_state.get(line.offer.state, "ended")
