from tests.bench.figures import Budget, figure
from tests.bench.report import last_line, table, verdict

FLOOR = Budget(limit=20, is_floor=True)
SLOW = figure("flow", "whole against naive", "times", [12.5, 11, 13], FLOOR)
FAST = figure("ranking", "one need", "us", [1_900, 1_800, 2_100.4], Budget(limit=3_000))


def test_a_table_says_the_spread_and_what_must_be() -> None:
    head, line, *_ = table([SLOW, FAST])

    assert head.split() == ["flow", "median", "least", "most", "must"]
    assert line.split("times")[1].split() == ["12.5", "11", "13", ">=", "20", "MISSED"]


def test_each_group_has_a_head_of_its_own() -> None:
    assert [each.split()[0] for each in table([SLOW, FAST]) if not each.startswith(" ")] == [
        "flow",
        "ranking",
    ]


def test_only_what_is_missed_is_said_at_the_end() -> None:
    (line,) = verdict([SLOW, FAST])

    assert line == "MISSED: flow: whole against naive: 12.5 times (11 to 13), must be >= 20"


def test_the_last_line_is_the_one_that_counts() -> None:
    assert last_line([FAST, SLOW]) == ["whole flow: 12.5 × naive"]
    assert last_line([FAST]) == []
