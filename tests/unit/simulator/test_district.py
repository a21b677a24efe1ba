from datetime import date

import pytest

from deploy.simulator.district import district
from deploy.simulator.sizes import SIZES, Size

DAY = date(2026, 11, 27)
TWO_WARDS = Size(students=450, needs_a_year=900, organizations=50, services=80)


def test_a_district_has_its_size_and_each_row_a_name_of_its_own() -> None:
    made = district(TWO_WARDS, DAY, 7)
    roster = made.people.roster

    ids = [each.source_id for each in roster.students]
    assert len(set(ids)) == len(ids) == TWO_WARDS.students
    assert len({each.email for each in made.people.staff}) == len(made.people.staff)
    organizations = [each for records in made.partners for each in records.organizations]
    assert len(organizations) == len({each.name for each in organizations}) == 50
    assert sum(len(records.services) for records in made.partners) <= TWO_WARDS.services


def test_every_row_names_others_that_are_there() -> None:
    made = district(TWO_WARDS, DAY, 7)
    roster = made.people.roster
    schools = {each.source_id for each in roster.schools}
    students = {each.source_id for each in roster.students}
    contacts = {each.source_id for each in roster.contacts}
    staff = {each.source_id for each in made.people.staff}

    assert {each.school_source_id for each in roster.students} <= {*schools, None}
    assert {each.school_source_id for each in roster.sessions} <= schools
    for link in roster.student_contacts:
        assert {link.student_source_id} <= students
        assert {link.contact_source_id} <= contacts
    for each in made.people.assignments:
        assert {each.student_source_id} <= students
        assert {each.staff_source_id} <= staff
    for records in made.partners:
        known = {each.source_id for each in records.organizations}
        offered = {each.source_id for each in records.services}
        assert {each.organization_source_id for each in records.services} <= known
        assert {each.organization_source_id for each in records.coordinators} <= known
        assert {each.service_source_id for each in records.seats} <= offered


def test_the_same_again_is_the_same_and_another_seed_is_not() -> None:
    assert district(TWO_WARDS, DAY, 7) == district(TWO_WARDS, DAY, 7)
    assert district(TWO_WARDS, DAY, 7) != district(TWO_WARDS, DAY, 8)


@pytest.mark.parametrize("name", ["S", "M", "L"])
def test_sizes_grow(name: str) -> None:
    smaller = {"S": "town", "M": "S", "L": "M"}[name]

    assert SIZES[name].students > SIZES[smaller].students
    assert SIZES[name].needs_a_day > SIZES[smaller].needs_a_day
