"""What decisions on a student's consents need around them: the school's days and its zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.chassis.days import Calendar

ZONE: Final = "America/New_York"  # of a student whose school is not known


@dataclass(frozen=True)
class Surroundings:
    """The school calendar of each student of a batch."""

    calendars: Mapping[str, Calendar]

    def calendar(self, student_id: str) -> Calendar:
        """The days of the student's school; Monday to Friday where none is known."""
        return self.calendars.get(student_id) or Calendar(zone=ZONE, is_assumed=True)

    def zone(self, student_id: str) -> str:
        """The time zone of the student's school."""
        return self.calendar(student_id).zone
