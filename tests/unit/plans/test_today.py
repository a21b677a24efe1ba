"""What the work list offers to do at one press."""

from datetime import date

import pytest

from services.plans.domain.attention import Raised
from services.plans.domain.students import Student, StudentFacts
from services.plans.pages.today import next_choice
from services.plans.queries.lists import Waiting
from tests.unit.plans.builders import NOW, a_case, a_contact, a_need, a_student, an_offer

DECLINED = a_need().with_raised("partner", Raised(matter="declined", at=NOW))
OF_AGE = StudentFacts(first_name="Ada", surname="Pebblebrook", birth_date=date(2008, 11, 23))


def waiting(student: Student) -> Waiting:
    return Waiting(student=student, need=DECLINED, case=a_case(an_offer(state="DECLINED")))


def test_the_next_eligible_service_is_asked_at_one_press() -> None:
    offered = next_choice(waiting(a_student()), NOW.date())
    assert offered == {"offer_id": "offer-1", "name": "Harbor Branch"}


@pytest.mark.parametrize(
    "student", [a_student(facts=OF_AGE), a_student(a_contact(is_guardian="unknown"))]
)
def test_no_service_is_offered_where_nobody_may_sign(student: Student) -> None:
    assert next_choice(waiting(student), NOW.date()) is None
