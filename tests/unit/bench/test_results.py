from tests.bench.figures import Figure
from tests.bench.flow import Measured
from tests.bench.plan import USUAL
from tests.bench.processor import Held
from tests.bench.results import Results
from tests.bench.turns import turns


def a_run(*, events: int = 1_000, seconds: float = 1.0, spent: float = 0.5) -> Measured:
    return Measured(
        needs=100,
        events=events,
        seconds=seconds,
        processors={"plans": spent, "kafka": spent / 5},
        latencies=(0.1, 0.2, 0.3),
        told=frozenset(),
        asked={"requests": 500},
    )


def by_name(results: Results) -> dict[str, Figure]:
    return {each.name: each for each in results.figures()}


def test_each_flood_is_held_against_the_one_beside_it() -> None:
    results = Results(
        floods={
            "whole": [a_run(seconds=1), a_run(seconds=2)],
            "quiet": [a_run(seconds=1), a_run(seconds=2)],
            "naive": [a_run(seconds=10), a_run(seconds=40)],
        }
    )

    assert by_name(results)["whole against naive"].values == (10, 20)
    assert by_name(results)["whole against quiet"].values == (1, 1)
    assert by_name(results)["whole against naive"].is_missed


def test_the_time_of_all_processes_counts() -> None:
    found = by_name(Results(floods={"whole": [a_run(spent=0.5)]}))

    assert found["whole"].values == (600,)  # us for an event
    assert not found["whole"].is_missed
    assert found["whole: plans"].values == (500,)
    assert found["whole: requests"].values == (0.5,)


def test_only_the_slowest_of_a_hundred_has_a_budget() -> None:
    found = by_name(Results(paced={250: [a_run(), a_run()]}))

    assert found["p50 at 250 events/s"].budget is None
    assert found["p99 at 250 events/s"].budget is not None
    assert len(found["p99 at 250 events/s"].values) == 2


def test_memory_is_told_at_rest_and_at_its_largest_moment() -> None:
    found = by_name(Results(held={"plans": [Held(now=110, peak=140), Held(now=112, peak=130)]}))

    assert found["plans, at rest"].values == (110, 112)
    assert found["plans, at most"].values == (140, 130)


def test_every_variant_floods_as_often() -> None:
    floods: dict[str, int] = {}
    for each in turns(USUAL):
        floods[each.variant.name] = floods.get(each.variant.name, 0) + each.floods

    assert set(floods.values()) == {USUAL.repetitions}
