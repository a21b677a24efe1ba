"""Steps on the way through, for tests that begin further on than its first one."""

from typing import Any
from uuid import UUID, uuid5

from deploy.checker.outside import until
from services.chassis.kernel import NAMESPACE
from services.plans.domain.acts import ChoosePartner
from services.plans.domain.needs import Need, WriteNeed
from services.plans.domain.students import Student
from services.plans.repository.consents import BOOKS, ENTRIES
from services.plans.repository.needs import CASES, NEEDS
from services.plans.repository.people import STUDENTS
from services.plans.usecases import need_id_of
from tests.integration.plans.rosters import offered, opened
from tests.integration.plans.stage import Stage


def key_of(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


async def a_student(stage: Stage, number: int = 0) -> Student:
    found = await stage.reading.find(STUDENTS, stage.scope, {}, sort=(("_id", 1),))
    return found[number]


def a_writing(stage: Stage, student: Student, name: str = "first") -> WriteNeed:
    key = key_of(name)
    return WriteNeed(
        key=key,
        scope=stage.scope,
        need_id=need_id_of(key),
        student_id=student.student_id,
        category="enrich.tutoring",
        summary="Help with homework",
        urgency="routine",
    )


async def a_need(stage: Stage, student: Student, name: str = "first") -> Need:
    return await stage.plans.write_need(a_writing(stage, student, name))


async def a_chosen(stage: Stage, student: Student) -> Need:
    """A need whose first candidate was chosen, and whose family was asked."""
    need = await a_need(stage, student)
    await stage.say(*opened(need, now(stage)))
    await stage.until(NEEDS, need.need_id, lambda it: it.attention, "candidates arrive")
    await stage.until(CASES, f"referral-{need.need_id}", lambda it: it.candidates, "and are kept")
    asked = ChoosePartner(
        key=key_of("choice"), scope=stage.scope, need_id=need.need_id, offer_id="offer-0"
    )
    need = await stage.plans.choose_partner(asked)
    await stage.until(BOOKS, student.student_id, lambda it: it.consents, "the family is asked")
    await stage.say(offered(need, now(stage), answers=need.acts[0].act_id))
    return need


def now(stage: Stage) -> Any:
    return stage.process.clocks.business()


async def until_entries(stage: Stage, student: Student, count: int) -> list[Any]:
    found: list[Any] = []

    async def met() -> bool:
        found[:] = await stage.reading.find(
            ENTRIES, stage.scope, {"student_id": student.student_id}, sort=(("number", 1),)
        )
        return len(found) == count

    await until(met, f"{count} entries in the ledger")
    return found
