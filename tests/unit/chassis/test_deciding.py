from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis.deciding import decided, is_late
from services.chassis.kernel import Act, Clock, Context, Copy, Decision, On, Refused, Route, Tick
from services.chassis.messages import Message, from_command, from_tick, tick_id
from services.chassis.scope import Scope
from services.chassis.working import Loaded
from tests.toy.boxes import BOXES, FILL, Box
from tests.toy.builders import a_filling, a_recount, to_fill
from tests.toy.counts import COUNTS, REST, Answers, Count, clock_of
from tests.toy.door import DISTRICT, MONDAY
from tests.toy.events import RecountAsked, ThingCounted

HOUR = timedelta(hours=1)


def a_count(**given: Any) -> Loaded:
    """A stored count."""
    state = Count(owner_id="owner-1", district=DISTRICT, **given)
    return Loaded(kind=COUNTS, id="owner-1", state=state, version=1)


def a_context(subject: str = "owner-1") -> Context:
    """What a decision sees."""
    return Context(message_id=UUID(int=1), subject=subject, now=MONDAY, district=DISTRICT)


def a_message(body: Any) -> Message:
    """A fact."""
    return Message(id=UUID(int=1), body=body, routes=(), district=DISTRICT)


def a_tick(at: Any = MONDAY) -> Message:
    """A clock that ran out."""
    tick = Tick(kind="counts", subject="owner-1", name=clock_of("owner-1"), at=at)
    route = Clock(kind=Count, sorts=(REST,), decide=lambda s, t, c: Decision(s))
    return from_tick(tick, route, DISTRICT, 1)


def of_owner(said: Any) -> list[str]:
    """The owner's count."""
    return [said.owner_id]


def test_a_decision_may_not_tell_of_another_subject() -> None:
    said = ThingCounted(owner_id="somebody else", total=1)
    route: Route[Any, Any] = On(
        ThingCounted, kind=Count, by=of_owner, decide=lambda s, m, c: Decision(s, (said,))
    )

    with pytest.raises(RuntimeError, match="another subject"):
        decided(route, a_message(said), a_count(), a_context(), None)


def test_a_decision_may_not_make_a_state_vanish() -> None:
    route: Route[Any, Any] = On(
        ThingCounted, kind=Count, by=of_owner, decide=lambda s, m, c: Decision(None)
    )

    with pytest.raises(RuntimeError, match="vanish"):
        decided(route, a_message(a_filling()), a_count(), a_context(), None)


def test_an_act_is_not_answered_twice() -> None:
    act = a_recount(act_id="act")
    answer = ThingCounted(owner_id="owner-1", total=1, answers="act")
    route = Act(
        RecountAsked, kind=Count, by=of_owner, decide=lambda s, m, c: Decision(s, (answer, answer))
    )

    with pytest.raises(RuntimeError, match="answered 2 times"):
        decided(route, a_message(act), a_count(), a_context(), Answers())


def test_an_act_without_answers_in_its_service_is_a_bug() -> None:
    route = Act(RecountAsked, kind=Count, by=of_owner, decide=lambda s, m, c: Decision(s))

    with pytest.raises(RuntimeError, match="needs Answers"):
        decided(route, a_message(a_recount()), a_count(), a_context(), None)


def test_a_command_does_not_see_and_cannot_replace_what_is_out_of_scope() -> None:
    box = Box(box_id="box-1", district=DISTRICT, owner_id="owner-1", things=5)
    target = Loaded(kind=BOXES, id="box-1", state=box, version=1)
    asked = to_fill(scope=Scope(district="district-2", actor="stranger"))

    with pytest.raises(Refused) as refused:
        decided(FILL, from_command(asked, FILL, None), target, a_context("box-1"), None)

    assert refused.value.code == "subject_unknown"


LOOK: Route[Any, Any] = Clock(kind=Count, sorts=(REST,), decide=lambda s, t, c: Decision(s))


def test_a_tick_is_late_when_its_clock_says_another_time_or_none() -> None:
    assert not is_late(LOOK, a_tick(), a_count(rests_until=MONDAY))
    assert is_late(LOOK, a_tick(), a_count(rests_until=MONDAY + HOUR))
    assert is_late(LOOK, a_tick(), a_count())
    assert is_late(LOOK, a_tick(), Loaded(kind=COUNTS, id="owner-1"))


def test_a_fact_is_late_for_a_copy_alone_and_only_when_it_has_seen_a_newer_one() -> None:
    said = replace(a_message(a_filling()), sequence=3)
    copied: Route[Any, Any] = Copy(type(said.body), kind=Count, by=of_owner, decide=LOOK.decide)
    heard: Route[Any, Any] = On(type(said.body), kind=Count, by=of_owner, decide=LOOK.decide)
    newer, older = (replace(a_count(), seen={said.body.subject: n}) for n in (3, 2))

    assert is_late(copied, said, newer)
    assert not is_late(copied, said, older)
    assert not is_late(heard, said, newer)


def test_ticks_of_two_kinds_or_times_are_not_the_same() -> None:
    tick = Tick(kind="counts", subject="one", name="rest", at=MONDAY)

    others = [replace(tick, kind="boxes"), replace(tick, at=MONDAY + HOUR)]

    assert len({tick_id(each) for each in [tick, *others]}) == 3


def test_a_commands_parameters_are_the_same_in_whatever_order_its_sets_come() -> None:
    wide = Scope(district=DISTRICT, actor="a", within={"school_id": frozenset({"x", "y"})})
    narrow = Scope(district=DISTRICT, actor="a")
    first, second = (to_fill(scope=s, key=UUID(int=1), note="n") for s in (wide, narrow))

    assert (
        from_command(first, FILL, None).fingerprint == from_command(second, FILL, None).fingerprint
    )
    other = to_fill(scope=wide, key=UUID(int=1), note="other")
    assert (
        from_command(other, FILL, None).fingerprint != from_command(first, FILL, None).fingerprint
    )
