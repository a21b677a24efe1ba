"""What waits to be sent, as it is stored."""

from services.chassis.outbox import Outgoing
from tests.toy.door import Door


def an_outgoing(number: int) -> Outgoing:
    """One event to be sent."""
    headers = [("ce_id", b"%d" % number), ("traceparent", b"00-1-2-01")]
    return Outgoing(topic="topic", key=b"key", value=b"{}", headers=headers)


async def queue(door: Door, *events: Outgoing) -> None:
    """Queue events in one transaction."""
    outbox = door.engine.outbox
    async with door.engine.database.transaction() as session:
        await outbox.add(session, outbox.rows_of(events))


async def test_what_was_queued_is_read_as_it_was_and_goes_when_it_is_acknowledged(
    boxes: Door,
) -> None:
    events = [an_outgoing(number) for number in range(5)]
    keyless = Outgoing(topic="other", key=None, value=b"\xff", headers=[])
    await queue(boxes, *events[:3])
    await queue(boxes, *events[3:], keyless)

    first, second = await boxes.engine.outbox.oldest(limit=10)
    assert [*first.events, *second.events] == [*events, keyless]

    await boxes.engine.outbox.remove([first])
    assert await boxes.engine.outbox.oldest(limit=10) == [second]


async def test_no_more_rows_are_read_than_asked_for(boxes: Door) -> None:
    for number in range(3):
        await queue(boxes, an_outgoing(number))

    rows = await boxes.engine.outbox.oldest(limit=2)

    assert [each for row in rows for each in row.events] == [an_outgoing(0), an_outgoing(1)]


async def test_the_backlog_is_counted_up_to_a_limit_and_aged(boxes: Door) -> None:
    assert await boxes.engine.outbox.backlog(limit=10) == (0, 0.0)
    for number in range(5):
        await queue(boxes, an_outgoing(number))

    rows, seconds = await boxes.engine.outbox.backlog(limit=3)

    assert rows == 3
    assert 0 <= seconds < 60
