"""What a case manager asks of the referral service, and how that is answered."""

from typing import Any, Final

import pytest

from schemas.envelope import Erased
from schemas.referrals import ActRefused, ActSettled
from services.chassis.kernel import Refused
from services.plans.domain.acts import ChoosePartner, RecordAnswer, choose, record_answer
from services.plans.domain.following import follow
from tests.unit.plans.builders import (
    ABOUT,
    NEED,
    SCOPE,
    a_candidate,
    a_case,
    a_contact,
    a_context,
    a_need,
    a_run,
    a_student,
    an_offer,
    key_of,
    offer_accepted,
    offer_made,
    types_of,
)

TAKEN_BACK: Final = an_offer(0, "RECALLED", code="consent-missing")


def a_choice(number: int = 0) -> ChoosePartner:
    return ChoosePartner(
        key=key_of("choose"), scope=SCOPE, need_id=NEED, offer_id=f"offer-{number}"
    )


def test_a_choice_is_asked_of_the_referral_service_and_stands_as_asked() -> None:
    decision = choose(a_need(), a_choice(), a_context(a_case(), a_student()))

    (said,) = decision.events
    assert decision.state.acts[0].state == "asked"
    assert decision.state.acts[0].act_id == said.act_id  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("need", "case", "student", "code"),
    [
        (None, a_case(), a_student(), "need_unknown"),
        (a_need(referral_id=None), a_case(), a_student(), "need_unknown"),
        (a_need(), a_case(run=None), a_student(), "offer_unknown"),
        (a_need(), a_case(run=a_run(a_candidate(1))), a_student(), "offer_unknown"),
        (a_need(), a_case(an_offer(1)), a_student(), "already_chosen"),
        (a_need(), a_case(an_offer(1, "ACCEPTED")), a_student(), "already_chosen"),
        (a_need(), a_case(an_offer(0, "DECLINED")), a_student(), "offer_closed"),
        (a_need(), a_case(TAKEN_BACK, state="MATCHING"), a_student(), "offer_closed"),
        (a_need(state="WITHDRAWN"), a_case(), a_student(), "offer_closed"),
        (a_need(), a_case(), a_student(a_contact(is_guardian="ask")), "no_signer"),
        (a_need(), a_case(), a_student(facts=Erased()), "no_signer"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(need: Any, case: Any, student: Any, code: str) -> None:
    with pytest.raises(Refused, match=code):
        choose(need, a_choice(), a_context(case, student))


def test_a_second_choice_waits_for_the_answer_to_the_first() -> None:
    context = a_context(a_case(), a_student())
    asking = choose(a_need(), a_choice(), context).state

    with pytest.raises(Refused, match="already_chosen"):
        choose(asking, a_choice(1), context)


def test_a_choice_that_waits_for_the_signature_gives_way_to_another() -> None:
    waiting = a_context(a_case(kept_offer_id="offer-1"), a_student())

    assert types_of(choose(a_need(), a_choice(), waiting).events) == ["PartnerChosen"]


@pytest.mark.parametrize(
    ("code", "again"),
    [("consent-missing", True), ("consent-withdrawn", True), ("family-declined", False)],
)
def test_on_hold_whose_offer_was_taken_back_for_want_of_a_permission_may_be_chosen_again(
    code: str, *, again: bool
) -> None:
    on_hold = a_case(an_offer(0, "RECALLED", code=code), state="ON_HOLD")

    assert ("offer-0" in [each.offer_id for each in on_hold.untried]) is again
    if again:
        chosen = choose(a_need(), a_choice(), a_context(on_hold, a_student()))
        assert types_of(chosen.events) == ["PartnerChosen"]


def a_record(**given: Any) -> RecordAnswer:
    fields: dict[str, Any] = {
        "key": key_of("record"),
        "scope": SCOPE,
        "need_id": NEED,
        "offer_id": "offer-0",
        "answer": "accept",
        "said_by": "Front desk",
        "channel": "phone",
    }
    return RecordAnswer(**(fields | given))


def test_a_partners_answer_is_recorded_for_an_open_offer_alone() -> None:
    decision = record_answer(a_need(), a_record(), a_context(a_case(an_offer())))

    assert types_of(decision.events) == ["PartnerActRecorded"]
    assert decision.state.acts[0].kind == "accept"
    for case, code in (
        (a_case(), "offer_unknown"),
        (a_case(an_offer(state="EXPIRED")), "offer_closed"),
        (a_case(an_offer(state="ACCEPTED")), "offer_closed"),
    ):
        with pytest.raises(Refused, match=code):
            record_answer(a_need(), a_record(), a_context(case))
    with pytest.raises(Refused, match="need_unknown"):
        record_answer(None, a_record(), a_context(a_case(an_offer())))


@pytest.mark.parametrize("kind", ["refused", "settled", "event"])
def test_an_act_is_done_or_refused_once_it_is_answered(kind: str) -> None:
    asking = choose(a_need(), a_choice(), a_context(a_case(), a_student())).state
    act_id = asking.acts[0].act_id
    said: dict[str, Any] = {
        "refused": ActRefused(**ABOUT, code="no_seat", answers=act_id),
        "settled": ActSettled(**ABOUT, answers=act_id),
        "event": offer_made(answers=act_id),
    }

    moved = follow(asking, said[kind], a_context()).state

    assert moved is not None
    assert moved.acts[0].state == ("refused" if kind == "refused" else "done")
    assert (moved.attention is not None) is (kind == "refused")
    assert not moved.is_asking


@pytest.mark.parametrize("moved_on", [offer_made(), offer_accepted()])
def test_what_could_not_be_done_is_no_work_once_the_need_has_moved_on(moved_on: Any) -> None:
    recorded = record_answer(a_need(), a_record(), a_context(a_case(an_offer()))).state
    no = ActRefused(**ABOUT, code="offer_closed", answers=recorded.acts[0].act_id)

    told = follow(recorded, no, a_context()).state
    assert told is not None
    assert [each.code for each in told.acts_in_view] == ["offer_closed"]

    moved = follow(told, moved_on, a_context()).state
    assert moved is not None
    assert (moved.attention, moved.acts_in_view) == (None, ())


def test_a_no_to_what_was_asked_before_is_in_view_no_more_once_something_else_is_asked() -> None:
    asking = choose(a_need(), a_choice(), a_context(a_case(), a_student())).state
    no = ActRefused(**ABOUT, code="no_seat", answers=asking.acts[0].act_id)
    told = follow(asking, no, a_context()).state
    context = a_context(a_case(), a_student(), message="later")
    again = choose(told, a_choice(1), context).state

    assert [each.offer_id for each in again.acts_in_view] == ["offer-1"]


def test_an_answer_to_somebody_elses_act_changes_nothing() -> None:
    asking = choose(a_need(), a_choice(), a_context(a_case(), a_student())).state

    assert follow(asking, ActSettled(**ABOUT, answers="another"), a_context()).state == asking
