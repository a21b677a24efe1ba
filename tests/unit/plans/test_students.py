"""Who students are, who may sign for them, and what a roster changes."""

from dataclasses import replace
from datetime import date

import pytest

from schemas.envelope import Erased
from schemas.plans import Channel
from services.chassis.kernel import Decision
from services.plans.domain.students import (
    ContactFacts,
    LeaveSchool,
    RegisterStudent,
    Student,
    StudentFacts,
    age_on,
    card_of,
    chosen,
    leave_school,
    months_on,
    nobody,
    register,
    signer,
)
from tests.unit.plans.builders import DISTRICT, SCOPE, a_contact, a_context, a_student, key_of

TODAY = date(2026, 11, 23)


def a_registration(student: Student) -> RegisterStudent:
    return RegisterStudent(key=key_of("roster"), scope=SCOPE, student=student)


def test_registering_a_new_student_tells_the_card() -> None:
    decision = register(None, a_registration(a_student()), a_context())

    assert decision.state == a_student()
    assert decision.events == (card_of(a_student()),)


def test_registering_the_same_again_tells_nothing() -> None:
    assert register(a_student(), a_registration(a_student()), a_context()).events == ()


def test_a_student_only_referred_to_is_registered() -> None:
    before = nobody("student", DISTRICT)

    assert register(before, a_registration(a_student()), a_context()).state == a_student()


def test_an_erased_student_is_not_brought_back_by_a_roster() -> None:
    erased = a_student(facts=Erased())

    decision = register(erased, a_registration(a_student()), a_context())

    assert decision.state == erased
    assert decision.events == ()


def test_an_erased_contact_stays_erased_while_the_student_moves_on() -> None:
    before = a_student(a_contact(facts=Erased()))

    decision = register(before, a_registration(a_student(grade=4)), a_context())

    assert decision.state is not None
    assert decision.state.grade == 4
    assert isinstance(decision.state.contacts[0].facts, Erased)
    assert decision.events[0].contacts == ()  # type: ignore[attr-defined]


def test_a_student_between_schools_stays_with_the_last_one_and_its_case_manager() -> None:
    nowhere = a_student(school_id=None, case_manager_id=None)

    left = register(a_student(), a_registration(nowhere), a_context())
    again = register(left.state, a_registration(nowhere), a_context())
    back = register(left.state, a_registration(a_student()), a_context())

    assert left.state == a_student(is_between_schools=True)
    assert left.events == (card_of(a_student()),)
    assert again == Decision(left.state)
    assert back.state == a_student()


def test_a_student_between_schools_goes_to_the_case_manager_the_roster_names() -> None:
    nowhere = a_student(school_id=None, case_manager_id="another")

    decision = register(a_student(), a_registration(nowhere), a_context())

    assert decision.state == a_student(case_manager_id="another", is_between_schools=True)


def test_a_student_whom_no_roster_lists_any_more_is_between_schools() -> None:
    asked = LeaveSchool(key=key_of("roster"), scope=SCOPE, student_id="student")

    left = leave_school(a_student(), asked, a_context())

    assert left == Decision(a_student(is_between_schools=True))
    assert leave_school(left.state, asked, a_context()) == left
    assert leave_school(None, asked, a_context()) == Decision(None)


def test_a_student_who_never_had_a_school_has_none() -> None:
    nowhere = a_student(school_id=None, case_manager_id=None)

    assert register(None, a_registration(nowhere), a_context()).state == nowhere


def test_the_card_says_who_is_barred_and_who_may_be_called() -> None:
    father = a_contact("father", restrictions=frozenset({"no-contact"}))

    card = card_of(a_student(father, a_contact()))

    told = {each.person: each.facts for each in card.contacts}
    assert told["father"].barred  # type: ignore[union-attr]
    assert told["father"].notify == "none"  # type: ignore[union-attr]
    assert not told["father"].is_chosen  # type: ignore[union-attr]
    assert told["mother"].is_chosen  # type: ignore[union-attr]


def test_the_first_guardian_who_gets_the_news_is_called() -> None:
    grandmother = a_contact("grandmother", is_guardian="no", rank=1)
    second, first = a_contact("second", rank=3), a_contact("first", rank=2)

    assert chosen(a_student(grandmother, second, first)) == first


def test_where_no_guardian_gets_the_news_the_one_who_signs_is_called_and_hears_it() -> None:
    barred = a_contact("barred", restrictions=frozenset({"no-contact"}))
    second, first = a_contact("second", notify="none"), a_contact("first", notify="urgent", rank=1)
    aunt = a_contact("aunt", is_guardian="no")
    student = a_student(barred, second, first, aunt)

    told = {each.person: each.facts for each in card_of(student).contacts}

    assert chosen(student) == signer(student, TODAY) == first
    notified = {who: card.notify for who, card in told.items()}  # type: ignore[union-attr]
    assert notified == {"barred": "none", "second": "none", "first": "news", "aunt": "news"}
    assert chosen(a_student(barred, aunt)) is None


def test_a_guardian_whom_no_message_reaches_is_asked_after_the_others() -> None:
    landline = Channel(kind="phone", value="+16175550101", may_text=False)
    mother = a_contact("mother", rank=1, facts=ContactFacts(name="A", channels=(landline,)))
    father = a_contact("father", rank=2)

    assert chosen(a_student(mother, father)) == father
    assert signer(a_student(mother, father), TODAY) == father
    assert signer(a_student(mother), TODAY) == mother


@pytest.mark.parametrize(
    ("contact", "signs"),
    [
        (a_contact(), True),
        (a_contact(notify="urgent"), True),
        (a_contact(is_guardian="ask"), False),
        (a_contact(is_guardian="no"), False),
        (a_contact(restrictions=frozenset({"no-information"})), False),
        (a_contact(restrictions=frozenset({"no-contact"})), False),
        (a_contact(restrictions=frozenset({"no-pickup"})), True),
    ],
)
def test_only_a_guardian_whom_nothing_bars_signs(contact: object, signs: bool) -> None:  # noqa: FBT001
    assert (signer(a_student(contact), TODAY) is not None) is signs  # type: ignore[arg-type]


def test_nobody_signs_for_a_student_of_age() -> None:
    facts = StudentFacts(first_name="Ada", surname="P", birth_date=date(2008, 11, 23))

    assert signer(a_student(facts=facts), date(2026, 11, 22)) is not None
    assert signer(a_student(facts=facts), TODAY) is None


def test_a_guardian_by_law_signs_as_such() -> None:
    facts = ContactFacts(name="G", relation="legal guardian")

    assert a_contact().basis == "parent"
    assert replace(a_contact(), facts=facts).basis == "guardian"


@pytest.mark.parametrize(
    ("born", "years", "months"),
    [
        (date(2018, 11, 23), 8, 96),
        (date(2018, 11, 24), 7, 95),
        (date(2018, 12, 1), 7, 95),
        (None, None, None),
    ],
)
def test_age_is_counted_in_full_years_and_months(
    born: date | None, years: int | None, months: int | None
) -> None:
    assert age_on(born, TODAY) == years
    assert months_on(born, TODAY) == months
