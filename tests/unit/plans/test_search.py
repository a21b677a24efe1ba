"""Marks of names, pseudonyms, the need form, and what each role may see."""

from datetime import date
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.accounts import Role
from services.chassis.scope import Principal
from services.plans.pages.need_form import Filled, checked
from services.plans.pseudonyms import Pseudonyms
from services.plans.scopes import LEDGER_READERS, masks_parties, masks_restricted, scope_of
from services.plans.search import NameMarks, answers, words
from tests.unit.plans.builders import a_student

MARKS = NameMarks(b"k" * 32, "district")
NAMES = ("Zoë-Maria", "O'Brien")


@pytest.mark.parametrize(
    ("question", "is_found"),
    [
        ("zoe", True),
        ("ZOË", True),
        ("mar", True),
        ("bri", True),
        ("zoe bri", True),
        ("zoe b", True),
        ("zoe x", False),
        ("zoex", False),
        ("o", True),
        ("aria", False),
    ],
)
def test_a_student_is_found_by_the_beginning_of_any_word(
    question: str,
    is_found: bool,  # noqa: FBT001
) -> None:
    has_marks = set(MARKS.of_question(question)) <= MARKS.of_name(NAMES)

    assert (has_marks and answers(question, NAMES)) is is_found


@given(name=st.text(min_size=1, max_size=30))
def test_every_name_is_found_by_itself(name: str) -> None:
    asked = MARKS.of_question(name)

    assert set(asked) <= MARKS.of_name([name])
    assert answers(name, [name])
    assert bool(asked) is bool(words(name))


def test_marks_of_two_districts_have_nothing_in_common() -> None:
    other = NameMarks(b"k" * 32, "another")

    assert not MARKS.of_name(NAMES) & other.of_name(NAMES)


@given(st.text())
def test_a_pseudonym_looks_like_a_random_id(source_id: str) -> None:
    found = UUID(Pseudonyms(b"k" * 32, "harbor").of("student", source_id))

    assert (found.version, found.variant) == (4, RFC_4122)


def test_a_pseudonym_is_the_same_each_time_and_of_one_district_and_sort() -> None:
    ids = Pseudonyms(b"k" * 32, "harbor")

    assert ids.of("student", "1") == Pseudonyms(b"k" * 32, "harbor").of("student", "1")
    others = {
        ids.of("contact", "1"),
        ids.of("student", "2"),
        Pseudonyms(b"k" * 32, "elsewhere").of("student", "1"),
        Pseudonyms(b"x" * 32, "harbor").of("student", "1"),
    }
    assert len(others | {ids.of("student", "1")}) == 5


def a_principal(role: Role, *schools: str) -> Principal:
    return Principal(user_id="user", role=role, district="district", school_ids=frozenset(schools))


@pytest.mark.parametrize(
    ("role", "schools", "is_seen"),
    [
        (Role.CASE_MANAGER, ("school",), True),
        (Role.CASE_MANAGER, ("another",), False),
        (Role.CASE_MANAGER, (), False),
        (Role.SUPERVISOR, ("school",), True),
        (Role.SUPERVISOR, ("another",), False),
        (Role.SUPERVISOR, (), True),
        (Role.PRIVACY_OFFICER, (), True),
        (Role.TEACHER, ("another",), False),
        (Role.TEACHER, (), False),
    ],
)
def test_each_role_sees_the_students_of_its_schools(
    role: Role,
    schools: tuple[str, ...],
    is_seen: bool,  # noqa: FBT001
) -> None:
    assert scope_of(a_principal(role, *schools)).covers(a_student()) is is_seen


def test_only_case_managers_read_restricted_needs() -> None:
    assert [role for role in Role if not masks_restricted(a_principal(role))] == [Role.CASE_MANAGER]


def test_a_ledger_names_every_party_to_the_privacy_officer_and_not_to_a_supervisor() -> None:
    told = [role for role in LEDGER_READERS if not masks_parties(a_principal(role))]
    assert told == [Role.CASE_MANAGER, Role.PRIVACY_OFFICER]


GOOD: dict[str, Any] = {"category": "enrich.tutoring", "summary": "Help with homework"}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, []),
        ({"category": "enrich.nothing"}, ["category"]),
        ({"summary": "  "}, ["summary"]),
        ({"summary": "x" * 501}, ["summary"]),
        ({"summary": "Her visa ended"}, ["summary"]),
        ({"summary": "Her visa ended", "keep_words": "yes"}, []),
        ({"summary": "Needs grace and patience"}, []),
        ({"weekdays": ["1"], "starts": "15:00", "ends": "18:00"}, []),
        ({"weekdays": ["1"], "starts": "", "ends": "18:00"}, ["starts"]),
        ({"weekdays": ["1"], "starts": "15:00", "ends": "x"}, ["ends"]),
        ({"weekdays": ["1"], "starts": "18:00", "ends": "15:00"}, ["ends"]),
        ({"weekdays": ["9"]}, ["weekdays"]),
        ({"cost": "amount", "amount": "10.50"}, []),
        ({"cost": "amount", "amount": "ten"}, ["amount"]),
        ({"cost": "gold"}, ["cost"]),
        ({"insurance": "gold"}, ["insurance"]),
        ({"wanted_from": "soon"}, ["wanted_from"]),
    ],
)
def test_the_form_says_what_is_wrong_and_makes_a_command_of_the_rest(
    given: dict[str, Any], wrong: list[str]
) -> None:
    filled = Filled(**(GOOD | given))

    assert [name for name, _ in checked(filled, date(2026, 11, 24))] == wrong
    if not wrong:
        assert filled.asked()["category"] == "enrich.tutoring"
