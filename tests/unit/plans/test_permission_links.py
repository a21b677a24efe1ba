"""A standing permission has no need: what its link raises waits at its student's open needs."""

from typing import Any

import pytest

from schemas.envelope import seal_of
from schemas.notifications import LinkLocked
from schemas.plans import ConsentGiven, ConsentRevoked, PartyScope
from services.chassis.kernel import Decision, On, Selection
from services.plans.domain.attention import Raised
from services.plans.domain.following import follow_permission, whose_permission
from services.plans.domain.needs import Need
from services.plans.domain.signing import take_answer
from services.plans.handlers import TABLES
from tests.unit.plans.builders import (
    MOTHER,
    NEED,
    NOW,
    STUDENT,
    a_book,
    a_consent,
    a_context,
    a_need,
    a_standing,
    a_student,
    an_answer,
)

BOOK = a_book(a_consent(0), a_standing(state="asked"))
LINK: dict[str, Any] = {"link_id": "link", "student_id": STUDENT, "contact_id": MOTHER, "at": NOW}
LOCKED = LinkLocked(**LINK, need_id="standing")
AWAY = an_answer("wrong-person", need_id="standing", consent_id=None)


def after(said: Any, need: Need | None = None) -> Need:
    return follow_permission(need or a_need(), said, a_context(BOOK)).state


@pytest.mark.parametrize(("said", "matter"), [(LOCKED, "link-locked"), (AWAY, "wrong-person")])
def test_a_permission_whose_link_failed_waits_for_a_call(said: Any, matter: Any) -> None:
    busy = a_need().with_raised("family", Raised(matter="cannot-come", at=NOW))

    assert whose_permission(said) == STUDENT
    assert after(said).attention == Raised(matter=matter, at=NOW)
    assert after(said, busy).matter_of("family") == "cannot-come"  # nothing else is forgotten


def the_signature() -> ConsentGiven:
    answer = an_answer(consent_id="standing", need_id="standing")
    (said,) = take_answer(BOOK, answer, a_context(a_student())).events
    assert isinstance(said, ConsentGiven)
    return said


def test_it_waits_no_more_once_the_permission_was_answered() -> None:
    scope = seal_of(STUDENT, PartyScope(consent_class="enrichment"))
    ids = {"student_id": STUDENT, "consent_id": "standing", "need_id": "standing"}
    revoked = ConsentRevoked(**ids, of_all=True, revoked_at=NOW, sealed=scope)

    for said in (the_signature(), revoked):
        assert whose_permission(said) == STUDENT
        assert after(said, after(LOCKED)).attention is None


def test_what_is_of_one_need_waits_at_that_one_alone() -> None:
    of_need = LinkLocked(**LINK, need_id=NEED)
    signed = the_signature().model_copy(update={"need_id": NEED})

    assert after(of_need) == a_need()
    assert whose_permission(signed) is None
    assert whose_permission(an_answer("cannot-come")) is None
    assert follow_permission(a_need(), LOCKED, a_context(a_book())) == Decision(a_need())


def test_each_fact_of_a_permission_reaches_the_open_needs() -> None:
    rows = {
        row.message.__name__
        for row in TABLES.rows
        if isinstance(row, On) and row.kind is Need and row.decide is follow_permission
        if isinstance(row.by, Selection)
    }

    assert rows >= {"LinkLocked", "FamilyAnswered", "ConsentGiven", "ConsentRevoked"}
