import json

import pytest

from tests.bench.profile import REST, folded, room_of, said_in, shares
from tests.bench.sampled import SAID, Sampler

SITE = "/somewhere/.venv/lib/python3.11/site-packages"
LOOP = [f"{SITE}/uvicorn/server.py run", "/usr/lib/python3.11/asyncio/events.py _run"]


@pytest.mark.parametrize(
    ("frames", "room"),
    [
        ([], REST),
        ([f"{SITE}/uvicorn/protocols/http/httptools_impl.py run_asgi"], "HTTP and pages"),
        (["/it/services/plans/pages/needs.py write_need"], "HTTP and pages"),
        (["/it/services/chassis/commit.py submit"], "door, relay, consumer"),
        (["/it/services/chassis/relay.py relay"], "door, relay, consumer"),
        (["/it/services/chassis/batch.py x", "/it/services/plans/domain/needs.py y"], "decisions"),
        (["/it/services/chassis/commit.py x", f"{SITE}/motor/core.py method"], "database driver"),
        ([f"{SITE}/aiokafka/consumer/fetcher.py getmany"], "Kafka client"),
        (["/it/schemas/envelope.py x", "/usr/lib/python3.11/json.py y"], "events read and written"),
    ],
)
def test_a_sample_belongs_to_the_innermost_room(frames: list[str], room: str) -> None:
    assert room_of([*LOOP, *frames]) == room


def test_shares_are_of_all_samples_and_the_largest_is_first() -> None:
    samples = [([*LOOP, "/it/services/chassis/vault.py seal"], 1), (LOOP, 3)]

    found = list(shares("plans", samples))

    assert [(each.name, each.median) for each in found] == [(REST, 75.0), ("seals and keys", 25.0)]


def test_what_is_kept_names_no_folder_of_the_machine() -> None:
    assert list(folded([(LOOP, 2)])) == ["uvicorn/server.py run;asyncio/events.py _run 2"]


def test_a_sampler_says_what_it_met(capsys: pytest.CaptureFixture[str]) -> None:
    sampler = Sampler()
    sampler.start()
    while not sampler.count:
        sum(range(1_000))
    sampler.stop()

    log = "other lines\n" + capsys.readouterr().out
    ((stack, times), *_) = said_in(log)

    assert times >= 1
    assert any("test_a_sampler_says_what_it_met" in each for each in stack)
    assert json.loads(log.splitlines()[1].removeprefix(SAID))
