"""What waits to be sent, and in which order the relay reads it."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from schemas.envelope import LARGEST_VALUE
from services.chassis.outbox import Outbox, Outgoing, TooLarge
from services.chassis.settings import real_time
from tests.toy.door import Door


def an_outgoing(
    subject: str, sequence: int, *, value: bytes = b"{}", topic: str = "topic"
) -> Outgoing:
    """One event to be sent."""
    return Outgoing(
        topic=topic,
        key=b"key",
        value=value,
        headers=[("ce_subject", subject.encode()), ("ce_sequence", b"%d" % sequence)],
        subject=subject,
        sequence=sequence,
    )


async def queue(door: Door, ids: Sequence[int], *events: Outgoing) -> None:
    """Queue events under ids of our choice, as clocks of several processes would give them."""
    numbers = iter(ids)
    outbox = Outbox(door.engine.database, lambda: UUID(int=next(numbers)), real_time)
    async with door.engine.database.transaction() as session:
        await outbox.add(session, events)


async def order(door: Door, *, limit: int) -> list[tuple[str, int]]:
    """What the relay would send first."""
    rows = await door.engine.outbox.oldest(limit=limit)
    return [(row.sent.subject, row.sent.sequence) for row in rows]


async def test_a_process_whose_clock_is_behind_does_not_change_the_order_of_a_subject(
    boxes: Door,
) -> None:
    await queue(boxes, [10, 11, 12], *(an_outgoing("a", n) for n in (1, 2)), an_outgoing("b", 1))
    await queue(boxes, [5, 6], an_outgoing("a", 3), an_outgoing("b", 2))

    assert await order(boxes, limit=100) == [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2)]


async def test_a_batch_leaves_out_no_earlier_event_of_its_subjects(boxes: Door) -> None:
    await queue(boxes, [10, 11], an_outgoing("a", 1), an_outgoing("a", 2))
    await queue(boxes, [5], an_outgoing("a", 3))

    assert await order(boxes, limit=1) == [("a", 1), ("a", 2), ("a", 3)]


async def test_an_event_that_no_broker_takes_is_refused_and_nothing_queued(boxes: Door) -> None:
    largest = b"x" * (LARGEST_VALUE - 1)
    await queue(boxes, [1], an_outgoing("a", 1, value=largest))

    with pytest.raises(TooLarge):
        await queue(boxes, [2, 3], an_outgoing("a", 2), an_outgoing("a", 3, value=largest + b"x"))

    assert await order(boxes, limit=10) == [("a", 1)]


async def test_the_backlog_is_counted_up_to_a_limit_and_aged(boxes: Door) -> None:
    assert await boxes.engine.outbox.backlog(limit=10) == (0, 0.0)
    await queue(boxes, range(1, 6), *(an_outgoing("a", n) for n in range(1, 6)))

    rows, seconds = await boxes.engine.outbox.backlog(limit=3)

    assert rows == 3
    assert 0 <= seconds < 60
