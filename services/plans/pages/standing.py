"""Asking a family for a standing permission: one signature for all partners of a kind."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from schemas.codes import ConsentClass
from services.plans.domain.standing import AskStanding
from services.plans.pages.desk import Desk, to_student
from services.plans.pages.guards import Writer
from services.plans.scopes import scope_of


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/plans", include_in_schema=False)

    @router.post("/students/{student_id}/standing", name="ask_standing")
    async def ask_standing(
        request: Request,
        student_id: str,
        person: Writer,
        key: Annotated[UUID, Form()],
        consent_class: Annotated[ConsentClass, Form()],
    ) -> Response:
        asked = AskStanding(
            key=key, scope=scope_of(person), student_id=student_id, consent_class=consent_class
        )
        await desk.plans.ask_standing(asked)
        return to_student(request, student_id)

    return router
