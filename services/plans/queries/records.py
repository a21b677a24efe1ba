"""One student's record: needs with candidates and offers, consents, timeline, ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas import codes
from services.chassis.kernel import Refused
from services.chassis.scope import Scope
from services.plans.domain.cases import Case
from services.plans.domain.consents import Consent, ConsentBook, blank
from services.plans.domain.districts import District, School, StaffMember
from services.plans.domain.ledger import Entry
from services.plans.domain.needs import Need
from services.plans.domain.students import Student
from services.plans.domain.timeline import Timeline
from services.plans.queries.reading import ROWS_AT_MOST, Reading
from services.plans.repository.consents import BOOKS, ENTRIES
from services.plans.repository.needs import CASES, NEEDS, TIMELINES
from services.plans.repository.people import DISTRICTS, SCHOOLS, STAFF, STUDENTS


@dataclass(frozen=True, kw_only=True)
class NeedRecord:
    """A need with what became of it."""

    need: Need
    case: Case | None
    timeline: Timeline | None


@dataclass(frozen=True, kw_only=True)
class StudentRecord:
    """A student with everything that the page shows."""

    student: Student
    school: School | None
    manager: StaffMember | None
    book: ConsentBook
    needs: Sequence[NeedRecord]
    standing: Sequence[tuple[Consent, Timeline]]  # permissions that are tied to no need


class Records:
    """Reads records under the scope of whoever looks."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def student(self, scope: Scope, student_id: str) -> Student:
        """One student.

        Raises:
            Refused: `student_unknown`, also for one that may not be seen.
        """
        student = await self._reading.get(STUDENTS, scope, student_id)
        if student is None or not student.is_known:
            raise Refused(*codes.STUDENT_UNKNOWN)
        return student

    async def record(self, scope: Scope, student_id: str) -> StudentRecord:
        """A student with needs, newest first.

        Raises:
            Refused: `student_unknown`.
        """
        student = await self.student(scope, student_id)
        district = scope.only()
        needs = await self._reading.find(
            NEEDS, district, {"student_id": student_id}, sort=(("identified_at", -1),)
        )
        cases = await self._reading.by_id(
            CASES, district, (each.referral_id for each in needs if each.referral_id)
        )
        found = await self._reading.get(BOOKS, district, student_id)
        book = found or blank(student_id, scope.district)
        standing = [each for each in book.consents if each.is_standing]
        told = [*(each.need_id for each in needs), *(each.need_id for each in standing)]
        lines = await self._reading.by_id(TIMELINES, district, told)
        school = await self._reading.get(SCHOOLS, district, student.school_id)
        manager = await self._reading.get(STAFF, district, student.case_manager_id)
        return StudentRecord(
            student=student,
            school=school,
            manager=manager,
            book=book,
            needs=[
                NeedRecord(
                    need=each,
                    case=cases.get(each.referral_id or ""),
                    timeline=lines.get(each.need_id),
                )
                for each in needs
            ],
            standing=[(each, lines[each.need_id]) for each in standing if each.need_id in lines],
        )

    async def need(self, scope: Scope, need_id: str) -> tuple[Need, Case | None]:
        """One need with its referral, for whoever may see its student.

        A need that has ended stays with the school it ended at, and its student may have left that.

        Raises:
            Refused: `need_unknown`.
        """
        need = await self._reading.get(NEEDS, scope.only(), need_id)
        whose = need.student_id if need else None
        if need is None or await self._reading.get(STUDENTS, scope, whose) is None:
            raise Refused(*codes.NEED_UNKNOWN)
        return need, await self._reading.get(CASES, scope.only(), need.referral_id)

    async def ledger(self, scope: Scope, student_id: str, *, page: int) -> tuple[list[Entry], bool]:
        """Entries of a student, newest first, and whether there are older ones."""
        found = await self._reading.find(
            ENTRIES,
            scope.only(),
            {"student_id": student_id},
            sort=(("number", -1),),
            limit=ROWS_AT_MOST + 1,
            skip=page * ROWS_AT_MOST,
        )
        return found[:ROWS_AT_MOST], len(found) > ROWS_AT_MOST

    async def restricted(self, scope: Scope, entries: Iterable[Entry]) -> frozenset[str]:
        """Needs that entries are about and that are restricted, or no longer known."""
        about = {each.need_id for each in entries if each.need_id}
        needs = await self._reading.by_id(NEEDS, scope.only(), about)
        return frozenset(each for each in about if each not in needs or needs[each].restricted)

    async def school(self, scope: Scope, school_id: str | None) -> School | None:
        """A school by its id."""
        return await self._reading.get(SCHOOLS, scope.only(), school_id)

    async def schools(self, scope: Scope, ids: frozenset[str]) -> list[School]:
        """Schools by their ids."""
        return list((await self._reading.by_id(SCHOOLS, scope.only(), ids)).values())

    async def district(self, scope: Scope) -> District | None:
        """The district itself."""
        return await self._reading.get(DISTRICTS, scope.only(), scope.district)

    async def watchable(self, scope: Scope, ids: frozenset[str]) -> frozenset[str]:
        """Of some ids, those of students that may be seen."""
        return frozenset(await self._reading.by_id(STUDENTS, scope, ids))
