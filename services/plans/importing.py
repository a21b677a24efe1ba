"""A roster brought in through the commit door: the same file twice changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.codes import ROSTER_SHRANK
from schemas.envelope import Erased
from services.chassis.kernel import Command, Refused, Route
from services.chassis.mongo import Database
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.submitting import submit_all
from services.chassis.vault import Vault
from services.plans.caseloads import Manager, Placed
from services.plans.domain import districts, students
from services.plans.domain.districts import (
    District,
    LeaveStaff,
    RegisterDistrict,
    RegisterSchool,
    RegisterStaff,
    School,
    StaffMember,
)
from services.plans.domain.students import LeaveSchool, RegisterStudent
from services.plans.pseudonyms import Pseudonyms
from services.plans.queries.reading import Reading
from services.plans.repository.people import (
    DISTRICTS,
    STAFF_COLLECTION,
    STUDENTS,
    STUDENTS_COLLECTION,
)
from services.plans.roster.records import StaffRole
from services.plans.search import NameMarks
from services.plans.translating import Source, Translation
from services.plans.usecases import Door

GONE_AT_MOST: Final = 0.10  # share of active students that a roster may lack
AT_SCHOOL: Final[Mapping[str, object]] = {
    "is_known": True,
    "school_id": {"$ne": None},
    "is_between_schools": {"$ne": True},
}
Progress = Callable[[int, int], None]
Statement = tuple[Command, Route[Any, Any]]

DISTRICT: Final[Route[Any, RegisterDistrict]] = Route(
    kind=districts.District,
    by=lambda asked: [asked.state.district_id],
    decide=districts.register_district,
)
SCHOOL: Final[Route[Any, RegisterSchool]] = Route(
    kind=districts.School,
    by=lambda asked: [asked.state.school_id],
    decide=districts.register_school,
)
STAFF: Final[Route[Any, RegisterStaff]] = Route(
    kind=districts.StaffMember,
    by=lambda asked: [asked.state.staff_id],
    decide=districts.register_staff,
)
LEAVE_STAFF: Final[Route[Any, LeaveStaff]] = Route(
    kind=districts.StaffMember, by=lambda asked: [asked.staff_id], decide=districts.leave_staff
)
STUDENT: Final[Route[Any, RegisterStudent]] = Route(
    kind=students.Student,
    by=lambda asked: [asked.student.student_id],
    decide=students.register,
)
LEAVE: Final[Route[Any, LeaveSchool]] = Route(
    kind=students.Student, by=lambda asked: [asked.student_id], decide=students.leave_school
)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import brought in, changed or not."""

    district_id: str
    schools: Mapping[str, str]  # names by id
    staff: int
    students: int


@dataclass(frozen=True, kw_only=True)
class Importer:
    """Brings rosters into one database; `run_id` tells two imports of the same file apart."""

    door: Door
    database: Database
    vault: Vault
    pseudonym_key: bytes
    search_key: bytes
    run_id: UUID

    async def bring_in(
        self,
        source: Source,
        progress: Progress = lambda done, total: None,
        *,
        confirm_drop: bool = False,
        change_time_zone: bool = False,
    ) -> Imported:
        """Register the district, schools, staff and students, in this order.

        Raises:
            Refused: `roster_shrank`, unless such a drop is meant; as `translation`.
        """
        translation = await self.translation(source, change_time_zone=change_time_zone)
        gone = await self._gone(translation, confirm_drop=confirm_drop)
        schools, staff = translation.schools(), translation.staff()
        total = len(source.roster.students)
        await self._submit_all(self._places(translation, schools, staff))
        await self._submit_all(self._students(translation), lambda done: progress(done, total))
        await self._submit_all(self._leavers(translation, gone))
        return Imported(
            district_id=translation.district_id,
            schools={each.school_id: each.name for each in schools},
            staff=len(staff),
            students=total,
        )

    def _places(
        self, translation: Translation, schools: Iterable[School], staff: Iterable[StaffMember]
    ) -> Iterator[Statement]:
        """The district first: what it decides holds for its schools and people."""
        scope = Scope(district=translation.district_id)
        key, district = self._key("d", ""), translation.district()
        yield RegisterDistrict(key=key, scope=scope, state=district), DISTRICT
        for school in schools:
            key = self._key("s", school.school_id)
            yield RegisterSchool(key=key, scope=scope, state=school), SCHOOL
        for member in staff:
            key = self._key("m", member.staff_id)
            yield RegisterStaff(key=key, scope=scope, state=member), STAFF

    def _students(self, translation: Translation) -> Iterator[Statement]:
        """One at a time: a large roster is not held a second time as commands."""
        scope = Scope(district=translation.district_id)
        for each in translation.students():
            key = self._key("p", each.student_id)
            yield RegisterStudent(key=key, scope=scope, student=each), STUDENT

    def _leavers(self, translation: Translation, gone: Iterable[str]) -> Iterator[Statement]:
        scope = Scope(district=translation.district_id)
        for each in sorted(gone):
            yield LeaveSchool(key=self._key("l", each), scope=scope, student_id=each), LEAVE

    async def translation(self, source: Source, *, change_time_zone: bool = False) -> Translation:
        """The source's records as states, beside the case managers and students known already.

        Raises:
            Refused: `time_zone_missing`; `time_zone_other`, unless such a change is meant.
        """
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
            time_zone=districts.time_zone(
                await self._district(ids.district_id),
                source.roster.district.time_zone,
                is_meant=change_time_zone,
            ),
            marks=NameMarks(self.search_key, ids.district_id),
            known_managers=known,
            known_students=await self._placed(ids.district_id),
        )

    async def _district(self, district_id: str) -> District | None:
        reading = Reading(self.database, self.vault)
        return await reading.get(DISTRICTS, Scope(district=district_id), district_id)

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

    async def _gone(self, translation: Translation, *, confirm_drop: bool) -> set[str]:
        """Students who are at a school so far, and whom the roster does not list."""
        scope = Scope(district=translation.district_id)
        rows = await self.database.collection(STUDENTS_COLLECTION).find(
            {**scope.filter(), **AT_SCHOOL}, fields=("_id",)
        )
        active = {row["_id"] for row in rows}
        gone = active - {
            translation.ids.of("student", each.source_id)
            for each in translation.source.roster.students
        }
        found = await Reading(self.database, self.vault).by_id(STUDENTS, scope, gone)
        erased = {id for id, each in found.items() if isinstance(each.facts, Erased)}
        is_shrunk = len(gone - erased) > GONE_AT_MOST * len(active - erased)
        if is_shrunk and not confirm_drop:
            raise Refused(*ROSTER_SHRANK)
        return gone

    def _key(self, sort: str, subject: str) -> UUID:
        return uuid5(self.run_id, f"{sort} {subject}")

    async def _submit_all(
        self,
        commands: Iterable[Statement],
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        submissions = (partial(self.door.submit, command, route) for command, route in commands)
        await submit_all(submissions, progress)


def importer(process: Process) -> Importer:
    """An importer at the door of a process."""
    return Importer(
        door=process.engine.committer,
        database=process.database,
        vault=process.engine.vault,
        pseudonym_key=process.settings.pseudonym,
        search_key=process.settings.search,
        run_id=process.clocks.new_id(),
    )
