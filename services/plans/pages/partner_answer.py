"""Recording what a partner said by phone, by mail or in person."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from schemas import codes
from schemas.codes import DECLINE_WORDS, DeclineCode
from services.chassis.kernel import Refused
from services.chassis.scope import Principal
from services.plans.domain.acts import RecordAnswer
from services.plans.pages.desk import Desk, to_student
from services.plans.pages.guards import Writer
from services.plans.pages.need_form import FURTHEST_DAYS
from services.plans.pages.showing import partner
from services.plans.scopes import scope_of

Channel = Literal["phone", "mail", "in-person"]
CHANNELS: Final[dict[Channel, str]] = {
    "phone": "By phone",
    "mail": "By mail",
    "in-person": "In person",
}


class Said(BaseModel):
    """What somebody filled in, as it came."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    answer: str = Field(default="", max_length=10)
    code: str = Field(default="", max_length=40)
    said_by: str = Field(default="", max_length=120)
    channel: str = Field(default="phone", max_length=12)
    starts_on: str = Field(default="", max_length=40)

    def asked(self) -> dict[str, Any]:
        """The fields of the command; only of a form without errors."""
        is_yes = self.answer == "accept"
        return {
            "answer": self.answer,
            "code": None if is_yes else self.code,
            "said_by": self.said_by.strip(),
            "channel": self.channel,
            "starts_on": date.fromisoformat(self.starts_on) if is_yes and self.starts_on else None,
        }


def checked(said: Said, today: date) -> list[tuple[str, str]]:
    """What is wrong: name of the field and an English sentence."""
    errors = []
    if said.answer not in {"accept", "decline"}:
        errors.append(("answer", "Choose yes or no"))
    if said.answer == "decline" and said.code not in get_args(DeclineCode):
        errors.append(("code", "Choose why they said no"))
    if not said.said_by.strip():
        errors.append(("said_by", "Say who told you"))
    if said.channel not in CHANNELS:
        errors.append(("channel", "Choose how they told you"))
    if said.starts_on:
        errors += _of_day(said.starts_on, today)
    return errors


def _of_day(text: str, today: date) -> list[tuple[str, str]]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return [("starts_on", "Give a day such as 2026-11-30")]
    is_far = abs((day - today).days) > FURTHEST_DAYS  # back as well: it may be written down later
    return [("starts_on", "This day is too far away")] if is_far else []


class Ids(NamedTuple):
    """Which offer of which need an address names."""

    need_id: str
    offer_id: str


def _ids(need_id: str, offer_id: str) -> Ids:
    return Ids(need_id, offer_id)


Named = Annotated[Ids, Depends(_ids)]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(
        prefix="/plans/needs/{need_id}/offers/{offer_id}/answer", include_in_schema=False
    )

    @router.get("", name="new_answer")
    async def new_answer(request: Request, ids: Named, person: Writer) -> Response:
        return await _form(desk, request, person, ids)

    @router.post("", name="record_answer")
    async def record_answer(
        request: Request,
        ids: Named,
        person: Writer,
        key: Annotated[UUID, Form()],
        said: Annotated[Said, Form()],
    ) -> Response:
        errors = checked(said, desk.process.clocks.business().date())
        if errors:
            return await _form(desk, request, person, ids, said=said, errors=errors)
        asked = RecordAnswer(key=key, scope=scope_of(person), **ids._asdict(), **said.asked())
        need = await desk.plans.record_answer(asked)
        return to_student(request, need.student_id)

    return router


async def _form(
    desk: Desk,
    request: Request,
    person: Principal,
    ids: Ids,
    *,
    said: Said | None = None,
    errors: Sequence[tuple[str, str]] = (),
) -> Response:
    """The form; after a mistake with what was filled in."""
    need, case = await desk.records.need(scope_of(person), ids.need_id)
    if case is None or case.offer(ids.offer_id) is None:
        raise Refused(*codes.OFFER_UNKNOWN)
    speech = await desk.speech(request, person)
    return await desk.page(
        request,
        person,
        "record_answer.html",
        here="students",
        status=422 if errors else 200,
        speech=speech,
        need=need,
        offer_id=ids.offer_id,
        what=speech.category(need.facts, restricted=need.restricted),
        partner=partner(case, ids.offer_id, speech, hides=need.restricted and speech.masks),
        said=said or Said(),
        errors=[(name, speech.say(each)) for name, each in errors],
        reasons=[(code, speech.say(words)) for code, words in DECLINE_WORDS.items()],
        channels=[(code, speech.say(words)) for code, words in CHANNELS.items()],
    )
