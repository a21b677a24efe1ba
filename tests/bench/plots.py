"""The figures of docs/explanation/speed.md: its table and its picture, from the runs it keeps.

`python -m tests.bench.plots RUN.json...` takes runs in (files of `var/bench`), each in place of an
earlier one of the same parts; without one it draws anew what is there. Only runs count that
`make bench` made of a commit as it stands, and not those of `--quick`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from deploy.local import paths
from deploy.local.failure import Failure, said_in_one_sentence
from tests.bench.drawing import drawn
from tests.bench.figures import Figure, from_row
from tests.bench.report import budget, number

FOLDER: Final = paths.ROOT / "docs" / "explanation"
DATA: Final = FOLDER / "speed.json"
PAGE: Final = FOLDER / "speed.md"
PICTURE: Final = FOLDER / "speed.svg"
BEGINS: Final = "<!-- figures: python -m tests.bench.plots -->"
ENDS: Final = "<!-- end of figures -->"
NOTHING: Final = "Nothing has been measured yet on a calm machine."
Run = dict[str, Any]  # as tests.bench.record keeps it


def taken(runs: Sequence[Run], new: Run, name: str) -> list[Run]:
    """The runs with a new one, in place of an earlier one of the same parts.

    Raises:
        Failure: its figures mean nothing, or nobody can tell of what they are.
    """
    if new["what"].startswith("quick"):
        raise Failure(f"{name} was measured with --quick: its figures mean nothing.")
    if new["conditions"]["is_changed"] or new["conditions"]["commit"] == "unknown":
        raise Failure(f"{name} is of files that no commit holds: commit, and measure again.")
    return [*(each for each in runs if each["what"] != new["what"]), new]


def table(runs: Sequence[Run]) -> list[str]:
    """The figures in Markdown, each run under its conditions."""
    if not runs:
        return [NOTHING]
    lines: list[str] = []
    for run in runs:
        lines += [f"**{run['what']}**: {conditions(run['conditions'])}", ""]
        lines += ["| what | median | least to most | must |", "|---|---|---|---|"]
        lines += [_row(each) for each in figures_of(run)]
        lines.append("")
    return lines[:-1]


def conditions(under: dict[str, Any]) -> str:
    """Under what a run was made."""
    return (
        f"{under['at'][:16].replace('T', ' ')} UTC, commit {under['commit'][:10]}, "
        f"{under['processors']} processors, load {under['load']:g} before it began."
    )


def _row(each: Figure) -> str:
    spread = f"{number(each.least)} to {number(each.most)}" if len(each.values) > 1 else ""
    must = budget(each.budget) if each.budget else ""
    missed = " **missed**" if each.is_missed else ""
    what = f"{each.group}: {each.name}, {each.unit}"
    return f"| {what} | {number(each.median)} | {spread} | {must}{missed} |"


def figures_of(run: Run) -> list[Figure]:
    """The figures of a run."""
    return [from_row(each) for each in run["figures"]]


def page(text: str, runs: Sequence[Run]) -> str:
    """The page with its table made anew.

    Raises:
        Failure: the page does not say where its table stands.
    """
    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise Failure(f"{PAGE.name} lacks the lines between which its figures stand.")
    return "\n".join((f"{before}{BEGINS}", "", *table(runs), "", f"{ENDS}{after}"))


def picture(runs: Sequence[Run]) -> str:
    """The picture of all runs."""
    return drawn([each for run in runs for each in figures_of(run)], NOTHING)


def kept() -> list[Run]:
    """The runs that the page shows."""
    runs: list[Run] = json.loads(DATA.read_text(encoding="utf-8"))["runs"]
    return runs


def main(paths: Sequence[str]) -> None:
    """Take runs in, and draw."""
    runs = kept()
    for path in paths:
        runs = taken(runs, json.loads(Path(path).read_text(encoding="utf-8")), path)
    DATA.write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), runs), encoding="utf-8")
    PICTURE.write_text(picture(runs), encoding="utf-8")


if __name__ == "__main__":
    with said_in_one_sentence():
        main(sys.argv[1:])
