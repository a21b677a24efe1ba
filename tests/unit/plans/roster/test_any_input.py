"""Whatever stands in the files, reading gives an import and never raises."""

import io
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.plans.roster.assembly import Reading
from services.plans.roster.draft import ELEMENTS, FIELDS
from services.plans.roster.edfi import KINDS, read_edfi
from services.plans.roster.languages import read_languages
from tests.unit.plans.roster.files import (
    DISTRICT,
    a_contact,
    a_file,
    a_link,
    a_school,
    a_student,
    an_absence,
    an_enrolment,
    read,
)

READING = Reading(today=date(2026, 11, 22), moves=True)
TELLING = (
    *("StudentUniqueId", "ContactUniqueId", "SchoolId", "BirthDate", "BeginDate", "EndDate"),
    *("Date", "TotalInstructionalDays", "TelephoneNumber", "PostalCode", "Relation", "LivesWith"),
    *("GradeLevel", "ProgramType", "EventDate", "FirstName", "LastSurname", "ContactPriority"),
)
WRAPPERS = (
    *("Name", "BirthData", "StudentReference", "StudentIdentity", "SchoolReference"),
    *("SchoolIdentity", "Telephone", "Address", "AttendanceEvent", "CalendarReference"),
    *("CalendarIdentity", "ProgramReference", "ProgramIdentity", "Citizenship"),
)
WORDS = st.one_of(
    st.sampled_from(
        ("1", "s1", "true", "9999-12-31", "0001-01-01", "2021-02-30", "uri://x#Mother")
    ),
    st.text(
        st.characters(codec="utf-8", exclude_characters="<&>", exclude_categories=("Cc", "Cs"))
    ),
)
ELEMENT = st.recursive(
    st.builds(lambda name, word: f"<{name}>{word}</{name}>", st.sampled_from(TELLING), WORDS),
    lambda inner: st.builds(
        lambda name, inside: f"<{name}>{''.join(inside)}</{name}>",
        st.sampled_from(WRAPPERS),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
ROW = st.builds(
    lambda name, inside: f"<{name}>{''.join(inside)}</{name}>",
    st.sampled_from(sorted((*ELEMENTS, *FIELDS))),
    st.lists(ELEMENT, max_size=5),
)
FILE = st.builds(
    lambda root, rows: a_file(root, *rows), st.sampled_from(sorted(KINDS)), st.lists(ROW)
)
PEOPLE = (
    a_contact("c1"),
    a_contact("c2"),
    a_link("s1", "c1"),
    a_link("s2", "c2"),
    a_link("s1", "c2"),
)
PUPILS = (a_student("s1"), a_student("s2", born="2010-01-01"))


@settings(max_examples=20, deadline=None)
@given(st.lists(FILE, max_size=3))
def test_no_garbage_row_stops_an_import(files: list[tuple[str, io.BytesIO]]) -> None:
    found = read_edfi(files, READING)

    assert (found.roster is None) == bool(found.refusals)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=3))
def test_no_garbage_file_stops_an_import(contents: list[bytes]) -> None:
    good = [a_file("InterchangeEducationOrganization", DISTRICT), a_file("InterchangeStudent")]
    garbage = [(f"{n}.xml", io.BytesIO(each)) for n, each in enumerate(contents)]

    assert read_edfi([*garbage, *good], READING).roster is not None


@settings(max_examples=30, deadline=None)
@given(st.permutations(PEOPLE), st.permutations(PUPILS), st.permutations(range(4)))
def test_no_order_of_rows_or_files_changes_the_roster(
    people: list[str], pupils: list[str], order: list[int]
) -> None:
    files = [
        a_file("InterchangeStudent", *pupils),
        a_file("InterchangeContact", *people),
        a_file("InterchangeEducationOrganization", DISTRICT, a_school()),
        a_file("InterchangeStudentEnrollment", an_enrolment("s1"), an_absence("2021-09-01", "s2")),
    ]

    roster = read(read_edfi([files[n] for n in order], READING))

    assert sorted(each.source_id for each in roster.students) == ["s1", "s2"]
    assert {
        (each.student_source_id, each.contact_source_id) for each in roster.student_contacts
    } == {
        ("s1", "c1"),
        ("s1", "c2"),
        ("s2", "c2"),
    }
    assert {each.school_source_id for each in roster.students} == {"10"}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_garbage_stops_the_language_file(content: bytes) -> None:
    header = b"who,unique_id,language\n"

    assert read_languages("l.csv", io.BytesIO(header + content))[1].refusal is not None
