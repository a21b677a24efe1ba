"""What decisions on a student's consents need around them: the school's days and its zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.chassis.days import DEFAULT_ZONE, Calendar
from services.chassis.kernel import Context


@dataclass(frozen=True)
class SchoolDays:
    """The school calendar of each student of a batch."""

    calendars: Mapping[str, Calendar]

    def calendar(self, student_id: str) -> Calendar:
        """The days of the student's school; Monday to Friday where none is known."""
        return self.calendars.get(student_id) or Calendar(zone=DEFAULT_ZONE, is_assumed=True)

    def zone(self, student_id: str) -> str:
        """The time zone of the student's school."""
        return self.calendar(student_id).zone

    def day(self, student_id: str, at: datetime) -> date:
        """The day that it is there at some point in time: rights begin and end with days."""
        return at.astimezone(ZoneInfo(self.zone(student_id))).date()


def today(student_id: str, context: Context) -> date:
    """The day that it is at the student's school."""
    return context.get(SchoolDays).day(student_id, context.now)
