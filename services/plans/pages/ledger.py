"""Who has seen a record, in plain words; and ending a permission for a family that said so."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from schemas.codes import RECORD_WORDS
from schemas.envelope import Erased
from schemas.plans import LedgerFacts
from services.chassis.accounts import Role
from services.chassis.scope import Principal
from services.plans.domain.ledger import Entry
from services.plans.domain.signing import RevokeConsent
from services.plans.pages.desk import Desk, to_student
from services.plans.pages.guards import LedgerReader, Writer
from services.plans.pages.people import named
from services.plans.pages.showing import MASKED
from services.plans.pages.speech import Speech
from services.plans.pages.wording import (
    CHANNELS,
    DECISIONS,
    FIELDS,
    LOOKED_AT_PREVIEW,
    NOT_LISTED,
)
from services.plans.scopes import masks_parties, scope_of

SOMEBODY: Final = "Somebody"


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/plans", include_in_schema=False)

    @router.get("/students/{student_id}/ledger", name="ledger")
    async def ledger(
        request: Request,
        student_id: str,
        person: LedgerReader,
        page: Annotated[int, Query(ge=0, le=1_000)] = 0,
    ) -> Response:
        return await _ledger(desk, request, person, student_id, page=page)

    @router.post("/students/{student_id}/consents/{consent_id}/revoke", name="revoke_consent")
    async def revoke_consent(
        request: Request,
        student_id: str,
        consent_id: str,
        person: Writer,
        key: Annotated[UUID, Form()],
    ) -> Response:
        asked = RevokeConsent(
            key=key, scope=scope_of(person), student_id=student_id, consent_id=consent_id
        )
        await desk.plans.revoke_consent(asked)
        return to_student(request, student_id)

    return router


async def _ledger(
    desk: Desk, request: Request, person: Principal, student_id: str, *, page: int
) -> Response:
    scope = scope_of(person)
    student = await desk.records.student(scope, student_id)
    entries, has_older = await desk.records.ledger(scope, student_id, page=page)
    hidden = await desk.records.restricted(scope, entries) if masks_parties(person) else ()
    speech = await desk.speech(request, person)
    return await desk.page(
        request,
        person,
        "ledger.html",
        here="students",
        speech=speech,
        student_id=student_id,
        name=named(student, speech),
        entries=[_told(each, speech, hides=each.need_id in hidden) for each in entries],
        number=page,
        has_older=has_older,
        sees_plan=person.role != Role.PRIVACY_OFFICER,
    )


def _told(entry: Entry, speech: Speech, *, hides: bool) -> dict[str, Any]:
    facts = entry.facts
    if isinstance(facts, Erased):
        text = speech.say("This entry was erased with the record")
        return {**speech.moment(entry.recorded_at), "text": text, "kind": "plain"}
    is_preview = facts.kind == "preview" and facts.decision == "shown"
    said = speech.tell(
        LOOKED_AT_PREVIEW if is_preview else DECISIONS[facts.decision],
        actor=speech.say(SOMEBODY) if hides else facts.actor,
        party=facts.party if facts.party and not hides else speech.say(MASKED),
    )
    look = "stop" if facts.decision in {"denied", "withheld"} else "plain"
    parts = (
        said,
        speech.say(CHANNELS[facts.channel]) if CHANNELS[facts.channel] else "",
        speech.detail(facts.reason) if facts.decision not in {"released", "shown"} else "",
    )
    return {
        **speech.moment(entry.recorded_at),
        "text": " · ".join(each for each in parts if each),
        "more": _parts_shown(facts, speech),
        "kind": look,
    }


def _parts_shown(facts: LedgerFacts, speech: Speech) -> str:
    """What of the record it was about."""
    shown = ", ".join(
        speech.say(FIELDS[each])
        for each in facts.fields
        if each in FIELDS and each not in NOT_LISTED
    )
    return shown or ", ".join(speech.say(RECORD_WORDS[each]) for each in facts.classes)
