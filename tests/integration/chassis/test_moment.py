"""One batch, one moment: whatever is decided together is decided at the same time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.integration.chassis.conftest import Toys
from tests.toy.builders import a_filling
from tests.toy.door import SetClock, open_door


@dataclass
class Hurrying(SetClock):
    """A clock that has gone on by a minute whenever it is looked at."""

    def __call__(self) -> datetime:
        self.move(timedelta(minutes=1))
        return self.now


async def test_a_batch_tells_its_time_once_to_all_that_it_decides(toys: Toys) -> None:
    async with open_door(toys.settings("counts"), clock=Hurrying()) as door:
        await door.happened(*(a_filling(f"owner-{number}") for number in range(3)))

        told = await door.told()
        rows = await door.rows("counts")

    assert len(told) == len(rows) == 3
    assert len({dict(each.headers)["ce_time"] for each in told}) == 1
    assert len({row["at"] for row in rows}) == 1
