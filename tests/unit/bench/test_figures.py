import pytest

from tests.bench.figures import Budget, figure, from_row, in_pairs, rounded, to_row


def test_a_figure_is_its_middle_with_the_least_and_the_most() -> None:
    late = figure("latency", "p99", "ms", [310, 240, 250])

    assert (late.median, late.least, late.most) == (250, 240, 310)


def test_the_middle_decides_whether_a_budget_is_kept() -> None:
    at_most, at_least = Budget(limit=250), Budget(limit=20, is_floor=True)

    assert not figure("latency", "p99", "ms", [310, 240, 250], at_most).is_missed
    assert figure("latency", "p99", "ms", [310, 251, 240], at_most).is_missed
    assert not figure("flow", "naive", "times", [12, 20, 21], at_least).is_missed
    assert figure("flow", "naive", "times", [30, 19.9, 12], at_least).is_missed


def test_neighbours_are_compared_with_each_other() -> None:
    assert in_pairs([100, 50, 90], [10, 5, 9]) == (10, 10, 10)
    with pytest.raises(ValueError, match="shorter"):
        in_pairs([100, 50], [10])


@pytest.mark.parametrize(
    "budget", [None, Budget(limit=600), Budget(limit=0.9, is_floor=True)], ids=str
)
def test_a_figure_is_read_back_as_it_was_written(budget: Budget | None) -> None:
    made = figure("flow", "whole, flood", "events/s", [1_234, 98.7], budget)

    assert from_row(to_row(made)) == made


def test_no_more_digits_are_kept_than_count() -> None:
    assert [rounded(each) for each in (1234.56, 98.765, 0.012345)] == [1235, 98.8, 0.0123]
