from collections.abc import Iterable
from datetime import date

import pytest

from deploy.simulator.district import district
from deploy.simulator.sizes import SIZES, Size
from services.referrals.directory.given import Records

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


@pytest.mark.parametrize("size", [TWO_WARDS, SIZES["S"]])
def test_no_two_wards_share_a_partner_or_a_service(size: Size) -> None:
    made = district(size, DAY, 7).partners

    organizations = {each.organization_id for records in made for each in records.organizations}
    services = {each.service_id for records in made for each in records.services}
    assert len(organizations) == size.organizations
    assert len(services) == size.services


def test_wards_with_few_partners_have_all_sorts_together() -> None:
    town = district(SIZES["town"], DAY, 7).partners
    large = district(SIZES["S"], DAY, 7).partners

    assert _categories(large) == _categories(town)


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


def _categories(partners: Iterable[Records]) -> set[str]:
    return {found for each in partners for service in each.services for found in service.categories}


@pytest.mark.parametrize("name", ["S", "M", "L"])
def test_sizes_grow(name: str) -> None:
    smaller = {"S": "town", "M": "S", "L": "M"}[name]

    assert SIZES[name].students > SIZES[smaller].students
    assert SIZES[name].needs_a_day > SIZES[smaller].needs_a_day
