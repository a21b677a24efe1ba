"""What the page of a student promises of each partner that may be asked."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from services.plans.domain.rights import in_force
from services.plans.pages.showing import shown
from services.plans.pages.speech import Speech
from services.plans.queries.records import NeedRecord
from tests.unit.plans.builders import (
    NOW,
    a_book,
    a_case,
    a_consent,
    a_contact,
    a_need,
    a_standing,
    a_student,
)

SPEECH: Final = Speech(
    say=str, locale="en", zone="America/New_York", now=datetime(2026, 11, 24, 15, tzinfo=UTC)
)
ASK, TELL, SIGNED = (
    "Send, and ask the family",
    "Send, and tell the family",
    "Send: the family has signed",
)
SAME: Final = a_student()
LEFT: Final = a_student(a_contact("father"))  # whoever signed is a contact no more


@pytest.mark.parametrize(
    ("consents", "student", "first", "others"),
    [
        ([], SAME, ASK, ASK),
        ([a_consent(0)], SAME, SIGNED, ASK),
        ([a_consent(0, expires_at=NOW)], SAME, ASK, ASK),
        ([a_consent(0)], LEFT, ASK, ASK),
        ([a_standing()], SAME, TELL, TELL),
        ([a_standing()], LEFT, ASK, ASK),
    ],
)
def test_a_button_says_whether_the_family_is_asked_about_its_partner(
    consents: Any, student: Any, first: str, others: str
) -> None:
    book = in_force(a_book(*consents), student, NOW, NOW.date())
    record = NeedRecord(need=a_need(), case=a_case(), timeline=None)

    said = [each["send"] for each in shown(record, book, SPEECH).candidates]

    assert (said[0], {*said[1:]}) == (first, {others})
