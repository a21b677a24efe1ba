"""A connection that the driver misjudges for as long as it lives: the process must not stay."""

from typing import Any

import pytest

from services.chassis.kernel import Broken
from services.chassis.mongo import Database
from tests.endings import Ended
from tests.toy.builders import a_filling
from tests.toy.door import Door


def misjudge(database: Database) -> None:
    """As after a handshake with a node that was just being rolled back."""
    client: Any = database._client
    topology = vars(client).get("delegate", client)._topology  # Motor has one within
    for server in topology._servers.values():
        for connection in server._pool.conns:
            connection.supports_sessions = False


async def test_it_does_not_mend_itself_and_is_told_as_broken(boxes: Door) -> None:
    database = boxes.engine.database
    rows = database.collection("boxes")
    misjudge(database)

    for _ in range(3):  # it goes back to its pool each time
        with pytest.raises(Broken):
            async with database.transaction() as session:
                await rows.find({}, session=session)


async def test_who_meets_it_ends_the_process(counts: Door, endings: list[str]) -> None:
    record = await counts.record(a_filling())
    misjudge(counts.engine.database)

    with pytest.raises(Ended):
        await counts.deliver(record)

    assert endings == ["ended"]
