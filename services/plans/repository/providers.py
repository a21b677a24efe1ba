"""What decisions of one batch share: school days, sizes of cells, the key of the ledger."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.codes import GradeBand
from services.chassis.kernel import Tick
from services.chassis.messages import Message
from services.chassis.mongo import Database, Session
from services.chassis.wiring import Fixed, Provider, ReadOnly
from services.plans.domain.acts import ChoosePartner
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.needs import WriteNeed
from services.plans.domain.previews import BANDS, SMALL, Cell, Cells, band_of
from services.plans.domain.school_days import SchoolDays
from services.plans.repository.needs import NEEDS
from services.plans.repository.people import (
    SCHOOLS_COLLECTION,
    STUDENTS_COLLECTION,
    calendar_of,
)

FIRST_GRADE: Final = -1
COUNTED_SECONDS: Final = 60.0
COUNTED_AT_MOST: Final = 10_000


class SchoolDaysProvider(ReadOnly):
    """Reads the calendar of the school of each student that a batch is about."""

    def __init__(self, database: Database) -> None:
        self._students = database.collection(STUDENTS_COLLECTION)
        self._schools = database.collection(SCHOOLS_COLLECTION)
        self._needs = database.collection(NEEDS.collection)

    async def load(self, session: Session, messages: Sequence[Message]) -> SchoolDays:
        """Read once for the batch."""
        ids = await self._students_of(session, [each.body for each in messages])
        found = await self._students.find(
            {"_id": {"$in": sorted(ids)}}, session=session, fields=("school_id",)
        )
        school_of = {row["_id"]: row.get("school_id") for row in found}
        wanted = sorted({each for each in school_of.values() if each})
        schools = await self._schools.find(
            {"_id": {"$in": wanted}}, session=session, fields=("calendar",)
        )
        calendars = {row["_id"]: calendar_of(row["calendar"]) for row in schools}
        return SchoolDays(
            {who: calendars[school] for who, school in school_of.items() if school in calendars}
        )

    async def _students_of(self, session: Session, asked: Sequence[Any]) -> set[str]:
        """Those named; of needs that are, as a choice names its need alone; of clocks of a book."""
        named = {each.student_id for each in asked if hasattr(each, "student_id")}
        named |= {each.subject for each in asked if isinstance(each, Tick)}
        chosen = sorted({each.need_id for each in asked if isinstance(each, ChoosePartner)})
        if not chosen:
            return named
        rows = await self._needs.find(
            {"_id": {"$in": chosen}}, session=session, fields=("student_id",)
        )
        return named | {row["student_id"] for row in rows if "student_id" in row}


class Description(NamedTuple):
    """What a Preview would say of a student: those who share it are counted once."""

    district: str
    language: str | None
    band: GradeBand | None
    area: str | None


class CellsProvider(ReadOnly):
    """Counts, up to ten, the students who share a description with those a need is written for.

    A count stands for a minute: a cell of ten becomes one of nine by a move, not from a need to
    the next, and many needs of one school share a few descriptions.
    """

    def __init__(self, database: Database, monotonic: Callable[[], float]) -> None:
        self._students = database.collection(STUDENTS_COLLECTION)
        self._monotonic = monotonic
        self._counted: dict[Description, tuple[float, Cell]] = {}

    async def load(self, session: Session, messages: Sequence[Message]) -> Cells:
        """Count once for the batch."""
        asked = [each.body for each in messages if isinstance(each.body, WriteNeed)]
        ids = sorted({each.student_id for each in asked})
        rows = await self._students.find(
            {"_id": {"$in": ids}},
            session=session,
            fields=("district", "grade", "language", "area"),
        )
        spoken = {each.student_id: each.language for each in asked if each.language}
        described = {
            row["_id"]: Description(
                district=row["district"],
                language=spoken.get(row["_id"]) or row.get("language"),
                band=band_of(row.get("grade")),
                area=row.get("area"),
            )
            for row in rows
            if "district" in row
        }
        cells = {each: await self._cell(each, session) for each in set(described.values())}
        return Cells({who: cells[said] for who, said in described.items()})

    async def _cell(self, said: Description, session: Session) -> Cell:
        now = self._monotonic()
        counted_at, cell = self._counted.get(said, (-COUNTED_SECONDS, None))
        if cell is None or now - counted_at >= COUNTED_SECONDS:
            cell = await self._count_cell(said, session)
            if len(self._counted) >= COUNTED_AT_MOST:  # what people type is part of it
                self._counted.clear()
            self._counted[said] = now, cell
        return cell

    async def _count_cell(self, said: Description, session: Session) -> Cell:
        alike = {
            "district": said.district,
            "language": said.language,
            "grade": {"$in": grades_in(said.band)},
            "is_between_schools": {"$ne": True},  # among those who left nobody is hidden
        }
        in_zone = await self._count({**alike, "area": said.area}, session)
        return Cell(
            in_zone=in_zone,
            in_district=in_zone if in_zone >= SMALL else await self._count(alike, session),
        )

    async def _count(self, alike: Mapping[str, Any], session: Session) -> int:
        return len(
            await self._students.find(alike, session=session, limit=SMALL, fields=("district",))
        )


def grades_in(band: GradeBand | None) -> list[int | None]:
    """All grades of a band; an unknown grade stands beside other unknown ones."""
    if band is None:
        return [None]
    return [each for each in range(FIRST_GRADE, BANDS[-1][0] + 1) if band_of(each) == band]


def providers(
    database: Database, ledger_key: bytes, monotonic: Callable[[], float]
) -> Mapping[type, Provider]:
    """Every provider of this service."""
    return {
        SchoolDays: SchoolDaysProvider(database),
        Cells: CellsProvider(database, monotonic),
        LedgerKey: Fixed(LedgerKey(ledger_key)),
    }
