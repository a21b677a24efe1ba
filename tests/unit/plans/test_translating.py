"""A roster's records as states: ids, case managers, areas, languages, calendars."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from deploy.local.town.town import town
from services.plans.caseloads import Manager, Placed
from services.plans.domain.students import Student, chosen
from services.plans.pseudonyms import Pseudonyms
from services.plans.roster.records import Line, StaffRole, StudentRecord
from services.plans.search import NameMarks
from services.plans.translating import Source, Translation

TOWN = town(date(2026, 11, 23))
IDS = Pseudonyms(b"k" * 32, TOWN.roster.district.source_id)
SOURCE = Source(
    roster=TOWN.roster, staff=TOWN.staff, assignments=TOWN.assignments, zones=TOWN.zones
)


UNASSIGNED = replace(SOURCE, assignments=())
ELEMENTARY = IDS.of("school", "harbor-elementary")


def a_translation(
    source: Source = SOURCE, *known: Manager, placed: Iterable[Student] = ()
) -> Translation:
    marks = NameMarks(b"k" * 32, IDS.district_id)
    return Translation(
        source=source,
        ids=IDS,
        marks=marks,
        time_zone="America/New_York",
        known_managers=known,
        known_students={
            each.student_id: Placed(school_id=each.school_id, case_manager_id=each.case_manager_id)
            for each in placed
        },
    )


def students(
    source: Source = SOURCE, *known: Manager, placed: Iterable[Student] = ()
) -> list[Student]:
    return list(a_translation(source, *known, placed=placed).students())


def managers_of(found: Iterable[Student]) -> dict[str, str | None]:
    return {each.student_id: each.case_manager_id for each in found}


def with_students(source: Source, students: Iterable[StudentRecord]) -> Source:
    return replace(source, roster=replace(source.roster, students=tuple(students)))


def without_case_manager(source: Source, staff_id: str) -> Source:
    kept = (each for each in source.staff if IDS.of("staff", each.source_id) != staff_id)
    return replace(source, staff=tuple(kept))


def test_the_same_records_give_the_same_states() -> None:
    assert students() == students()
    assert a_translation().schools() == a_translation().schools()


def test_students_have_the_case_manager_they_were_assigned() -> None:
    assigned = {
        IDS.of("student", each.student_source_id): IDS.of("staff", each.staff_source_id)
        for each in TOWN.assignments
        if each.role is StaffRole.CASE_MANAGER
    }

    assert {each.student_id: each.case_manager_id for each in students()} == {
        **{each.student_id: None for each in students()},
        **assigned,
    }


def test_without_assignments_the_case_managers_of_a_school_take_turns() -> None:
    found = students(UNASSIGNED)

    counts = Counter(each.case_manager_id for each in found if each.school_id == ELEMENTARY)
    assert len(counts) == 2
    assert max(counts.values()) - min(counts.values()) <= 1
    assert all(each.case_manager_id for each in found if each.school_id)
    assert not any(each.case_manager_id for each in found if not each.school_id)


def test_a_new_student_changes_nobody_elses_case_manager() -> None:
    before = students(UNASSIGNED)
    joining = replace(TOWN.roster.students[0], source_id="!first")  # sorts before all others

    after = managers_of(
        students(
            with_students(UNASSIGNED, [*TOWN.roster.students, joining]),
            placed=before,
        )
    )

    assert after.pop(IDS.of("student", "!first"))
    assert after == managers_of(before)


def test_new_students_go_to_whoever_has_fewest() -> None:
    before = students(UNASSIGNED)
    (some, other) = {each.case_manager_id for each in before if each.school_id == ELEMENTARY}
    left = {each.student_id for each in before if each.case_manager_id == some}
    staying = [
        each for each in TOWN.roster.students if IDS.of("student", each.source_id) not in left
    ]
    joining = [
        replace(each, source_id=f"new-{each.source_id}")
        for each in staying
        if each.school_source_id == "harbor-elementary"
    ][:4]

    after = managers_of(students(with_students(UNASSIGNED, [*staying, *joining]), placed=before))

    assert other is not None
    assert {after[IDS.of("student", each.source_id)] for each in joining} == {some}


def test_students_of_a_case_manager_who_went_are_given_to_the_others() -> None:
    before = students(UNASSIGNED)
    gone, stays = sorted(
        {each.case_manager_id or "" for each in before if each.school_id == ELEMENTARY}
    )

    after = students(without_case_manager(UNASSIGNED, gone), placed=before)

    elementary = {each.case_manager_id for each in after if each.school_id == ELEMENTARY}
    assert elementary == {stays}


def test_a_student_between_schools_stays_with_a_case_manager_of_the_last_one() -> None:
    before = students(UNASSIGNED)
    nowhere = [replace(each, school_source_id=None) for each in TOWN.roster.students]

    after = students(with_students(UNASSIGNED, nowhere), placed=before)

    assert managers_of(after) == managers_of(before)


def test_case_managers_of_no_school_share_the_schools_without_one() -> None:
    strangers = tuple(
        replace(each, school_source_ids=("elsewhere",))
        for each in TOWN.staff
        if each.role is StaffRole.CASE_MANAGER
    )
    source = replace(SOURCE, staff=strangers, assignments=())

    members = a_translation(source).staff()

    placed = sorted(school for each in members for school in each.school_ids)
    assert placed == sorted(IDS.of("school", each.source_id) for each in TOWN.roster.schools)
    assert all(each.case_manager_id for each in students(source) if each.school_id)


def test_case_managers_of_earlier_imports_keep_their_schools() -> None:
    schools = tuple(IDS.of("school", each.source_id) for each in TOWN.roster.schools)
    known = Manager(staff_id="known", school_ids=schools)

    found = students(replace(SOURCE, staff=(), assignments=()), known)

    assert {each.case_manager_id for each in found if each.school_id} == {"known"}


def test_a_list_of_staff_says_who_cares_for_which_school_from_now_on() -> None:
    schools = tuple(IDS.of("school", each.source_id) for each in TOWN.roster.schools)
    known = {IDS.of("staff", each.source_id): schools for each in TOWN.staff} | {"left": schools}

    found = students(
        UNASSIGNED, *(Manager(staff_id=each, school_ids=known[each]) for each in known)
    )

    assert managers_of(found) == managers_of(students(UNASSIGNED))


def test_case_managers_who_share_schools_keep_them_when_they_come_again() -> None:
    strangers = tuple(replace(each, school_source_ids=("elsewhere",)) for each in TOWN.staff)
    source = replace(UNASSIGNED, staff=strangers)
    members = a_translation(source).staff()
    known = [
        Manager(staff_id=each.staff_id, school_ids=each.school_ids)
        for each in members
        if each.role == StaffRole.CASE_MANAGER
    ]

    assert a_translation(source, *known).staff() == members


def test_where_students_live_is_known_only_if_zones_are_given() -> None:
    zones = {each.source_id for each in TOWN.zones}

    assert {each.area for each in students()} <= zones
    assert any(each.area for each in students())
    assert {each.area for each in students(replace(SOURCE, zones=()))} == {None}


def test_fax_and_work_lines_are_no_way_to_reach_a_family() -> None:
    contacts = tuple(
        replace(each, channels=tuple(replace(one, line=Line.FAX) for one in each.channels))
        for each in TOWN.roster.contacts
    )
    roster = replace(TOWN.roster, contacts=contacts)

    found = students(replace(SOURCE, roster=roster))

    assert not any(contact.facts.channels for each in found for contact in each.contacts)  # type: ignore[union-attr]


def test_nearly_every_student_has_somebody_to_call() -> None:
    found = students()

    assert sum(chosen(each) is not None for each in found) >= 0.9 * len(found)
    assert {each.language for each in found} >= {"en", "es", "pt", "ht", "kea", "ar"}


def test_a_school_counts_the_days_its_sessions_name() -> None:
    for school in a_translation().schools():
        assert len(school.calendar.named) >= 150
        assert not school.calendar.is_assumed
