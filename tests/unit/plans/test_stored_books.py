"""How a consent book is stored: what an older process can read, and what comes back."""

from dataclasses import replace

from services.chassis.vault import Keyring
from services.plans.domain.gate import pass_gate
from services.plans.repository.consents import BOOKS
from tests.unit.plans.builders import (
    DISTRICT,
    NOW,
    STUDENT,
    a_book,
    a_case,
    a_context,
    a_need,
    a_student,
    an_offer,
    offer_accepted,
)

NO_KEYS = Keyring({})
SCENE = (a_student(), a_case(an_offer()), a_need())
(KEPT,) = pass_gate(None, offer_accepted(), a_context(*SCENE)).state.pending


def test_a_kept_place_says_only_when_it_is_to_be_looked_at_before_its_end() -> None:
    looked_at = replace(KEPT, offer_id="looked at", look_at=NOW)
    book = a_book(pending=(KEPT, looked_at))

    stored = BOOKS.to_document(book, NO_KEYS)
    read = BOOKS.read({**stored, "_id": STUDENT, "district": DISTRICT}, NO_KEYS)

    assert ["look_at" in each for each in stored["pending"]] == [False, True]
    assert read == book
