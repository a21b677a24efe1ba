"""Lists of case managers and supervisors: what needs them today, their students, a search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.envelope import Erased
from services.chassis.scope import Scope
from services.plans.domain.cases import Case
from services.plans.domain.needs import Need
from services.plans.domain.students import Student
from services.plans.queries.reading import ROWS_AT_MOST, Reading
from services.plans.repository.needs import CASES, NEEDS, WAITING
from services.plans.repository.people import STUDENTS
from services.plans.search import NameMarks, answers

LINES: Final = 15  # of the work list, one per student
LOOKED_AT: Final = 200  # needs or students read to fill a list


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One line of the work list: the most pressing need of a student."""

    student: Student
    need: Need
    case: Case | None


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """What needs somebody today. `more`: students after these lines, of those that were looked at.

    `fine` counts students of whom nothing waits; none where not all that waits was looked at.
    """

    lines: Sequence[Waiting]
    more: int
    fine: int | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """Students of a list, sorted by name; there may be more."""

    students: Sequence[Student]
    has_more: bool


class Lists:
    """Reads lists under the scope of whoever looks."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def today(self, scope: Scope, manager_id: str | None) -> WorkList:
        """The most pressing need of each student, worst first; of one caseload, or of all seen."""
        whose = _whose(manager_id)
        waiting = await self._reading.found(
            NEEDS,
            scope,
            {**whose, **WAITING},
            fields=("student_id",),
            sort=(("attention_rank", 1), ("_id", 1)),
            limit=LOOKED_AT,
        )
        first: dict[str, str] = {}  # need ids by student
        for row in waiting:
            first.setdefault(row["student_id"], row["_id"])
        wanted = list(first.values())[:LINES]
        needs = await self._reading.by_id(NEEDS, scope, wanted)
        shown = [needs[each] for each in wanted if each in needs]
        students = await self._reading.by_id(STUDENTS, scope, (each.student_id for each in shown))
        cases = await self._cases(scope, shown)
        fine = None
        if len(waiting) < LOOKED_AT:
            everybody = await self._reading.count(STUDENTS, scope, {**whose, "is_known": True})
            fine = max(everybody - len(first), 0)
        return WorkList(
            lines=[
                Waiting(
                    student=students[each.student_id],
                    need=each,
                    case=cases.get(each.referral_id or ""),
                )
                for each in shown
                if each.student_id in students
            ],
            more=len(first) - len(wanted),
            fine=fine,
        )

    async def _cases(self, scope: Scope, needs: Sequence[Need]) -> dict[str, Case]:
        ids = [each.referral_id for each in needs if each.referral_id]
        return await self._reading.by_id(CASES, scope.only(), ids)

    async def search(self, scope: Scope, marks: NameMarks, question: str) -> Found:
        """Students whose names begin so, sorted by name once they are opened."""
        asked = marks.of_question(question)
        if not asked:
            return Found(students=(), has_more=False)
        found = await self._reading.find(
            STUDENTS, scope, {"name_marks": {"$all": asked}}, limit=LOOKED_AT
        )
        fitting = [each for each in found if answers(question, _names(each))]
        students = sorted(fitting, key=_by_name)
        has_more = len(students) > ROWS_AT_MOST or len(found) == LOOKED_AT
        return Found(students=students[:ROWS_AT_MOST], has_more=has_more)

    async def caseload(self, scope: Scope, manager_id: str | None, *, page: int) -> Found:
        """Students of a caseload, or of all schools seen; each page is sorted by name."""
        found = await self._reading.find(
            STUDENTS,
            scope,
            {**_whose(manager_id), "is_known": True},
            sort=(("_id", 1),),
            limit=ROWS_AT_MOST + 1,
            skip=page * ROWS_AT_MOST,
        )
        shown = sorted(found[:ROWS_AT_MOST], key=_by_name)
        return Found(students=shown, has_more=len(found) > ROWS_AT_MOST)

    async def open_needs(self, scope: Scope, students: Sequence[Student]) -> dict[str, list[Need]]:
        """Open needs of students by student."""
        ids = [each.student_id for each in students]
        needs = await self._reading.find(
            NEEDS,
            scope.only(),
            {"student_id": {"$in": ids}, "open": True},
            limit=LOOKED_AT,
        )
        by_student: dict[str, list[Need]] = {}
        for need in needs:
            by_student.setdefault(need.student_id, []).append(need)
        return by_student


def _whose(manager_id: str | None) -> dict[str, Any]:
    return {"case_manager_id": manager_id} if manager_id else {}


def _names(student: Student) -> list[str]:
    facts = student.facts
    if isinstance(facts, Erased):
        return []
    return [facts.first_name, facts.preferred_name or "", facts.surname]


def _by_name(student: Student) -> tuple[str, str, str]:
    facts = student.facts
    if isinstance(facts, Erased):
        return ("", "", student.student_id)
    return (facts.surname.casefold(), facts.called.casefold(), student.student_id)
