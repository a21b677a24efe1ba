import io
from datetime import date

from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.languages import Languages
from services.plans.roster.records import GradeBand
from tests.unit.plans.roster.files import (
    DISTRICT,
    a_contact,
    a_day,
    a_file,
    a_link,
    a_phone,
    a_school,
    a_session,
    a_student,
    an_enrolment,
    an_import,
    codes,
    read,
)

LAST_YEAR = (a_session("2021-08-23", "2021-12-17"), a_session("2022-01-04", "2022-05-27"))


def test_a_school_has_its_band_grades_voice_phone_and_zip() -> None:
    inside = """<SchoolCategory>uri://x#Middle School</SchoolCategory>
    <GradeLevel>uri://x#Eighth grade</GradeLevel><GradeLevel>uri://x#Sixth grade</GradeLevel>
    <Address><PostalCode>00103-1</PostalCode></Address>
    <InstitutionTelephone><TelephoneNumber>(950) 555-0199</TelephoneNumber>
    <InstitutionTelephoneNumberType>uri://x#Fax</InstitutionTelephoneNumberType></InstitutionTelephone>
    <InstitutionTelephone><TelephoneNumber>(950) 555-0101</TelephoneNumber>
    <InstitutionTelephoneNumberType>uri://x#Main</InstitutionTelephoneNumberType></InstitutionTelephone>"""

    (school,) = read(an_import(schools=(a_school(inside=inside),))).schools

    assert (school.band, school.grade_min, school.grade_max) == (GradeBand.MIDDLE, 6, 8)
    assert (school.phone, school.zip) == ("+19505550101", "00103")


def test_a_fax_is_no_phone_of_a_school() -> None:
    inside = """<InstitutionTelephone><TelephoneNumber>(950) 555-0199</TelephoneNumber>
    <InstitutionTelephoneNumberType>uri://x#Fax</InstitutionTelephoneNumberType>
    </InstitutionTelephone>"""

    assert read(an_import(schools=(a_school(inside=inside),))).schools[0].phone is None


def test_sessions_and_calendar_dates_belong_to_a_school_of_the_roster() -> None:
    good = tuple(a_day(f"2021-09-{n:02}", "Holiday") for n in range(1, 21))
    found = an_import(
        calendar=(
            *LAST_YEAR,
            *good,
            a_day("2021-10-01", "Instructional day"),
            a_day("2021-10-02", "Holiday", school_id="99"),
            a_day("soon", "Holiday"),
            a_session("2021-12-17", "2021-08-23"),
        )
    )

    assert len(read(found).sessions) == 2
    assert [each.is_instructional for each in read(found).calendar_days] == [False] * 20 + [True]
    assert codes(found) == ["school_unknown", "date_unreadable", "session_dates_unreadable"]


def test_files_are_known_by_their_content_and_several_of_a_kind_are_one() -> None:
    files = [
        a_file("InterchangeStudent", a_student("s2")),
        ("LICENSE", io.BytesIO(b"Anybody may.")),
        ("a.txt", a_file("InterchangeStudent", a_student("s1"))[1]),
        a_file("InterchangeStudentHealth", "<StudentHealth><X>y</X></StudentHealth>"),
        a_file("InterchangeEducationOrganization", DISTRICT, a_school()),
    ]

    found = read_edfi(files, Reading(today=date(2021, 11, 22)))

    assert [each.source_id for each in read(found).students] == ["s2", "s1"]
    assert {each.kind for each in found.files} == {"schools", "students", "not read"}
    assert codes(found) == ["no_interchange"]


def test_a_missing_required_file_refuses_the_roster_with_a_sentence() -> None:
    found = read_edfi([a_file("InterchangeStudent", a_student())], Reading(today=date(2021, 1, 1)))

    assert found.roster is None
    assert found.refusals == (
        "No file of schools was found: one whose root element is InterchangeEducationOrganization.",
    )


def test_a_roster_without_a_district_is_refused() -> None:
    files = [
        a_file("InterchangeEducationOrganization", a_school()),
        a_file("InterchangeStudent", a_student()),
    ]

    assert "LocalEducationAgency" in read_edfi(files, Reading(today=date(2021, 1, 1))).refusals[0]


def test_more_than_a_fifth_rejected_refuses_the_roster() -> None:
    four = tuple(a_student(f"s{n}") for n in range(4))

    assert an_import(students=(*four, a_student(""))).roster is not None
    refused = an_import(students=(*four[1:], a_student("")))
    assert refused.roster is None
    assert "1 of 4 rows" in refused.refusals[0]


def test_a_broken_required_file_refuses_the_roster_rather_than_losing_students() -> None:
    broken = b"<InterchangeStudent>" + a_student().encode() + b"<Student>"
    files = [
        ("students.xml", io.BytesIO(broken)),
        a_file("InterchangeEducationOrganization", DISTRICT, a_school()),
    ]

    found = read_edfi(files, Reading(today=date(2021, 1, 1)))

    assert found.roster is None
    assert "students.xml" in found.refusals[0]


def test_a_past_year_moves_with_everything_that_has_a_date() -> None:
    found = an_import(
        students=(a_student(born="2014-11-13"),),
        calendar=(*LAST_YEAR, a_day("2021-10-11", "Holiday")),
        reading=Reading(today=date(2026, 11, 22), moves=True),
    )

    roster = read(found)
    assert roster.sessions[0].begins_on == date(2026, 8, 23)
    assert roster.calendar_days[0].day == date(2026, 10, 11)
    assert roster.students[0].birth_date == date(2019, 11, 13)
    assert roster.students[0].grade == 1
    assert found.moved.years == 5


def test_an_enrolment_is_in_force_by_the_moved_clock() -> None:
    left = "<ExitWithdrawDate>2021-11-30</ExitWithdrawDate>"
    before, after = (
        an_import(
            calendar=LAST_YEAR,
            enrolments=(an_enrolment(inside=left),),
            reading=Reading(today=today, moves=True),
        )
        for today in (date(2026, 11, 22), date(2026, 12, 2))
    )

    assert read(before).students[0].school_source_id == "10"
    assert read(after).students[0].school_source_id is None


def test_outside_the_demo_nothing_moves() -> None:
    found = an_import(calendar=LAST_YEAR, reading=Reading(today=date(2026, 11, 22)))

    assert read(found).sessions[0].begins_on == date(2021, 8, 23)
    assert found.moved.sentences == ()


def test_languages_come_from_the_side_file_and_else_stay_unknown() -> None:
    languages = Languages(students={"s1": "ht"}, contacts={"c2": "pt"})
    people = (a_contact("c1"), a_contact("c2"), a_contact("c3"), a_link(), a_link(contact_id="c2"))

    roster = read(
        an_import(contacts=people, reading=Reading(today=date(2021, 1, 1), languages=languages))
    )

    assert roster.students[0].language == "ht"
    assert [each.language for each in roster.contacts] == ["ht", "pt", None]


def test_an_import_counts_who_can_be_served_and_lists_who_cannot() -> None:
    people = (
        a_contact("c1", a_phone("950 555 0100")),
        a_contact("c2", a_phone("950 555 0101", kind="Home")),
        a_link("s1", "c1"),
        a_link("s2", "c2"),
        a_link("s3", "c1", relation="Grandmother", inside="<LivesWith>true</LivesWith>"),
    )
    students = tuple(a_student(f"s{n}") for n in (1, 2, 3))
    enrolments = tuple(an_enrolment(f"s{n}") for n in (1, 2))

    counts = an_import(students=students, contacts=people, enrolments=enrolments).counts

    assert (counts.students, counts.usable) == (3, 1)
    assert counts.no_school == ("s3",)
    assert counts.not_reachable == ("s2", "s3")
    assert (counts.no_guardian, counts.acting_parent) == (("s3",), ("s3",))


def test_a_student_is_usable_only_with_a_school_and_a_guardian_who_may_be_told() -> None:
    limited = "<LivesWith>true</LivesWith><ContactRestrictions>see order</ContactRestrictions>"
    people = (
        a_contact("c1", a_phone("950 555 0100")),
        a_link("s1", "c1"),
        a_link("s2", "c1", inside=limited),
    )
    students = (a_student("s1"), a_student("s2"))

    counts = an_import(students=students, contacts=people, enrolments=(an_enrolment("s2"),)).counts

    assert counts.usable == 0
    assert (counts.no_school, counts.not_reachable) == (("s1",), ("s2",))


def test_rows_of_attendance_and_programs_about_nobody_are_rejected() -> None:
    found = an_import(enrolments=(an_enrolment("s9"),))

    assert codes(found) == ["student_unknown"]
    assert found.roster is None
