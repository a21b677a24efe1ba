"""Writing a need, sending it to a partner, withdrawing it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from schemas.codes import CATEGORIES, CATEGORY_WORDS
from services.chassis.scope import Principal
from services.plans.domain.acts import ChoosePartner
from services.plans.domain.needs import WithdrawCode, WithdrawNeed, WriteNeed
from services.plans.domain.students import Student
from services.plans.pages.desk import Desk, to_student
from services.plans.pages.guards import Writer
from services.plans.pages.need_form import Filled, checked, prefilled
from services.plans.pages.people import described, named
from services.plans.pages.speech import Speech
from services.plans.pages.wording import WEEKDAYS, family_of
from services.plans.scopes import scope_of
from services.plans.usecases import need_id_of


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/plans", include_in_schema=False)
    _add_writing(router, desk)
    _add_acts(router, desk)
    return router


def _add_writing(router: APIRouter, desk: Desk) -> None:
    @router.get("/students/{student_id}/needs/new", name="new_need")
    async def new_need(request: Request, student_id: str, person: Writer) -> Response:
        return await _form(desk, request, person, student_id)

    @router.post("/students/{student_id}/needs", name="write_need")
    async def write_need(
        request: Request,
        student_id: str,
        person: Writer,
        key: Annotated[UUID, Form()],
        filled: Annotated[Filled, Form()],
    ) -> Response:
        errors = checked(filled, await _today(desk, request, person, student_id, filled))
        if errors:
            return await _form(desk, request, person, student_id, filled=filled, errors=errors)
        asked = WriteNeed(
            key=key,
            scope=scope_of(person),
            need_id=need_id_of(key),
            student_id=student_id,
            **filled.asked(),
        )
        await desk.plans.write_need(asked)
        return to_student(request, student_id)


def _add_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/needs/{need_id}/choose", name="choose_partner")
    async def choose_partner(
        request: Request,
        need_id: str,
        person: Writer,
        key: Annotated[UUID, Form()],
        offer_id: Annotated[str, Form(max_length=64)],
    ) -> Response:
        asked = ChoosePartner(key=key, scope=scope_of(person), need_id=need_id, offer_id=offer_id)
        need = await desk.plans.choose_partner(asked)
        return to_student(request, need.student_id)

    @router.post("/needs/{need_id}/withdraw", name="withdraw_need")
    async def withdraw_need(
        request: Request,
        need_id: str,
        person: Writer,
        key: Annotated[UUID, Form()],
        code: Annotated[WithdrawCode, Form()] = "staff-decision",
    ) -> Response:
        asked = WithdrawNeed(key=key, scope=scope_of(person), need_id=need_id, code=code)
        need = await desk.plans.withdraw_need(asked)
        return to_student(request, need.student_id)


async def _speech(desk: Desk, request: Request, person: Principal, student: Student) -> Speech:
    """Words and days as they are at the student's school."""
    school = await desk.records.school(scope_of(person), student.school_id)
    return await desk.speech(request, person, school.calendar.zone if school else None)


async def _today(
    desk: Desk, request: Request, person: Principal, student_id: str, filled: Filled
) -> date:
    """The day at the school, looked up only where a day was typed: most forms have none."""
    if not filled.wanted_from:
        return desk.process.clocks.business().date()
    student = await desk.records.student(scope_of(person), student_id)
    return (await _speech(desk, request, person, student)).today


async def _form(
    desk: Desk,
    request: Request,
    person: Principal,
    student_id: str,
    *,
    filled: Filled | None = None,
    errors: Sequence[tuple[str, str]] = (),
) -> Response:
    """The form of a need; after a mistake with what was filled in."""
    student = await desk.records.student(scope_of(person), student_id)
    speech = await _speech(desk, request, person, student)
    return await desk.page(
        request,
        person,
        "write_need.html",
        here="students",
        status=422 if errors else 200,
        speech=speech,
        filled=filled or prefilled(student),
        errors=[(name, speech.say(each)) for name, each in errors],
        **_choices(student, speech),
    )


def _choices(student: Student, speech: Speech) -> dict[str, Any]:
    return {
        "student_id": student.student_id,
        "name": named(student, speech),
        "described": described(student, speech),
        "language": speech.language(student.language),
        "categories": [
            (each, f"{speech.say(family_of(each))}: {speech.say(CATEGORY_WORDS[each])}")
            for each in CATEGORIES
        ],
        "weekdays": [(str(n), speech.say(day)) for n, day in enumerate(WEEKDAYS[:6], 1)],
    }
