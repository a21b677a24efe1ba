import asyncio
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.outbox import Outgoing, Queued
from services.chassis.relay import EVENTS, Partitioner, Relay, _portions
from services.chassis.telemetry import Telemetry

LONG_SECONDS = 10.0


@pytest.mark.parametrize(
    ("events", "portions"),
    [
        ([], []),
        ([1], [1]),
        ([EVENTS, 1], [1, 1]),
        ([EVENTS // 2, EVENTS // 2, 1], [2, 1]),
        ([1, EVENTS * 2, 1], [1, 1, 1]),
    ],
)
def test_rows_go_out_in_portions_between_which_the_lease_is_renewed(
    events: list[int], portions: list[int]
) -> None:
    event = Outgoing(topic="topic", key=b"key", value=b"{}", headers=[])
    rows = [Queued(id=UUID(int=n), events=(event,) * times) for n, times in enumerate(events)]

    made = list(_portions(rows))

    assert [len(portion) for portion in made] == portions
    assert [row for portion in made for row in portion] == rows


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1), st.integers(1, 24))
def test_a_key_goes_where_every_kafka_client_sends_it(keys: list[bytes], count: int) -> None:
    """Whoever sends by the key: the order of a student's events hangs on it."""
    partitions = list(range(count))
    ours, theirs = Partitioner(), DefaultPartitioner()

    for key in [*keys, *keys]:
        assert ours(key, partitions, partitions) == theirs(key, partitions, partitions)


def test_what_has_no_key_goes_anywhere() -> None:
    assert Partitioner()(None, [0, 1, 2], [1]) == 1


class Losing:
    """An outbox with more than one portion, and a lease that somebody else gets meanwhile."""

    def __init__(self) -> None:
        event = Outgoing(topic="topic", key=b"key", value=b"{}", headers=[])
        self.rows = [Queued(id=UUID(int=n), events=(event,) * EVENTS) for n in range(3)]

    async def oldest(self, *, limit: int) -> list[Queued]:
        return self.rows[:limit]

    async def remove(self, rows: list[Queued]) -> None:
        self.rows = [each for each in self.rows if each not in rows]

    async def hold(self) -> bool:
        return False

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""

    async def send(self, *given: Any, **named: Any) -> asyncio.Future[None]:
        del given, named
        ack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ack.set_result(None)
        return ack


async def test_a_relay_that_lost_its_lease_in_the_middle_of_a_turn_sends_no_more() -> None:
    driver: Any = Losing()
    relay = Relay(
        driver, driver, lambda: driver, telemetry=Telemetry.off(), monotonic=time.monotonic
    )

    sent = await relay.relay()

    assert (sent.rows, sent.events) == (1, EVENTS)
    assert len(driver.rows) == 2


class Swallowing:
    """An outbox and a lease of a driver that swallows the first cancellation it meets."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.seconds = 3.0

    async def hold(self) -> bool:
        return True

    async def release(self) -> None:
        """Nothing is held."""

    async def oldest(self, *, limit: int) -> list[Any]:
        self.asked.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(LONG_SECONDS)
        return []


async def test_a_relay_ends_though_its_driver_swallows_that_it_should() -> None:
    driver: Any = Swallowing()
    relay = Relay(
        driver,
        driver,
        lambda: driver,  # nothing is ever sent
        telemetry=Telemetry.off(),
        monotonic=time.monotonic,
    )
    sending = asyncio.create_task(relay.run())
    await driver.asked.wait()

    sending.cancel()

    async with asyncio.timeout(LONG_SECONDS / 2):
        await asyncio.wait({sending})
