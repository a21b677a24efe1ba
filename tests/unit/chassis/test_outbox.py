"""How events become rows: whoever queues them, the ids keep the order of each subject."""

import itertools
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import LARGEST_VALUE
from services.chassis.outbox import BYTES_AT_MOST, EVENTS_AT_MOST, Outbox, Outgoing, TooLarge
from services.chassis.settings import real_time

Clock = int
Transactions = st.lists(
    st.tuples(st.integers(1, 1_000), st.lists(st.sampled_from("abc"), min_size=1, max_size=4)),
    max_size=30,
)


class Unread:
    """A database that these tests do not ask."""

    def collection(self, name: str) -> None:
        """No collection."""


def an_outbox(clock: Clock = 1, process: int = 0) -> Outbox:
    """An outbox whose process makes ids at this time, all different."""
    database: Any = Unread()
    numbers = itertools.count((clock << 80) + (process << 40))
    return Outbox(database, lambda: UUID(int=next(numbers)), real_time)


def an_outgoing(subject: str = "a", *, value: bytes = b"{}") -> Outgoing:
    """One event to be sent."""
    return Outgoing(
        topic="topic", key=b"key", value=value, headers=[("ce_subject", subject.encode())]
    )


@given(Transactions)
def test_rows_by_their_ids_hold_each_subject_in_order_whatever_clocks_say(
    transactions: list[tuple[Clock, list[str]]],
) -> None:
    told_in: dict[str, UUID] = {}  # as each state remembers it
    rows: dict[UUID, list[str]] = {}
    expected: dict[str, list[str]] = {}
    for number, (clock, subjects) in enumerate(transactions):
        events = [an_outgoing(each, value=f"{each}{number}".encode()) for each in subjects]
        before = [told_in[each] for each in subjects if each in told_in]
        made = an_outbox(clock, number).rows_of(events, after=before)
        for row in made:
            assert row["_id"] not in rows
            rows[row["_id"]] = [each["value"].decode() for each in row["events"]]
        for each in subjects:
            told_in[each] = made[-1]["_id"]
            expected.setdefault(each, []).append(f"{each}{number}")

    sent = [each for row in sorted(rows) for each in rows[row]]

    for subject, told in expected.items():
        assert [each for each in sent if each[0] == subject] == told


@pytest.mark.parametrize(
    ("sizes", "rows"),
    [
        ([], []),
        ([2], [1]),
        ([2] * EVENTS_AT_MOST, [EVENTS_AT_MOST]),
        ([2] * (EVENTS_AT_MOST + 1), [EVENTS_AT_MOST, 1]),
        ([BYTES_AT_MOST // 2] * 3, [2, 1]),
        ([BYTES_AT_MOST // 2, BYTES_AT_MOST // 2 + 1, 2], [1, 2]),
        ([LARGEST_VALUE - 1] * 2, [1, 1]),
    ],
)
def test_a_row_is_neither_too_long_nor_too_heavy(sizes: list[int], rows: list[int]) -> None:
    events = [an_outgoing(value=b"x" * size) for size in sizes]

    made = an_outbox().rows_of(events)

    assert [len(row["events"]) for row in made] == rows
    assert sorted({row["_id"] for row in made}) == [row["_id"] for row in made]
    assert [len(each["value"]) for row in made for each in row["events"]] == sizes


def test_an_event_that_no_broker_takes_is_refused() -> None:
    with pytest.raises(TooLarge):
        an_outbox().rows_of([an_outgoing(), an_outgoing(value=b"x" * LARGEST_VALUE)])
