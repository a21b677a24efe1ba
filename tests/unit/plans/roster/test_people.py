from datetime import date

import pytest

from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.records import (
    Answer,
    Channel,
    Enrolled,
    Flag,
    Guardianship,
    Line,
    Medium,
    Notify,
    Restriction,
)
from tests.unit.plans.roster.files import (
    DISTRICT,
    TODAY,
    a_contact,
    a_file,
    a_link,
    a_phone,
    a_program,
    a_school,
    a_session,
    a_student,
    an_absence,
    an_address,
    an_email,
    an_enrolment,
    an_import,
    codes,
    read,
)

GRADE = "<EntryGradeLevel>uri://x#Fifth grade</EntryGradeLevel>"


def channels(*inside: str) -> tuple[Channel, ...]:
    return read(an_import(contacts=(a_contact(inside="".join(inside)),))).contacts[0].channels


def test_a_student_keeps_its_name_birth_date_and_id() -> None:
    preferred = a_student().replace(
        "<LastSurname>", "<PreferredFirstName>Ad</PreferredFirstName><LastSurname>"
    )

    student = read(an_import(students=(preferred,))).students[0]

    assert (student.source_id, student.first_name, student.surname) == ("s1", "Ada", "Tidewell")
    assert (student.preferred_name, student.birth_date) == ("Ad", date(2014, 11, 13))


def test_a_student_without_id_or_name_is_rejected_and_the_next_is_read() -> None:
    nameless = a_student("s2").replace("Ada", "")
    others = tuple(a_student(f"s{n}") for n in range(3, 12))

    found = an_import(students=(a_student(""), nameless, *others))

    assert [each.source_id for each in read(found).students] == [f"s{n}" for n in range(3, 12)]
    assert codes(found) == ["student_id_missing", "name_missing"]


@pytest.mark.parametrize(
    ("born", "code"), [("", "birth_date_missing"), ("13/11/2014", "birth_date_unreadable")]
)
def test_a_student_without_a_birth_date_is_kept_with_a_warning(born: str, code: str) -> None:
    found = an_import(students=(a_student(born=born),))

    assert (read(found).students[0].birth_date, read(found).students[0].grade) == (None, None)
    assert codes(found) == [code]


def test_the_same_student_twice_changes_nothing_and_another_with_its_id_is_rejected() -> None:
    others = tuple(a_student(f"o{n}") for n in range(9))
    found = an_import(students=(a_student(), a_student(), *others))
    clash = an_import(students=(a_student(), a_student(born="2013-01-01"), *others))

    assert (len(read(found).students), codes(found)) == (10, [])
    assert (len(read(clash).students), codes(clash)) == (10, ["repeated"])


def test_phones_become_e164_in_their_order_and_only_a_mobile_takes_texts() -> None:
    found = channels(
        a_phone("(950) 555 0102", kind="Work", rank="3"),
        a_phone("950-555-0101", kind="Mobile", rank="2"),
        a_phone("950.555.0103", kind="Fax", rank="4"),
        a_phone("950 555 0100", kind="Home", rank="1"),
    )

    assert [(each.value, each.line, each.takes_texts) for each in found] == [
        ("+19505550100", Line.HOME, False),
        ("+19505550101", Line.MOBILE, True),
        ("+19505550102", Line.WORK, False),
        ("+19505550103", Line.FAX, False),
    ]


@pytest.mark.parametrize(("kind", "line"), [("Other", Line.MOBILE), ("Work", Line.WORK)])
def test_a_line_said_to_take_texts_is_mobile_unless_it_is_at_work(kind: str, line: Line) -> None:
    capable = "<TextMessageCapabilityIndicator>true</TextMessageCapabilityIndicator>"

    assert channels(a_phone("950 555 0100", kind=kind, inside=capable))[0].line is line


def test_the_same_number_twice_is_one_channel() -> None:
    assert len(channels(a_phone("9505550100"), a_phone("(950) 555-0100", rank="2"))) == 1


def test_what_is_no_number_or_address_is_left_out_with_a_warning() -> None:
    found = an_import(contacts=(a_contact(inside=a_phone("none") + an_email("Ms A a@x.example")),))

    assert read(found).contacts[0].channels == ()
    assert codes(found) == ["phone_unreadable", "email_unreadable"]


def test_an_email_is_a_channel_without_rank() -> None:
    expected = Channel(medium=Medium.EMAIL, value="a.b@x.example", line=Line.HOME)

    assert channels(an_email("a.b@x.example")) == (expected,)


def test_of_an_address_only_the_zip_of_the_home_is_kept() -> None:
    inside = an_address("00102-2035", kind="Billing") + an_address("00101-4444", kind="Home")

    contact = read(an_import(contacts=(a_contact(inside=inside),))).contacts[0]

    assert contact.zip == "00101"
    assert "Quay" not in repr(contact)


def test_an_office_gives_no_area() -> None:
    found = an_import(contacts=(a_contact(inside=an_address("00103", kind="Work")),))

    assert read(found).contacts[0].zip is None


def test_a_link_carries_what_the_contact_is_to_the_student() -> None:
    inside = """<PrimaryContactStatus>true</PrimaryContactStatus><LivesWith>false</LivesWith>
    <EmergencyContactStatus>true</EmergencyContactStatus><ContactPriority>2</ContactPriority>"""

    found = read(an_import(contacts=(a_contact(), a_link(inside=inside))))

    (link,) = found.student_contacts
    assert (link.student_source_id, link.contact_source_id, link.relation) == ("s1", "c1", "mother")
    assert (link.is_primary, link.lives_with, link.is_emergency, link.rank) == (
        True,
        False,
        True,
        2,
    )
    assert (link.is_guardian, link.notify) == (Guardianship.YES, Notify.NEWS)


def test_a_link_may_come_before_its_contact() -> None:
    assert len(read(an_import(contacts=(a_link(), a_contact()))).student_contacts) == 1


def test_a_link_to_nobody_or_a_second_one_is_rejected_and_an_equal_one_changes_nothing() -> None:
    good = tuple(a_contact(f"c{n}") for n in range(20))
    other = a_link(relation="Aunt")
    links = (a_link(), a_link(), other, a_link("s9"), a_link(contact_id="c99"))

    found = an_import(contacts=(*good, a_contact("c1"), *links))

    assert len(read(found).student_contacts) == 1
    assert codes(found) == ["repeated", "student_unknown", "contact_unknown"]


def test_free_text_about_custody_means_no_contact_until_it_is_classified() -> None:
    inside = "<LivesWith>true</LivesWith><ContactRestrictions>see order</ContactRestrictions>"

    found = an_import(contacts=(a_contact(), a_link(inside=inside)))

    (link,) = read(found).student_contacts
    assert link.restrictions == {Restriction.NO_CONTACT}
    assert (link.restriction_text, link.restriction_unread) == ("see order", True)
    assert link.notify is Notify.NONE
    assert codes(found) == ["restriction_unread"]


def test_a_limit_on_a_second_row_of_the_same_two_counts_though_the_row_does_not() -> None:
    good = tuple(a_contact(f"c{n}") for n in range(2, 9))
    limited = a_link(inside="<ContactRestrictions>see order</ContactRestrictions>")
    for rows in ((a_link(), limited), (limited, a_link())):
        found = an_import(contacts=(*good, a_contact(), *rows))

        (link,) = read(found).student_contacts
        assert link.restrictions == {Restriction.NO_CONTACT}
        assert link.restriction_text == "see order"
        assert link.notify is Notify.NONE
        assert codes(found) == ["restriction_unread", "repeated"]


def test_a_contact_named_by_its_unique_id_is_not_whom_an_xml_id_means() -> None:
    mother, stranger = a_contact("c1"), a_contact("c2").replace("X_c2", "c1")
    by_unique_id = a_link().replace(
        '<ContactReference ref="X_c1"/>',
        "<ContactReference><ContactIdentity><ContactUniqueId>c1</ContactUniqueId>"
        "</ContactIdentity></ContactReference>",
    )

    (link,) = read(an_import(contacts=(mother, stranger, by_unique_id))).student_contacts

    assert link.contact_source_id == "c1"


def test_an_xml_id_means_somebody_of_its_own_file_alone() -> None:
    """Each school's file may count its contacts from the beginning."""
    base = ("InterchangeEducationOrganization", DISTRICT, a_school())
    files = [
        a_file(*base),
        a_file("InterchangeStudent", a_student("s1"), a_student("s2")),
        a_file("InterchangeContact", a_contact("c1").replace("X_c1", "P1"), a_named("s1", "P1")),
        a_file("InterchangeContact", a_contact("c2").replace("X_c2", "P1"), a_named("s2", "P1")),
    ]

    found = read(read_edfi(files, Reading(today=TODAY)))

    told = [(each.student_source_id, each.contact_source_id) for each in found.student_contacts]
    assert told == [("s1", "c1"), ("s2", "c2")]


def a_named(student_id: str, xml_id: str) -> str:
    return a_link(student_id).replace("X_c1", xml_id)


def test_the_school_is_that_of_the_enrolment_in_force_with_its_stated_grade() -> None:
    left = "<EntryDate>2021-08-23</EntryDate><ExitWithdrawDate>2021-10-01</ExitWithdrawDate>"
    entered = f"<EntryDate>2021-10-02</EntryDate>{GRADE}"

    found = an_import(
        schools=(a_school("10"), a_school("20")),
        enrolments=(an_enrolment(inside=left), an_enrolment(school_id="20", inside=entered)),
        attendance=(an_absence("2021-11-01"),),
    )

    student = read(found).students[0]
    assert (student.school_source_id, student.enrolled) == ("20", Enrolled.ENROLMENT)
    assert (student.grade, student.grade_derived) == (5, False)


@pytest.mark.parametrize(
    ("inside", "school"),
    [
        ("", "10"),
        ("<ExitWithdrawDate>2021-10-01</ExitWithdrawDate>", "20"),
    ],
)
def test_an_enrolment_that_begins_later_counts_only_if_none_is_in_force(
    inside: str, school: str
) -> None:
    spring, fall = (f"<EntryDate>{day}</EntryDate>" for day in ("2022-01-10", "2022-08-22"))
    found = an_import(
        schools=(a_school("10"), a_school("20"), a_school("30")),
        enrolments=(
            an_enrolment(inside="<EntryDate>2021-08-23</EntryDate>" + inside),
            an_enrolment(school_id="20", inside=spring),
            an_enrolment(school_id="30", inside=fall),
        ),
    )

    assert read(found).students[0].school_source_id == school


def test_of_two_open_enrolments_the_primary_school_counts() -> None:
    second = "<PrimarySchool>false</PrimarySchool><EntryDate>2021-11-01</EntryDate>"
    found = an_import(
        schools=(a_school("10"), a_school("20")),
        enrolments=(an_enrolment(), an_enrolment(school_id="20", inside=second)),
    )

    assert read(found).students[0].school_source_id == "10"


def test_without_enrolment_the_school_last_attended_counts() -> None:
    found = an_import(
        schools=(a_school("10"), a_school("20")),
        attendance=(an_absence("2021-11-09", school_id="20"), an_absence("2021-08-31")),
    )

    student = read(found).students[0]
    assert (student.school_source_id, student.enrolled) == ("20", Enrolled.ATTENDANCE)


def test_a_student_with_neither_is_listed_without_school() -> None:
    ended = "<ExitWithdrawDate>2021-10-01</ExitWithdrawDate>"
    found = an_import(
        students=(a_student("s1"), a_student("s2")), enrolments=(an_enrolment(inside=ended),)
    )

    assert {each.enrolled for each in read(found).students} == {Enrolled.NO_SCHOOL}
    assert found.counts.no_school == ("s1", "s2")


@pytest.mark.parametrize(
    ("born", "grade"),
    [
        ("2016-09-01", 0),
        ("2016-09-02", -1),
        ("2004-09-01", 12),
        ("2003-09-01", None),
        ("2019-01-01", None),
    ],
)
def test_the_grade_is_derived_from_the_age_on_the_first_of_september(
    born: str, grade: int | None
) -> None:
    found = read(
        an_import(
            students=(a_student(born=born),), calendar=(a_session("2022-01-04", "2022-05-27"),)
        )
    )

    assert (found.students[0].grade, found.students[0].grade_derived) == (grade, grade is not None)


def test_programs_set_flags_while_they_run() -> None:
    ended = "<EndDate>2021-11-01</EndDate>"
    found = an_import(
        students=(a_student("s1"), a_student("s2")),
        programs=(
            a_program("Homeless", element="StudentHomelessProgramAssociation"),
            a_program("Bilingual"),
            a_program("Foster Care", inside=ended),
            a_program("Special Education"),
        ),
    )

    one, two = read(found).students
    assert (one.flags, one.iep) == (frozenset({Flag.HOMELESS, Flag.LANGUAGE}), Answer.YES)
    assert (two.flags, two.iep) == (frozenset(), Answer.NO)


def test_without_a_file_of_programs_nobody_knows_about_an_iep() -> None:
    assert read(an_import()).students[0].iep is Answer.UNKNOWN


def test_a_migrant_program_is_dropped_and_counted_under_any_name() -> None:
    element = "StudentMigrantEducationProgramAssociation"
    found = an_import(
        programs=(a_program("Migrant Education"), a_program("Migrant Education", element=element))
    )

    assert found.dropped == {"migrant": 2}
    assert "igrant" not in repr(found.roster)


def test_what_is_never_kept_stands_in_no_record() -> None:
    inside = """<Citizenship><Visa>SECRET</Visa></Citizenship>
    <BirthData><BirthCity>SECRET</BirthCity></BirthData>"""
    found = an_import(students=(a_student(inside=inside),))

    assert found.dropped == {"birth-place": 1, "citizenship": 1, "visa": 1}
    assert "SECRET" not in repr(found)
