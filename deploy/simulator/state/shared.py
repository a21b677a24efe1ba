"""What decisions share, read from what a memory door holds instead of from databases."""

from collections import Counter

from deploy.simulator.state.door import MemoryDoor
from services.plans.domain.districts import School
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.previews import Cell, Cells, band_of
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.students import Student
from services.referrals.domain import districts as districts_of_referrals
from services.referrals.domain.directory import Organization, Service, offerings
from services.referrals.domain.districts import Districts
from services.referrals.domain.doubts import Doubts, Freshness
from services.referrals.domain.index import Directories, Directory
from services.referrals.domain.seat_book import SeatBook
from services.referrals.domain.seats import Seats


def share(door: MemoryDoor, district: str, *, version: int, ledger: bytes) -> None:
    """Give the door what decisions about needs share, once people and partners are there."""
    organizations = {each.organization_id: each for each in door.all(Organization)}
    directory = Directory(version, offerings(tuple(door.all(Service)), organizations))
    schools = {each.school_id: each for each in door.all(districts_of_referrals.School)}
    settings = {each.district: each for each in door.all(districts_of_referrals.District)}
    door.shared |= {
        SchoolDays: school_days(door),
        Cells: cells(door.all(Student)),
        LedgerKey: LedgerKey(ledger),
        Directories: Directories({district: directory}),
        SeatBook: SeatBook(seats={each.service_id: each for each in door.all(Seats)}),
        Districts: Districts(settings, schools),
        Doubts: Doubts(),
        Freshness: Freshness(),
    }


def school_days(door: MemoryDoor) -> SchoolDays:
    """The calendar of each student's school."""
    calendars = {each.school_id: each.calendar for each in door.all(School)}
    return SchoolDays(
        {
            each.student_id: calendars[each.school_id]
            for each in door.all(Student)
            if each.school_id in calendars
        }
    )


def cells(students: list[Student]) -> Cells:
    """How many share each student's description."""
    described = {
        each.student_id: (each.language, band_of(each.grade), each.area) for each in students
    }
    in_zone = Counter(described.values())
    in_district = Counter(said[:2] for said in described.values())
    return Cells(
        {
            who: Cell(in_zone=in_zone[said], in_district=in_district[said[:2]])
            for who, said in described.items()
        }
    )
