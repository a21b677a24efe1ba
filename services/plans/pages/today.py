"""What needs a case manager today: one line per student, the most pressing first."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.accounts import Role
from services.chassis.scope import Principal
from services.plans.domain.attention import Raised
from services.plans.domain.cases import Case
from services.plans.domain.following import LEAD_TO_CHOICE
from services.plans.domain.students import signer
from services.plans.pages.desk import Desk
from services.plans.pages.guards import Reader
from services.plans.pages.people import named
from services.plans.pages.showing import declined, partner
from services.plans.pages.speech import Speech
from services.plans.pages.wording import MATTERS
from services.plans.queries.lists import Waiting
from services.plans.scopes import WRITERS, scope_of


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/plans", include_in_schema=False)

    @router.get("/", name="today")
    async def today(request: Request, person: Reader) -> Response:
        manager_id = person.user_id if person.role == Role.CASE_MANAGER else None
        work = await desk.lists.today(scope_of(person), manager_id)
        speech = await desk.speech(request, person)
        return await desk.page(
            request,
            person,
            "today.html",
            here="today",
            speech=speech,
            lines=[_line(each, speech, person) for each in work.lines],
            more=work.more,
            fine=work.fine,
        )

    return router


def _line(waiting: Waiting, speech: Speech, person: Principal) -> dict[str, Any]:
    need, case, raised = waiting.need, waiting.case, waiting.need.attention
    assert raised is not None  # noqa: S101 - the list holds what waits
    state, why, look = MATTERS[raised.matter]
    hides = need.restricted and speech.masks
    today = speech.today
    return {
        "student_id": need.student_id,
        "need_id": need.need_id,
        "name": named(waiting.student, speech),
        "what": speech.category(need.facts, restricted=need.restricted),
        "why": _why(raised, why, case, speech) if not hides else "",
        "moment": speech.moment(raised.at),
        "state": speech.say(state),
        "look": look,
        "next": None if hides or person.role not in WRITERS else next_choice(waiting, today),
    }


def _why(raised: Raised, why: str, case: Case | None, speech: Speech) -> str:
    """Why a need waits; only for whoever may know of its partner."""
    last = max(case.offers, key=lambda each: each.at, default=None) if case else None
    whom = partner(case, last.offer_id if last else None, speech, hides=False)
    said = speech.tell(why, partner=whom)
    more = declined(last, speech, hides=False) if raised.matter == "declined" else ""
    return f"{said} · {more}" if more else said


def next_choice(waiting: Waiting, today: date) -> dict[str, str] | None:
    """The next eligible service, where one press is enough to ask it."""
    case, raised = waiting.case, waiting.need.attention
    if raised is None or raised.matter not in LEAD_TO_CHOICE or case is None or case.live:
        return None
    if signer(waiting.student, today) is None:
        return None
    found = next((each for each in case.untried if each.verdict == "eligible"), None)
    if found is None:
        return None
    return {"offer_id": found.offer_id, "name": found.organization_name}
