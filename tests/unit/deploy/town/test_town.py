from collections import Counter
from datetime import date, timedelta

import pytest

from deploy.local.town.names import address, phone_numbers
from deploy.local.town.partners import AGREEMENT_ENDED
from deploy.local.town.town import Story, Town, town
from services.plans.roster.records import (
    LAST_GRADE,
    Enrolled,
    Guardianship,
    Line,
    Medium,
    Notify,
    Restriction,
    StaffRole,
)
from services.referrals.directory.records import CostKind, ServiceRecord, Transport

TODAY = date(2026, 11, 22)
DAYS = [TODAY, date(2024, 2, 29), date(2027, 1, 1), date(2026, 7, 10), date(2031, 6, 30)]
LOCALES = {"en", "es", "pt", "ht", "kea", "ar"}
HARBOR = town(TODAY)

FAMILIES = {
    "health": "primary-care dental vision hearing immunization chronic-condition insurance",
    "enrich": "after-school tutoring summer sports arts stem mentoring career",
    "counsel": "social-skills individual family grief evaluation substance-use violence",
    "family": "food housing goods transport language technology childcare parenting "
    "utilities legal",
}


def test_the_same_day_and_seed_give_the_same_town_and_another_seed_another() -> None:
    assert town(TODAY) == HARBOR
    assert town(TODAY, seed=8).roster.students != HARBOR.roster.students


def test_the_town_has_its_size() -> None:
    roster, partners = HARBOR.roster, HARBOR.partners

    assert (len(roster.schools), len(roster.students)) == (3, 300)
    assert (len(partners.organizations), len(partners.services)) == (60, 140)


def test_every_category_of_every_family_is_offered_twice_or_more() -> None:
    offered = Counter(each for service in HARBOR.partners.services for each in service.categories)

    wanted = {f"{family}.{code}" for family, codes in FAMILIES.items() for code in codes.split()}
    assert set(offered) == wanted
    assert min(offered.values()) >= 2


def test_guardians_speak_six_languages_each_in_ten_families_or_more() -> None:
    spoken = Counter(each.language for each in HARBOR.roster.contacts)

    assert set(spoken) == LOCALES
    assert min(spoken.values()) >= 10


def test_some_families_have_two_homes_custody_limits_or_no_phone() -> None:
    links, contacts = HARBOR.roster.student_contacts, HARBOR.roster.contacts
    limits = {limit for each in links for limit in each.restrictions}
    zips: dict[str, set[str | None]] = {}
    limited = {each.student_source_id for each in links if each.restrictions}
    for each in (link for link in links if link.student_source_id not in limited):
        zip_code = next(c.zip for c in contacts if c.source_id == each.contact_source_id)
        zips.setdefault(each.student_source_id, set()).add(zip_code)

    assert limits == set(Restriction)
    assert sum(len(each) > 1 for each in zips.values()) >= 10
    assert sum(all(c.medium is not Medium.PHONE for c in each.channels) for each in contacts) >= 10
    assert sum(not each.channels for each in contacts) >= 2
    assert any(c.line is Line.HOME for each in contacts for c in each.channels)


def test_who_must_not_be_told_is_not_told() -> None:
    silenced = {Restriction.NO_CONTACT, Restriction.NO_INFORMATION}

    for each in HARBOR.roster.student_contacts:
        assert not (each.restrictions & silenced and each.notify is not Notify.NONE)


def test_some_students_live_with_somebody_to_ask_about_and_some_have_no_school() -> None:
    guardians = Counter(each.is_guardian for each in HARBOR.roster.student_contacts)
    enrolled = Counter(each.enrolled for each in HARBOR.roster.students)

    assert guardians[Guardianship.ASK] > 0
    assert enrolled == {Enrolled.ENROLMENT: 298, Enrolled.NO_SCHOOL: 2}


@pytest.mark.parametrize("today", DAYS)
def test_ages_fit_grades_around_any_day(today: date) -> None:
    found = town(today)
    year = found.roster.sessions[0].begins_on.year

    for each in found.roster.students:
        assert each.birth_date is not None
        assert each.grade is not None
        born = each.birth_date
        age = year - born.year - ((born.month, born.day) > (9, 1))
        oldest = 6 if each.grade == LAST_GRADE else 5
        assert 5 <= age - each.grade <= oldest


@pytest.mark.parametrize("today", DAYS)
def test_school_is_in_session_around_any_day_but_in_summer(today: date) -> None:
    found = town(today)
    now = found.clock_start or today
    session = found.roster.sessions[0], found.roster.sessions[1]

    assert any(each.begins_on <= now <= each.ends_on for each in session)
    assert (found.clock_start is not None) == (today.month in {7, 8} or today == date(2031, 6, 30))


def test_a_school_year_has_180_instructional_days_or_more_and_no_holiday() -> None:
    days = [
        each.day
        for each in HARBOR.roster.calendar_days
        if each.school_source_id == "harbor-elementary"
    ]

    assert len(days) == len(set(days)) >= 180
    assert date(2026, 11, 26) not in days
    assert all(each.weekday() < 5 for each in days)


def test_every_student_at_school_has_one_case_manager_and_one_teacher_of_that_school() -> None:
    schools = {each.source_id: each.school_source_ids for each in HARBOR.staff}
    at = {each.source_id: each.school_source_id for each in HARBOR.roster.students}
    roles = Counter((each.student_source_id, each.role) for each in HARBOR.assignments)

    assert len(roles) == 2 * 298
    assert set(roles.values()) == {1}
    for each in HARBOR.assignments:
        assert at[each.student_source_id] in schools[each.staff_source_id]
    assert {each.role for each in HARBOR.staff} == set(StaffRole)


def test_numbers_and_addresses_are_made_up_and_different() -> None:
    roster, partners = HARBOR.roster, HARBOR.partners
    channels = [c.value for each in roster.contacts for c in each.channels]
    phones = [each for each in channels if each.startswith("+")]
    phones += [each.phone for each in HARBOR.staff if each.phone]
    phones += [each.phone for each in partners.coordinators if each.phone]
    phones += [each.phone for each in partners.organizations if each.phone]
    phones += [each.phone for each in roster.schools if each.phone]
    emails = [each for each in channels if "@" in each]
    emails += [each.email for each in HARBOR.staff]
    emails += [each.email for each in partners.coordinators]
    emails += [each.email for each in partners.organizations if each.email]

    assert all(each[5:10] == "55501" and len(each) == 12 for each in phones)
    assert len(set(phones)) == len(phones)
    assert all(each.endswith(".example") and each.isascii() for each in emails)
    assert len(set(emails)) == len(emails)
    assert all(each < "00501" for zone in HARBOR.zones for each in zone.zips)


def test_places_are_free_full_unknown_or_stale() -> None:
    partners = HARBOR.partners
    stale = [each for each in partners.seats if TODAY - each.updated_on > timedelta(days=14)]

    assert sum(not each.free for each in partners.seats) >= 5
    assert len(stale) >= 3
    assert len(partners.services) - len(partners.seats) >= 10
    assert all(each.updated_on <= TODAY for each in partners.seats)


def test_agreements_run_end_soon_have_ended_or_are_not_needed() -> None:
    partners = HARBOR.partners
    ends = {each.organization_source_id: each.ends_on for each in partners.agreements}
    names = {each.source_id: each.name for each in partners.organizations}

    assert [names[each] for each, on in ends.items() if on < TODAY] == [AGREEMENT_ENDED]
    assert any(0 <= (on - TODAY).days <= 30 for on in ends.values())
    without = set(names) - set(ends)
    offered = {
        code
        for service in partners.services
        if service.organization_source_id in without
        for code in service.categories
    }
    assert offered == {"family.legal"}


def test_every_organization_has_a_phone_and_somebody_who_answers() -> None:
    partners = HARBOR.partners
    answering = {each.organization_source_id for each in partners.coordinators}

    assert answering == {each.source_id for each in partners.organizations}
    assert all(each.phone for each in partners.organizations)


def fits(service: ServiceRecord, story: Story, of: Town) -> bool:
    """The hard rules of matching, as far as a record alone decides them."""
    student = next(e for e in of.roster.students if e.source_id == story.student_source_id)
    assert student.grade is not None
    assert student.birth_date is not None
    age = (TODAY - student.birth_date).days // 365
    cost = service.cost
    ended = {
        each.organization_source_id for each in of.partners.agreements if each.ends_on >= TODAY
    }
    return (
        story.category in service.categories
        and service.organization_source_id in ended
        and (service.age_min or 0) <= age <= (service.age_max or 99)
        and (service.grade_min or 0) <= student.grade <= (service.grade_max or 99)
        and story.zone in service.areas
        and (cost.kind is CostKind.FREE or (cost.per_week or 0) <= story.cost_limit)
        and service.transport in {Transport.BRINGS, Transport.AT_SCHOOL}
        and service.school_sites in {(), (student.school_source_id,)}
        and any(each in story.weekdays for each in service.schedule.weekdays)
    )


@pytest.mark.parametrize("story", HARBOR.stories, ids=lambda each: each.code)
def test_every_story_has_a_guardian_reached_by_text_in_its_language(story: Story) -> None:
    guardian = next(
        each for each in HARBOR.roster.contacts if each.source_id == story.guardian_source_id
    )

    assert guardian.language == story.language
    assert guardian.channels[0].takes_texts
    assert any(each.medium is Medium.EMAIL for each in guardian.channels)


def test_the_family_in_haitian_creole_finds_several_services_that_speak_it() -> None:
    story = next(each for each in HARBOR.stories if each.language == "ht")
    found = [each for each in HARBOR.partners.services if fits(each, story, HARBOR)]
    same = [each for each in HARBOR.partners.services if story.category in each.categories]

    assert len([each for each in found if "ht" in each.languages]) >= 3
    assert len(same) - len(found) >= 5  # there is something to explain, too


def test_the_family_in_arabic_finds_a_service_that_speaks_it() -> None:
    story = next(each for each in HARBOR.stories if each.language == "ar")

    assert any("ar" in s.languages and fits(s, story, HARBOR) for s in HARBOR.partners.services)


def test_names_become_plain_addresses() -> None:
    assert address("Jwèl", "Lanmèble", at="x.example") == "jwel.lanmeble@x.example"
    assert address("Children's  Café", at="x.example") == "children-s--cafe@x.example"


def test_fictional_numbers_never_repeat_and_spare_the_schools() -> None:
    numbers = list(phone_numbers())

    assert len(numbers) == len(set(numbers)) == 880
    assert not {each.phone for each in HARBOR.roster.schools} & set(numbers)
