from typing import Any

import pytest
from lxml import etree

from deploy.local.failure import Failure
from tests.bench import plots
from tests.bench.drawing import drawn, is_drawn, together
from tests.bench.figures import Budget, figure, to_row
from tests.bench.plots import BEGINS, ENDS, NOTHING, Run, page, table, taken

SVG = "{http://www.w3.org/2000/svg}"
SLOW = figure("latency", "p99 at 50 events/s", "ms", [290, 280, 300], Budget(limit=250))
FAST = figure("latency", "p50 at 50 events/s", "ms", [80])


def a_run(what: str = "flow", **given: Any) -> Run:
    conditions = {
        "at": "2026-10-01T08:30:00+00:00",
        "commit": "0123456789abcdef",
        "is_changed": False,
        "processors": 2,
        "load": 0.1,
    }
    return {
        "what": what,
        "conditions": conditions | given,
        "figures": [to_row(each) for each in (SLOW, FAST)],
    }


def test_what_stands_in_the_docs_is_what_the_kept_runs_say() -> None:
    runs, text = plots.kept(), plots.PAGE.read_text(encoding="utf-8")

    assert page(text, runs) == text
    assert plots.picture(runs) == plots.PICTURE.read_text(encoding="utf-8")
    for each in runs:
        taken([], each, each["what"])


def test_a_figure_stands_with_its_spread_its_budget_and_its_conditions() -> None:
    said, _, _, _, slow, fast = table([a_run()])

    assert "2026-10-01 08:30 UTC, commit 0123456789, 2 processors, load 0.1" in said
    assert slow == "| latency: p99 at 50 events/s, ms | 290 | 280 to 300 | <= 250 **missed** |"
    assert fast == "| latency: p50 at 50 events/s, ms | 80 |  |  |"


def test_without_a_run_nothing_is_claimed() -> None:
    text = page(f"before\n{BEGINS}\nold\n{ENDS}\nafter\n", [])

    assert text == f"before\n{BEGINS}\n\n{NOTHING}\n\n{ENDS}\nafter\n"
    with pytest.raises(Failure, match="lacks the lines"):
        page("no place for figures", [])


def test_a_run_takes_the_place_of_an_earlier_one_of_the_same_parts() -> None:
    earlier, other, later = a_run(), a_run("burst"), a_run(load=0.2)

    assert taken([earlier, other], later, "later.json") == [other, later]


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (a_run("quick-flow"), "mean nothing"),
        (a_run(is_changed=True), "no commit"),
        (a_run(commit="unknown"), "no commit"),
    ],
)
def test_what_nobody_can_rely_on_is_not_taken(run: Run, why: str) -> None:
    with pytest.raises(Failure, match=why):
        taken([], run, "run.json")


def test_a_bar_has_a_line_for_its_spread_and_one_for_its_budget() -> None:
    tree = etree.fromstring(drawn([SLOW, FAST], NOTHING).encode())

    words = [each.text for each in tree.iter(f"{SVG}text")]
    assert words == [
        "latency, ms",
        "p99 at 50 events/s",
        "290 (must be <= 250)",
        "p50 at 50 events/s",
        "80",
    ]
    assert len(list(tree.iter(f"{SVG}line"))) == 2
    _, slow, fast = (each.get("width", "") for each in tree.iter(f"{SVG}rect"))
    assert round(float(slow) / float(fast), 1) == round(290 / 80, 1)


def test_parts_of_parts_are_left_to_the_table() -> None:
    assert is_drawn(figure("processor time", "whole: plans", "us/event", [1]))
    assert not is_drawn(figure("processor time", "naive: plans", "us/event", [1]))
    assert not is_drawn(figure("of MongoDB", "whole: requests", "an event", [1]))
    assert is_drawn(figure("pages M", "work list", "ms", [1]))


def test_bars_of_one_unit_stand_together_wherever_they_were_measured() -> None:
    rates = [figure("processes", f"{n} of each", "events/s", [n]) for n in (1, 2)]
    costs = [figure("processes", f"{n} of each", "us/event", [n]) for n in (1, 2)]

    found = together([rates[0], costs[0], rates[1], costs[1]])

    assert list(found.values()) == [rates, costs]
