from collections import Counter

import pytest

from deploy.simulator.fate import COMING, PARTNERS, SIGNATURES, Fate

MANY = 4_000


def test_the_same_again_has_the_same_fate() -> None:
    one, other = Fate(7), Fate(7)

    for offer in map(str, range(50)):
        assert one.answer(offer) == other.answer(offer)
        assert one.waits(offer) == other.waits(offer)
    assert any(Fate(8).answer(str(each)) != one.answer(str(each)) for each in range(50))


@pytest.mark.parametrize(
    ("shares", "draw"),
    [(PARTNERS, Fate(7).answer), (SIGNATURES, Fate(7).signature), (COMING, Fate(7).coming)],
)
def test_people_do_what_they_do_as_often_as_is_written(shares, draw) -> None:  # type: ignore[no-untyped-def]
    found = Counter(draw(str(each)) for each in range(MANY))

    assert sum(shares.values()) == pytest.approx(1)
    for word, share in shares.items():
        assert found[word] / MANY == pytest.approx(share, abs=0.03)
