"""A roster brought in through the commit door: the same file twice changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.codes import ROSTER_SHRANK
from services.chassis.kernel import Command, Refused, Route
from services.chassis.mongo import Database
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.submitting import submit_all
from services.plans.caseloads import Manager, Placed
from services.plans.domain import places, students
from services.plans.domain.places import (
    RegisterDistrict,
    RegisterSchool,
    RegisterStaff,
)
from services.plans.domain.students import RegisterStudent
from services.plans.pseudonyms import Pseudonyms
from services.plans.repository.people import STAFF_COLLECTION, STUDENTS_COLLECTION
from services.plans.roster.records import StaffRole
from services.plans.search import NameMarks
from services.plans.translating import Source, Translation
from services.plans.usecases import Door

GONE_AT_MOST: Final = 0.10  # share of known students that a roster may lack
Progress = Callable[[int, int], None]

DISTRICT: Final[Route[Any, RegisterDistrict]] = Route(
    kind=places.District,
    by=lambda asked: [asked.state.district_id],
    decide=places.register_district,
)
SCHOOL: Final[Route[Any, RegisterSchool]] = Route(
    kind=places.School, by=lambda asked: [asked.state.school_id], decide=places.register_school
)
STAFF: Final[Route[Any, RegisterStaff]] = Route(
    kind=places.StaffMember,
    by=lambda asked: [asked.state.staff_id],
    decide=places.register_staff,
)
STUDENT: Final[Route[Any, RegisterStudent]] = Route(
    kind=students.Student,
    by=lambda asked: [asked.student.student_id],
    decide=students.register,
)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import brought in, changed or not."""

    district_id: str
    schools: int
    staff: int
    students: int


@dataclass(frozen=True, kw_only=True)
class Importer:
    """Brings rosters into one database; `run_id` tells two imports of the same file apart."""

    door: Door
    database: Database
    pseudonym_key: bytes
    search_key: bytes
    run_id: UUID

    async def bring_in(
        self, source: Source, progress: Progress = lambda done, total: None
    ) -> Imported:
        """Register the district, schools, staff and students, in this order.

        Raises:
            Refused: `roster_shrank`.
        """
        translation = await self.translation(source)
        await self._refuse_shrunk(translation)
        scope = Scope(district=translation.district_id)
        schools, staff = translation.schools(), translation.staff()
        first: list[tuple[Command, Route[Any, Any]]] = [
            (
                RegisterDistrict(key=self._key("d", ""), scope=scope, state=translation.district()),
                DISTRICT,
            ),
            *(
                (
                    RegisterSchool(key=self._key("s", each.school_id), scope=scope, state=each),
                    SCHOOL,
                )
                for each in schools
            ),
            *(
                (RegisterStaff(key=self._key("m", each.staff_id), scope=scope, state=each), STAFF)
                for each in staff
            ),
        ]
        await self._submit_all(first)
        total = len(source.roster.students)
        await self._submit_all(
            (
                (
                    RegisterStudent(key=self._key("p", each.student_id), scope=scope, student=each),
                    STUDENT,
                )
                for each in translation.students()
            ),
            lambda done: progress(done, total),
        )
        return Imported(
            district_id=translation.district_id,
            schools=len(schools),
            staff=len(staff),
            students=total,
        )

    async def translation(self, source: Source) -> Translation:
        """The source's records as states, beside the case managers and students known already."""
        ids = Pseudonyms(self.pseudonym_key, source.roster.district.source_id)
        rows = await self.database.collection(STAFF_COLLECTION).find(
            {"district": ids.district_id, "role": StaffRole.CASE_MANAGER.value},
            sort=(("_id", 1),),
        )
        known = [
            Manager(staff_id=each["_id"], school_ids=tuple(each["school_ids"])) for each in rows
        ]
        return Translation(
            source=source,
            ids=ids,
            marks=NameMarks(self.search_key, ids.district_id),
            known_managers=known,
            known_students=await self._placed(ids.district_id),
        )

    async def _placed(self, district_id: str) -> dict[str, Placed]:
        rows = await self.database.collection(STUDENTS_COLLECTION).find(
            {"district": district_id, "is_known": True}, fields=("school_id", "case_manager_id")
        )
        return {
            each["_id"]: Placed(
                school_id=each["school_id"], case_manager_id=each["case_manager_id"]
            )
            for each in rows
        }

    async def _refuse_shrunk(self, translation: Translation) -> None:
        rows = await self.database.collection(STUDENTS_COLLECTION).find(
            {"district": translation.district_id, "is_known": True}, fields=("_id",)
        )
        known = {row["_id"] for row in rows}
        listed = {
            translation.ids.of("student", each.source_id)
            for each in translation.source.roster.students
        }
        if known and len(known - listed) > GONE_AT_MOST * len(known):
            raise Refused(*ROSTER_SHRANK)

    def _key(self, sort: str, subject: str) -> UUID:
        return uuid5(self.run_id, f"{sort} {subject}")

    async def _submit_all(
        self,
        commands: Iterable[tuple[Command, Route[Any, Any]]],
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        submissions = (partial(self.door.submit, command, route) for command, route in commands)
        await submit_all(submissions, progress)


def importer(process: Process) -> Importer:
    """An importer at the door of a process."""
    return Importer(
        door=process.engine.committer,
        database=process.database,
        pseudonym_key=process.settings.pseudonym,
        search_key=process.settings.search,
        run_id=process.clocks.new_id(),
    )
