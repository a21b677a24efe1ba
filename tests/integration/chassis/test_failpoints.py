"""kill -9 at every named point of both toy services, as real processes: nothing lost or doubled."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.checker.outside import until
from services.chassis.failpoints import FAIL_POINTS
from tests.integration.chassis.conftest import Toys
from tests.servers import dropped
from tests.toy.agreement import Both
from tests.toy.processes import Processes
from tests.toy.running import database_of

POINTS = (*FAIL_POINTS, "relay.sent:7")
STEP = 40  # commands per point
LIFETIME = "transactionLifetimeLimitSeconds"

pytestmark = pytest.mark.usefixtures("short_transactions")


@pytest.fixture
def driver() -> str:
    """One driver is enough for each of these long tests; `counts` takes the other."""
    return "motor"


@pytest.fixture
def toys(unique: str, driver: str, mongo_url: str) -> Iterator[Toys]:
    """On databases of this test alone: a process that is killed leaves a transaction open there."""
    toys = Toys(unique=unique, mongo_url=mongo_url, mongo_driver=driver)
    with ExitStack() as stack:
        for name in ("boxes", "counts", "platform"):
            stack.enter_context(dropped(mongo_url, f"{unique}-{name}"))
        yield toys


@pytest.fixture
async def both(toys_on_kafka: Toys) -> AsyncIterator[Both]:
    """What both services have written."""
    toys = toys_on_kafka
    boxes, counts = (database_of(toys.settings(name)) for name in ("boxes", "counts"))
    yield Both(
        boxes=boxes,
        counts=counts,
        kafka_servers=toys.given["kafka_servers"],
        unique=toys.given["unique"],
    )
    await boxes.close()
    await counts.close()


@pytest.fixture
def short_transactions(mongo_url: str) -> Iterator[None]:
    """A killed process leaves its transaction open: the server ends it after 2 s, not 60."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        before = client.admin.command({"getParameter": 1, LIFETIME: 1})[LIFETIME]
        client.admin.command({"setParameter": 1, LIFETIME: 2})
        yield
        client.admin.command({"setParameter": 1, LIFETIME: before})


@pytest.fixture
def processes(toys_on_kafka: Toys, tmp_path: Path) -> Any:
    """Processes of this test, all ended afterwards."""
    made = Processes(tmp_path, toys_on_kafka.given)
    yield made
    made.kill()


async def test_boxes_killed_at_every_point_lose_and_double_nothing(
    both: Both, processes: Processes
) -> None:
    processes.start("counts", group_instance_id="counts-1")
    for number, point in enumerate(POINTS, 1):
        # again all commands before, as people would who got no answer
        fill = [max(number - 2, 0) * STEP, number * STEP]
        killed = processes.start("boxes", group_instance_id="boxes-1", fail_at=point, fill=fill)
        await killed.ends()
    total = len(POINTS) * STEP
    processes.start("boxes", group_instance_id="boxes-1", fill=[0, total])

    await both.check(total)


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_counts_killed_at_every_point_lose_and_double_nothing(
    both: Both, processes: Processes
) -> None:
    for number, point in enumerate(POINTS):
        fill = [number * STEP, (number + 1) * STEP]
        boxes = processes.start("boxes", group_instance_id="boxes-1", fill=fill)
        killed = processes.start("counts", group_instance_id="counts-1", fail_at=point)
        await killed.ends()
        await handled(both, (number + 1) * STEP)
        boxes.stop()
    processes.start("boxes", group_instance_id="boxes-1")
    processes.start("counts", group_instance_id="counts-1")

    await both.check(len(POINTS) * STEP)


async def handled(both: Both, commands: int) -> None:
    """Wait until so many commands were answered."""

    async def answered() -> bool:
        rows = both.boxes.collection("inbox")
        return await rows.count({"expires_at": {"$exists": True}}) >= commands

    await until(answered, f"{commands} commands are answered")


async def test_a_build_without_transactions_is_found_out_by_the_same_check(
    both: Both, processes: Processes
) -> None:
    processes.start("counts", group_instance_id="counts-1")
    given = {"unsafe": True, "group_instance_id": "boxes-1", "fill": [0, STEP]}
    await processes.start("boxes", fail_at="commit.writing", **given).ends()
    processes.start("boxes", **given)
    await both.settle(STEP)

    with pytest.raises(AssertionError):
        await both.check(STEP)


async def test_two_processes_of_counts_one_joining_and_leaving_agree(
    both: Both, processes: Processes
) -> None:
    total = 1_500
    processes.start("boxes", fill=[0, total])
    processes.start("counts")
    await handled(both, 100)
    for commands in (400, 800):
        joining = processes.start("counts")
        await handled(both, commands)
        joining.stop()
    killed = processes.start("counts")
    await handled(both, total)
    killed.kill()

    await both.check(total)
