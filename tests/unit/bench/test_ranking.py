import pytest

from tests.bench import ranking


def test_the_middle_of_a_ranking_is_what_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "measure", lambda: (0.004, 0.005, 0.010))

    middle, slow, first = ranking.figures(2)

    assert (middle.values, slow.values, first.values) == (
        (4_000, 4_000),
        (5_000,) * 2,
        (10_000,) * 2,
    )
    assert middle.is_missed
    assert not slow.is_missed
