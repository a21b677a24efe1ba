"""Places that are kept for longer than the question about them is open: over a break, a summer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.chassis.days import Calendar
from services.chassis.kernel import Context, Tick
from services.plans.domain.asking import ask_for_choice, follow_student
from services.plans.domain.consents import ConsentBook, clock_of
from services.plans.domain.gate import pass_gate, run_out
from services.plans.domain.school_days import SchoolDays
from services.plans.domain.signing import take_answer
from services.plans.domain.students import card_of
from tests.unit.plans.builders import (
    STUDENT,
    a_case,
    a_context,
    a_need,
    a_student,
    an_answer,
    an_offer,
    chosen,
    offer_accepted,
    types_of,
)

ASKED_AT, ACCEPTED_AT = (datetime(2026, 12, day, 15, tzinfo=UTC) for day in (17, 22))
BREAK_STARTS = date(2026, 12, 23)


def at_school(now: datetime, *, break_days: int) -> Context:
    """A context in which no day of school counts from the day after the partner's yes on."""
    closed = frozenset(BREAK_STARTS + timedelta(days=n) for n in range(break_days))
    calendar = Calendar(zone="America/New_York", closed=closed)
    around = SchoolDays({STUDENT: calendar})
    scene = (a_student(), a_case(an_offer()), a_need())
    context = a_context(*scene, now=now, message=now.isoformat())
    return replace(context, seen={**context.seen, SchoolDays: around})


def kept(*, break_days: int) -> ConsentBook:
    asked_at, accepted_at = (at_school(at, break_days=break_days) for at in (ASKED_AT, ACCEPTED_AT))
    asked = ask_for_choice(None, chosen(), asked_at)
    waiting = pass_gate(asked.state, offer_accepted(), accepted_at)
    assert types_of(waiting.events) == ["PacketPending", "DisclosureRecorded"]
    return waiting.state


def looked_at(book: ConsentBook, *, break_days: int) -> tuple[datetime, Any]:
    """What follows when the clock of the place runs out, and when that is."""
    (at,) = book.clocks.values()
    tick = Tick(kind="consent_books", subject=STUDENT, name=clock_of("offer-0"), at=at)
    return at, run_out(book, tick, at_school(at, break_days=break_days))


def test_the_family_is_asked_anew_when_a_question_closes_before_its_place_is_lost() -> None:
    book = kept(break_days=14)
    (question,) = book.consents

    at, looked = looked_at(book, break_days=14)

    assert at == question.open_until
    assert types_of(looked.events) == ["ConsentRequested"]
    answer = an_answer(consent_id=looked.state.consents[-1].consent_id)
    signed = take_answer(looked.state, answer, at_school(at, break_days=14))
    assert types_of(signed.events) == ["ConsentGiven", "PacketReleased", "DisclosureRecorded"]


@pytest.mark.parametrize(("break_days", "times"), [(0, 0), (14, 1), (75, 6)])
def test_a_place_is_lost_on_its_day_however_often_its_family_was_asked(
    break_days: int, times: int
) -> None:
    book, told = kept(break_days=break_days), list[str]()
    (place,), looks = book.pending, list[datetime]()

    while book.clocks:
        at, looked = looked_at(book, break_days=break_days)
        assert not looks or looks[-1] < at
        looks.append(at)
        told += types_of(looked.events)
        book = looked.state

    assert told == [*["ConsentRequested"] * times, "PacketWithheld", "DisclosureRecorded"]
    assert looks[-1] == place.kept_until


def test_an_early_look_forgets_neither_the_questions_end_nor_the_places() -> None:
    book, changed_at = kept(break_days=14), ACCEPTED_AT + timedelta(days=1)
    context = at_school(changed_at, break_days=14)

    changed = follow_student(book, card_of(a_student()), context).state
    at, looked = looked_at(changed, break_days=14)

    assert at == changed_at
    assert (looked.state, looked.events) == (book, ())
