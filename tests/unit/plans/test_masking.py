"""Whoever may not know the partner of a restricted need finds it in no line of the record."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from schemas.envelope import seal_of
from schemas.referrals import DeclineFacts
from services.plans.domain.attention import Raised
from services.plans.domain.cases import Case
from services.plans.domain.needs import AskedAct
from services.plans.domain.timeline import Happening, Timeline
from services.plans.pages.past import happened
from services.plans.pages.showing import shown
from services.plans.pages.speech import Speech
from services.plans.queries.records import NeedRecord, StudentRecord
from tests.unit.plans.builders import (
    MANAGER,
    NAMES,
    NEED,
    NOW,
    STUDENT,
    a_book,
    a_case,
    a_need,
    a_student,
    an_offer,
)

KNOWS: Final = Speech(
    say=str, locale="en", zone="America/New_York", now=datetime(2026, 11, 24, 15, tzinfo=UTC)
)
MASKED: Final = replace(KNOWS, masks=True)
WORDS: Final = "The boy next door comes here too"
WHY_NOT: Final = DeclineFacts(
    code="needs-higher-level-of-care", text=WORDS, organization_name=NAMES[0]
)
CASES: Final = {
    "kept": a_case(kept_offer_id="offer-0", state="AWAITING_CONSENT"),
    "offered": a_case(an_offer(answer_by=NOW)),
    "accepted": a_case(an_offer(state="ACCEPTED")),
    "declined": a_case(an_offer(state="DECLINED", decline=seal_of(STUDENT, WHY_NOT))),
}


def a_record(case: Case, *, restricted: bool = True) -> StudentRecord:
    refused = AskedAct(
        act_id="act",
        kind="choice",
        offer_id="offer-0",
        asked_by=MANAGER,
        asked_at=NOW,
        state="refused",
        code="seat_taken",
    )
    codes = ("partner-chosen", "choice-kept", "offer-made", "offer-declined", "packet-viewed")
    line = Timeline(
        need_id=NEED,
        district="district",
        student_id=STUDENT,
        happenings=tuple(Happening(at=NOW, code=each, offer_id="offer-0") for each in codes),
    )
    asked = replace(refused, act_id="asked", state="asked", code=None)
    need = a_need(restricted=restricted, acts=(asked, refused))
    need = need.with_raised("act", Raised(matter="act-refused", at=NOW))
    return StudentRecord(
        student=a_student(),
        school=None,
        manager=None,
        book=a_book(),
        needs=[NeedRecord(need=need, case=case, timeline=line)],
        standing=[],
    )


def told(record: StudentRecord, speech: Speech) -> str:
    """All that the page says of needs and of what happened to them."""
    needs = [shown(each, record.book, speech) for each in record.needs]
    said = [(n.asked, n.candidates, n.impossible, n.out, n.offers, n.kept) for n in needs]
    return f"{said} {happened(record, speech)}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_restricted_need_names_its_partner_nowhere(case: Case) -> None:
    text = told(a_record(case), MASKED)

    assert [name for name in NAMES if name in text] == []
    assert WORDS not in text
    assert "Needs more care than we can give" not in text


@pytest.mark.parametrize("speech", [KNOWS, MASKED], ids=["restricted", "not restricted"])
def test_whoever_may_know_is_told_who_and_why_not(speech: Speech) -> None:
    text = told(a_record(CASES["declined"], restricted=not speech.masks), speech)

    assert f"Asked: send this to {NAMES[0]}" in text
    assert f"{NAMES[0]} declined" in text
    assert text.count(WORDS) == 2  # beside the offer, and in the past
