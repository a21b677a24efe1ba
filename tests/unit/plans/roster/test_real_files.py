"""Golden counts on a real sample district; ids, codes and counts alone stand here."""

import os
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.records import Answer, Enrolled, Flag, Line, Medium, Notify
from services.plans.roster.report import RosterImport
from tests.unit.plans.roster.files import read

DATA = Path(os.environ.get("WRAPAROUND_DATA", "../shared/data"))  # noqa: TID251 (names test data)
ROSTER = DATA / "roster-edfi"

pytestmark = pytest.mark.skipif(
    not ROSTER.is_dir(), reason=f"no real roster at {ROSTER.absolute()}: set WRAPAROUND_DATA"
)


@pytest.fixture(scope="module")
def found() -> RosterImport:
    with ExitStack() as stack:
        files = [(each.name, stack.enter_context(each.open("rb"))) for each in ROSTER.iterdir()]
        return read_edfi(files, Reading(today=date(2026, 11, 22), moves=True))


def test_the_real_roster_is_read_whole(found: RosterImport) -> None:
    roster = read(found)

    assert (len(roster.schools), len(roster.sessions), len(roster.calendar_days)) == (3, 6, 2)
    assert (len(roster.students), len(roster.contacts)) == (960, 1873)
    assert len(roster.student_contacts) == 1872
    assert (found.warned, found.rejected) == (3, 0)


def test_the_real_roster_is_moved_to_this_year(found: RosterImport) -> None:
    assert (found.moved.years, found.moved.clock_start) == (5, None)
    assert read(found).sessions[0].begins_on == date(2026, 8, 23)


def test_only_those_seen_in_attendance_have_a_school(found: RosterImport) -> None:
    enrolled = Counter(each.enrolled for each in read(found).students)

    assert enrolled == {Enrolled.ATTENDANCE: 227, Enrolled.NO_SCHOOL: 733}
    assert len(found.counts.no_school) == 733


def test_grades_are_derived_for_every_student(found: RosterImport) -> None:
    grades = Counter(each.grade for each in read(found).students)

    assert sum(each.grade_derived for each in read(found).students) == 960
    assert (grades[-1], grades[0], grades[1], grades[11], grades[12]) == (28, 77, 87, 57, 0)


def test_programs_set_the_flags(found: RosterImport) -> None:
    flags = Counter(flag for each in read(found).students for flag in each.flags)

    assert flags == {Flag.LANGUAGE: 73, Flag.HOMELESS: 11}
    assert Counter(each.iep for each in read(found).students)[Answer.YES] == 87


def test_what_is_never_kept_is_counted(found: RosterImport) -> None:
    assert found.dropped == {
        "citizenship": 2,
        "identity-document": 1872,
        "migrant": 275,
        "visa": 1,
    }


def test_contacts_are_told_by_custody_and_reached_by_their_lines(found: RosterImport) -> None:
    roster = read(found)
    lines = Counter(
        channel.line
        for each in roster.contacts
        for channel in each.channels
        if channel.medium is Medium.PHONE
    )

    assert Counter(each.notify for each in roster.student_contacts)[Notify.NEWS] == 1696
    assert (lines[Line.MOBILE], lines[Line.FAX], lines[Line.WORK]) == (288, 294, 287)
    assert (found.counts.usable, len(found.counts.not_reachable)) == (75, 653)
