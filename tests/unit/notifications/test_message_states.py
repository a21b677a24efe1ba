import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.messages import MOVES, WAITING, MessageState
from tests.unit.notifications.builders import a_message

S = MessageState
OVER = {S.DELIVERED, S.PERMANENT_FAILURE, S.TECHNICAL_FAILURE, S.SUPPRESSED, S.EXPIRED, S.CANCELLED}


@pytest.mark.parametrize("state", sorted(MessageState))
def test_every_state_says_where_it_leads(state: MessageState) -> None:
    assert (MOVES[state] == frozenset()) == (state in OVER)


@given(st.lists(st.sampled_from(MessageState), max_size=12))
def test_what_is_over_stays_over_whatever_comes_late(moves: list[MessageState]) -> None:
    message, ended = a_message(), None
    for to in moves:
        message = message.moved(to)
        if ended is not None:
            assert message.state is ended
        if message.state in OVER:
            ended = message.state


@given(st.lists(st.sampled_from(MessageState), max_size=12))
def test_what_was_sent_never_waits_again(moves: list[MessageState]) -> None:
    message, was_sent = a_message(), False
    for to in moves:
        message = message.moved(to)
        was_sent = was_sent or message.state is S.SENT
        assert not (was_sent and message.state in WAITING | {S.SENDING})
