"""What bursts and growth come to."""

from tests.bench.burst import grown, told
from tests.bench.figures import figure
from tests.bench.flow import Measured, measured
from tests.bench.growth import of_districts, of_flow, of_pages
from tests.bench.load import Site
from tests.bench.topics import Seen
from tests.unit.bench.test_results import a_run


def test_a_need_that_was_taken_and_never_told_is_lost() -> None:
    site = Site(1, may_be_busy=True)
    site.answered = {"told": 1.0, "half": 1.0, "never": 1.0}
    site.busy = {"refused"}
    seen = Seen(partner={"told": 2.0, "half": 2.0}, family={"told": 3.0}, last=3.0)

    run = measured(site, 0.0, {}, {}, seen)

    assert (run.needs, run.busy, run.lost, run.latencies) == (3, 1, 2, (2.0,))


def test_a_burst_may_refuse_but_not_lose() -> None:
    by_name = {each.name: each for each in told(a_burst(busy=5, lost=1))}

    assert not by_name["needs answered 503"].is_missed
    assert by_name["needs lost"].is_missed
    assert not any(each.is_missed for each in told(a_burst(busy=5, lost=0)))


def a_burst(*, busy: int, lost: int) -> Measured:
    run = a_run()
    return Measured(**vars(run) | {"busy": busy, "lost": lost})


def test_services_may_not_grow_in_a_burst_and_servers_may_cache() -> None:
    before, during = {"plans": 100.0, "mongod": 100.0}, {"plans": 131.0, "mongod": 200.0}

    plans, mongod = grown(before, during)

    assert (plans.values, plans.is_missed) == ((1.31,), True)
    assert (mongod.values, mongod.is_missed) == ((2.0,), False)


def test_each_district_is_held_against_the_first_flood_by_flood() -> None:
    found = {
        each.name: each
        for each in of_districts(
            {"new": [a_run(spent=0.5), a_run(spent=1.0)], "old": [a_run(spent=0.75)] * 2}
        )
    }

    assert found["district new"].values == (600, 1_200)
    assert found["district old: plans"].values == (750, 750)
    assert found["district old, against the first"].values == (1.5, 0.75)
    assert "district new, against the first" not in found


def test_growth_is_the_last_against_the_first() -> None:
    *_, ratio = of_flow([a_run(spent=0.5), a_run(spent=0.7), a_run(spent=0.6)], 1.0)

    assert round(ratio.median, 2) == 1.2
    assert ratio.is_missed


def test_pages_are_held_against_the_same_of_a_smaller_district() -> None:
    smaller = [figure("state S", "p50", "s", [9]), figure("pages S", "p50", "ms", [10, 12, 11])]
    larger = [figure("state M", "p50", "s", [90]), figure("pages M", "p50", "ms", [12.1])]

    (found,) = of_pages(smaller, larger, "M against S")

    assert (found.name, round(found.median, 2)) == ("p50, M against S", 1.1)
    assert not found.is_missed
