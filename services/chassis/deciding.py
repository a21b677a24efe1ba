"""One decision with the rules that hold for all of them; pure, as decisions are."""

from typing import Any

from schemas import codes
from schemas.envelope import ActEvent
from services.chassis.kernel import Act, Clock, Context, Copy, Decision, Refused, Route, Tick
from services.chassis.messages import Message
from services.chassis.wiring import Answers
from services.chassis.working import Loaded


def decided(
    route: Route[Any, Any],
    message: Message,
    target: Loaded,
    context: Context,
    answers: Answers | None,
) -> Decision[Any]:
    """What a message makes of an aggregate.

    Raises:
        Refused: a command's refusal; raised by a fact or a tick it is a bug.
    """
    state = shown(message, target)
    try:
        decision = route.decide(state, message.body, context)
    except Refused as no:
        if not isinstance(route, Act):
            raise
        said = _needed(answers).refused(message.body, no.code, target.id)
        return Decision(target.state, (said,))
    if isinstance(route, Act):
        decision = _answered(decision, message.body, target.id, answers)
    if isinstance(route, Clock):
        _must_have_moved(message.body, decision.state)
    _check(decision, state, target)
    return decision


def shown(message: Message, target: Loaded) -> Any:
    """The state, or None where the person asking may not see it."""
    if message.scope is None or target.state is None or message.scope.covers(target.state):
        return target.state
    return None


def is_late(route: Route[Any, Any], message: Message, target: Loaded) -> bool:
    """Whether a copy is newer than the message, or a clock was moved before it ran out."""
    if isinstance(route, Copy):
        return message.sequence <= target.seen.get(message.body.subject, 0)
    tick = message.body
    if not isinstance(tick, Tick):
        return False
    return target.state is None or target.state.clocks.get(tick.name) != tick.at


def _answered(
    decision: Decision[Any], act: ActEvent, subject: str, answers: Answers | None
) -> Decision[Any]:
    given = sum(getattr(event, "answers", None) == act.act_id for event in decision.events)
    if given > 1:
        text = f"{act.TYPE} was answered {given} times"
        raise RuntimeError(text)
    if given:
        return decision
    settled = _needed(answers).settled(act, subject)
    return Decision(decision.state, (*decision.events, settled))


def _needed(answers: Answers | None) -> Answers:
    if answers is None:
        text = "a service with an Act in its table needs Answers"
        raise RuntimeError(text)
    return answers


def _must_have_moved(tick: Tick, state: Any) -> None:
    """A tick's decision clears its clock or moves it; else it would run out for ever."""
    if state.clocks.get(tick.name) == tick.at:
        text = f"the decision on {tick.name} of a {tick.kind} left its clock as it was"
        raise RuntimeError(text)


def _check(decision: Decision[Any], state: Any, target: Loaded) -> None:
    """Hold off what no decision may do, whatever its service.

    Raises:
        Refused: `subject_unknown`: the aggregate is there, but not for whoever asks.
    """
    if state is None and target.state is not None:
        raise Refused(*codes.SUBJECT_UNKNOWN)
    if state is not None and decision.state is None:
        text = f"a {type(state).__name__} cannot be made to vanish"
        raise RuntimeError(text)
    for event in decision.events:
        if event.subject != target.id:
            text = f"{event.TYPE} has another subject than the aggregate that decided it"
            raise RuntimeError(text)
