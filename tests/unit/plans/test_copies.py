"""Copies of referrals, timelines, and that every code they show has words."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from schemas.codes import FamilyAnswer, NeedState, Rule
from schemas.envelope import seal_of
from schemas.referrals import (
    ChoiceKept,
    DeclineFacts,
    NeedUnmet,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRecalled,
    ReferralClosed,
    ReferralOpened,
)
from services.chassis.kernel import Selection
from services.plans.domain import cases, timeline
from services.plans.domain.attention import MATTERS
from services.plans.domain.cases import Case
from services.plans.domain.timeline import Timeline
from services.plans.handlers import TABLES
from services.plans.pages import wording
from services.plans.pages.speech import DETAIL_WORDS
from tests.unit.plans.builders import (
    ABOUT,
    NEED,
    NOW,
    STUDENT,
    a_case,
    a_context,
    a_run,
    an_offer,
    offer_accepted,
    offer_made,
    ranked,
)


def declined() -> OfferDeclined:
    facts = DeclineFacts(code="no-capacity", text="until January", organization_name="Tide Pool")
    return OfferDeclined(
        **ABOUT,
        offer_id="offer-0",
        seat="freed",
        declined_at=NOW,
        sealed=seal_of(STUDENT, facts),
    )


def recalled(code: Any) -> OfferRecalled:
    return OfferRecalled(**ABOUT, offer_id="offer-0", seat="freed", code=code, recalled_at=NOW)


def told(*facts: Any, case: Case | None = None) -> Case:
    for said in facts:
        case = cases.copy(case, said, a_context()).state
    assert case is not None
    return case


OPENED = ReferralOpened(**ABOUT, public_reference="R-7KQ2-M4", opened_at=NOW)
EXPIRED = OfferExpired(**ABOUT, offer_id="offer-0", seat="freed", expired_at=NOW)
KEPT = ChoiceKept(**ABOUT, offer_id="offer-0", kept_at=NOW)
UNMET = NeedUnmet(**ABOUT, run_id="run", unmet_at=NOW, sealed=a_run())
CLOSED = ReferralClosed(**ABOUT, state="CLOSED_DECLINED", closed_at=NOW)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((OPENED, ranked()), "MATCHING"),
        ((OPENED, UNMET), "UNMET"),
        ((OPENED, UNMET, ranked()), "MATCHING"),
        ((ranked(), KEPT), "AWAITING_CONSENT"),
        ((ranked(), KEPT, ranked()), "MATCHING"),
        ((ranked(), offer_made()), "OFFERED"),
        ((ranked(), offer_made(), ranked()), "OFFERED"),
        ((offer_made(), offer_accepted()), "ACCEPTED"),
        ((offer_made(), declined()), "MATCHING"),
        ((offer_made(), EXPIRED), "MATCHING"),
        ((offer_made(), EXPIRED, offer_made(1)), "OFFERED"),
        ((offer_made(), offer_made(1), EXPIRED), "OFFERED"),
        ((offer_made(), recalled("consent-missing")), "ON_HOLD"),
        ((offer_made(), recalled("moved")), "MATCHING"),
        ((offer_made(), CLOSED, recalled("family-declined")), "CLOSED_DECLINED"),
    ],
)
def test_a_referral_is_shown_in_the_state_its_facts_tell(facts: Any, state: str) -> None:
    assert told(*facts).state == state


def test_a_kept_choice_ends_with_its_offer_and_with_a_new_ranking() -> None:
    assert told(ranked(), KEPT).kept_offer_id == "offer-0"
    for after in (offer_made(), ranked(), UNMET):
        assert told(ranked(), KEPT, after).kept_offer_id is None


def test_a_partner_is_named_by_its_offer_else_by_its_candidate() -> None:
    case = told(OPENED, ranked(), offer_made(5))

    assert case.party("offer-5").name == "Dune"  # type: ignore[union-attr]
    assert case.party("offer-1").name == "Harbor Branch"  # type: ignore[union-attr]
    assert case.party("offer-9") is None
    assert [each.offer_id for each in case.untried] == [f"offer-{n}" for n in range(5)]
    assert case.reference == "R-7KQ2-M4"


def test_the_yes_keeps_its_first_day_and_the_no_its_reason() -> None:
    yes, no = told(offer_made(), offer_accepted()), told(offer_made(), declined())

    assert yes.offers[0].starts_on == offer_accepted().starts_on
    assert no.offers[0].decline == declined().sealed


def test_happenings_stand_in_order_of_time_however_they_arrive() -> None:
    later = offer_made(made_at=NOW + timedelta(hours=1))

    line = timeline.note(None, later, a_context()).state
    line = timeline.note(line, OPENED, a_context()).state

    assert [each.code for each in line.happenings] == ["referral-opened", "offer-made"]
    assert line.happenings[1].until == later.answer_by
    assert (line.need_id, line.student_id) == (NEED, STUDENT)


def test_a_timeline_keeps_the_newest_of_very_many() -> None:
    line = timeline.note(None, OPENED, a_context()).state
    for number in range(timeline.ENTRIES_AT_MOST):
        said = offer_made(made_at=NOW + timedelta(minutes=number + 1))
        line = timeline.note(line, said, a_context()).state

    assert len(line.happenings) == timeline.ENTRIES_AT_MOST
    assert line.happenings[0].code == "offer-made"


def test_what_is_about_no_need_is_on_no_timeline() -> None:
    (line,) = (row for row in TABLES.rows if row.kind is Timeline and row.message is OfferMade)
    assert not isinstance(line.by, Selection)
    assert line.by(offer_made()) == [NEED]
    assert line.by(offer_made().model_copy(update={"need_id": None})) == []


def test_every_code_that_a_page_shows_has_words() -> None:
    assert {each.code for each in timeline.TOLD.values()} == set(wording.HAPPENED)
    assert set(MATTERS) == set(wording.MATTERS)
    assert set(get_args(Rule)) == set(wording.RULE_WORDS)
    assert set(get_args(NeedState)) == set(wording.NEED_STATES)
    assert set(get_args(FamilyAnswer)) <= set(DETAIL_WORDS)


def test_an_offer_that_is_open_or_accepted_is_live() -> None:
    states = ("OFFERED", "ACCEPTED", "DECLINED", "EXPIRED", "RECALLED", "PROPOSED", "DROPPED")

    assert [each for each in states if a_case(an_offer(state=each)).live] == [
        "OFFERED",
        "ACCEPTED",
    ]
