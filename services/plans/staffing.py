"""Members of staff as an operator names them one by one, at schools that a roster brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from schemas.envelope import Erased
from schemas.plans import StaffCard
from services.chassis.kernel import Refused
from services.chassis.process import Process
from services.chassis.scope import Principal, Scope
from services.plans.domain.districts import LeaveStaff, RegisterStaff, StaffMember
from services.plans.importing import LEAVE_STAFF, STAFF
from services.plans.queries.reading import Reading
from services.plans.repository import people

NAMED: Final = 12  # of what is known, in one sentence
ACTOR: Final = "operator"


@dataclass(frozen=True)
class Staffing:
    """At the door of a process; what is said twice is said once."""

    process: Process

    async def enter(
        self, person: Principal, *, email: str | None = None, phone: str | None = None
    ) -> None:
        """Say who somebody is and where; channels that are not given stay as they are.

        The next roster gives a case manager students of these schools.

        Raises:
            Refused: `district_unknown`, `school_unknown`; each names what is known.
        """
        await self._require(person.district, person.school_ids)
        card = await self._card(person)
        member = StaffMember(
            staff_id=person.user_id,
            district=person.district,
            role=person.role,
            school_ids=tuple(sorted(person.school_ids)),
            facts=StaffCard(
                name=person.name,
                email=email or card.email,
                work_phone=phone or card.work_phone,
            ),
        )
        asked = RegisterStaff(key=self._key(), scope=_scope(person), state=member)
        await self.process.engine.committer.submit(asked, STAFF)

    async def leave(self, person: Principal) -> None:
        """Somebody works here no more: the next roster gives their students to others."""
        asked = LeaveStaff(key=self._key(), scope=_scope(person), staff_id=person.user_id)
        await self.process.engine.committer.submit(asked, LEAVE_STAFF)

    async def _card(self, person: Principal) -> StaffCard:
        reading = Reading(self.process.database, self.process.engine.vault)
        known = await reading.get(people.STAFF, _scope(person), person.user_id)
        nothing = StaffCard(name=person.name)
        return nothing if known is None or isinstance(known.facts, Erased) else known.facts

    async def _require(self, district: str, school_ids: Iterable[str]) -> None:
        rows = self.process.database.collection(people.DISTRICTS.collection)
        districts = {row["_id"]: row["name"] for row in await rows.find({}, fields=("name",))}
        if district not in districts:
            raise Refused("district_unknown", _unknown("district", district, districts))
        rows = self.process.database.collection(people.SCHOOLS.collection)
        here = await rows.find(Scope(district=district).filter(), fields=("name",))
        schools = {row["_id"]: row["name"] for row in here}
        for school_id in school_ids:
            if school_id not in schools:
                raise Refused("school_unknown", _unknown("school", school_id, schools))

    def _key(self) -> UUID:
        return self.process.clocks.new_id()


def _scope(person: Principal) -> Scope:
    return Scope(district=person.district, actor=ACTOR)


def _unknown(what: str, given: str, known: Mapping[str, str]) -> str:
    """One sentence that says what there is instead."""
    if not known:
        return f"There is no {what} {given}, nor any other: import a roster first."
    named = [f"{id} ({name})" for id, name in sorted(known.items(), key=lambda each: each[1])]
    more = [f"{len(named) - NAMED} more"] if len(named) > NAMED else []
    return f"There is no {what} {given}; there is {', '.join([*named[:NAMED], *more])}."
