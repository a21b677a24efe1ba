from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.faults import FAULTS, ON, Ground, grounds
from tests.chaos.schedule import SERVICES, schedule

KINDS = list(FAULTS)


@given(st.integers(), st.integers(1, 60))
def test_a_seed_brings_the_same_faults_again(seed: int, count: int) -> None:
    first, second = (islice(schedule(seed, KINDS), count) for _ in range(2))

    for one, other in zip(first, second, strict=True):
        assert (one.kind, one.service, one.pause) == (other.kind, other.service, other.pause)
        assert one.dice.random() == other.dice.random()


@given(st.integers(), st.integers(1, 5))
def test_every_kind_comes_once_before_any_comes_again(seed: int, rounds: int) -> None:
    strikes = list(islice(schedule(seed, KINDS), rounds * len(KINDS)))

    for start in range(0, len(strikes), len(KINDS)):
        assert {each.kind for each in strikes[start : start + len(KINDS)]} == set(KINDS)
    assert [each.number for each in strikes] == list(range(1, len(strikes) + 1))
    assert {each.service for each in strikes} <= set(SERVICES)


def test_two_seeds_bring_different_faults() -> None:
    assert len({tuple(e.kind for e in islice(schedule(n, KINDS), 20)) for n in range(20)}) > 10


def test_every_fault_strikes_where_it_can_and_nowhere_else() -> None:
    there = grounds(KINDS)

    assert {kind for here in there.values() for kind in here} == set(KINDS)
    for ground, own in ON.items():
        strange = {kind for others in ON.values() for kind in others} - own.keys()
        assert own.keys() <= set(there[ground])
        assert not strange & set(there[ground])


def test_a_ground_on_which_nothing_can_strike_is_left_out() -> None:
    assert grounds(["cut network", "kill mongo"]).keys() == {Ground.ALONE, Ground.DAYS}
    assert grounds(["days pass"]).keys() == {Ground.DAYS}
    assert grounds(["step down"]).keys() == {Ground.SET}
    assert grounds(["kill"]).keys() == set(Ground)
