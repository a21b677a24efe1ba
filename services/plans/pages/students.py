"""Finding students, and the page of one: needs, candidates, what has happened, live."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.chassis.accounts import Role
from services.chassis.scope import Principal
from services.plans.domain.rights import in_force
from services.plans.domain.students import Student, signer
from services.plans.pages.desk import Desk
from services.plans.pages.guards import LedgerReader, Reader
from services.plans.pages.past import happened
from services.plans.pages.people import contacts, described, named
from services.plans.pages.questions import opened, sealed
from services.plans.pages.showing import classes_to_ask, permissions, shown
from services.plans.pages.speech import Speech
from services.plans.queries.lists import Found
from services.plans.queries.records import StudentRecord
from services.plans.scopes import WRITERS, scope_of
from services.plans.search import SHORTEST, words

TEMPLATE: Final = "student.html"
PAGES_AT_MOST: Final = 1_000
LONGEST_QUESTION: Final = 100  # letters, as the part `search` has it
LONGEST_TOKEN: Final = 1_000


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/plans", include_in_schema=False)

    @router.get("/students", name="students")
    async def students(
        request: Request,
        person: LedgerReader,
        page: Annotated[int, Query(ge=0, le=PAGES_AT_MOST)] = 0,
        found: Annotated[str, Query(max_length=LONGEST_TOKEN)] = "",
    ) -> Response:
        question = await opened(desk.process.engine.vault, person, found) if found else ""
        return await _listed(desk, request, person, question=question, number=page)

    # Posted: in an address of the browser's making, a name would stay in histories and logs.
    @router.post("/students", name="find_students")
    async def find_students(
        request: Request,
        person: LedgerReader,
        q: Annotated[str, Form(max_length=LONGEST_QUESTION)] = "",
    ) -> Response:
        path = request.app.url_path_for("students")
        if question := q.strip():
            token = await sealed(desk.process.engine.vault, person, question)
            path += f"?{urlencode({'found': token})}"
        return RedirectResponse(path, 303)

    @router.get("/students/{student_id}", name="student")
    async def student(
        request: Request,
        student_id: str,
        person: Reader,
    ) -> Response:
        context = await record_page(desk, request, person, student_id)
        return await desk.page(request, person, TEMPLATE, here="students", **context)

    @router.get("/students/{student_id}/now", name="student_now")
    async def student_now(
        request: Request,
        student_id: str,
        person: Reader,
    ) -> Response:
        context = await record_page(desk, request, person, student_id)
        return desk.fragment(request, person, TEMPLATE, "now", **context)

    return router


async def _listed(
    desk: Desk, request: Request, person: Principal, *, question: str = "", number: int = 0
) -> Response:
    """The students of a reader, or those that were asked for by name."""
    speech = await desk.speech(request, person)
    found = await _found(desk, person, question, number)
    return await desk.page(
        request,
        person,
        "students.html",
        here="students",
        speech=speech,
        question=question,
        is_short=not any(len(word) >= SHORTEST for word in words(question)),
        number=number,
        has_more=found.has_more,
        found=await _rows(desk, person, found, speech),
    )


async def _found(desk: Desk, person: Principal, question: str, page: int) -> Found:
    scope = scope_of(person)
    if question:
        return await desk.lists.search(scope, desk.marks(scope), question)
    if person.role == Role.PRIVACY_OFFICER:
        return Found(students=(), has_more=False)
    manager_id = person.user_id if person.role == Role.CASE_MANAGER else None
    return await desk.lists.caseload(scope, manager_id, page=page)


async def _rows(
    desk: Desk, person: Principal, found: Found, speech: Speech
) -> list[dict[str, Any]]:
    """Students with their open needs; whoever reads ledgers alone is shown no need."""
    is_ledger_only = person.role == Role.PRIVACY_OFFICER
    needs = {} if is_ledger_only else await desk.lists.open_needs(scope_of(person), found.students)
    return [
        {
            "student_id": each.student_id,
            "name": named(each, speech),
            "described": described(each, speech),
            "needs": ", ".join(
                speech.category(need.facts, restricted=need.restricted)
                for need in needs.get(each.student_id, ())
            ),
            "route": "ledger" if is_ledger_only else "student",
        }
        for each in found.students
    ]


async def record_page(
    desk: Desk, request: Request, person: Principal, student_id: str
) -> dict[str, Any]:
    """What the page of a student shows.

    Raises:
        Refused: `student_unknown`.
    """
    record = await desk.records.record(scope_of(person), student_id)
    zone = record.school.calendar.zone if record.school else None
    speech = await desk.speech(request, person, zone)
    student: Student = record.student
    book = in_force(record.book, student, speech.now, speech.today)
    return {
        "speech": speech,
        "student_id": student.student_id,
        "name": named(student, speech),
        "described": described(student, speech),
        "school": _school(record, speech),
        "needs": [shown(each, book, speech) for each in record.needs],
        "happenings": happened(record, speech),
        "classes": classes_to_ask(book, speech),
        "permissions": list(permissions(record, speech)),
        "contacts": contacts(student, speech),
        "may_write": person.role in WRITERS,
        "may_send": signer(student, speech.today) is not None,
        "since": round(desk.process.clocks.real().timestamp() * 1000),
    }


def _school(record: StudentRecord, speech: Speech) -> str:
    if record.school is None or record.student.is_between_schools:
        return speech.say("No school now")
    return record.school.name
