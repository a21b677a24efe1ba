"""Two services with a family that both know, and events as the outside check reads them."""

from datetime import UTC, date, datetime
from typing import Final

from deploy.checker.told import Told
from schemas.envelope import Event
from schemas.plans import Channel
from services.chassis.days import Calendar
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.previews import Cell, Cells
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.students import Contact, ContactFacts, Student, StudentFacts
from services.plans.handlers import TABLES as OF_PLANS
from services.referrals.domain.districts import District, Districts
from services.referrals.domain.doubts import Doubts, Freshness
from services.referrals.domain.index import Directories
from services.referrals.domain.seat_book import SeatBook
from services.referrals.handlers import TABLES as OF_REFERRALS
from tests.unit.between.slow_door import SlowDoor
from tests.unit.referrals.builders import a_directory, a_service, seats

NOW: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)
DISTRICT: Final = "district"
STUDENT_ID: Final = "student"
MOTHER, FATHER = "mother", "father"


def a_family(*, barred: bool) -> Student:
    def contact(contact_id: str, *, limited: bool = False) -> Contact:
        return Contact(
            contact_id=contact_id,
            is_guardian="yes",
            notify="news",
            restrictions=frozenset({"no-contact"} if limited else ()),
            facts=ContactFacts(
                name=contact_id,
                relation="parent",
                channels=(Channel(kind="phone", value="+16175550100", may_text=True),),
            ),
        )

    return Student(
        student_id=STUDENT_ID,
        district=DISTRICT,
        school_id="school",
        case_manager_id="manager",
        grade=3,
        language="es",
        area="harbor",
        contacts=(contact(MOTHER, limited=barred), contact(FATHER)),
        facts=StudentFacts(first_name="Ada", surname="Tide", birth_date=date(2018, 3, 2)),
    )


def a_slow_door(of_district: District, services: int) -> SlowDoor:
    """Both services with a directory of some services that all fit, two places each."""
    door = SlowDoor((OF_PLANS, OF_REFERRALS), DISTRICT, NOW)
    offered = tuple(a_service(f"s{n}") for n in range(1, services + 1))
    door.shared = {
        SchoolDays: SchoolDays({STUDENT_ID: Calendar(zone="America/New_York")}),
        Cells: Cells({STUDENT_ID: Cell(in_zone=40, in_district=40)}),
        LedgerKey: LedgerKey(b"key"),
        Directories: Directories({DISTRICT: a_directory(*offered)}),
        SeatBook: SeatBook(seats={each.service_id: seats(each.service_id) for each in offered}),
        Districts: Districts({DISTRICT: of_district}),
        Doubts: Doubts(),
        Freshness: Freshness(),
    }
    return door


def as_seen(number: int, event: Event) -> Told:
    """An event as the outside check reads it."""
    return Told(
        topic=event.TOPIC,
        id=str(number),
        type=event.TYPE,
        source="",
        subject=event.subject,
        sequence=number,
        value=event.model_dump(mode="json", exclude={"sealed"}),
    )
