"""What runs come to: a line of JSON each, and one sentence over all of them. Pure but for files."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from pydantic import BaseModel, ConfigDict

from tests.chaos.episode import Played

REPORT: Final = Path(__file__).with_name("report.jsonl")  # the runs that were kept


class Run(BaseModel):
    """One run, as it is kept. `recovery_ms`: the middle one of each kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    seconds: int
    acts: int
    violations: int
    faults: dict[str, int]
    recovery_ms: dict[str, int]


def run_of(seed: int, seconds: float, episodes: Sequence[Played]) -> Run:
    """The episodes of one run together."""
    recoveries: dict[str, list[float]] = {}
    for played in episodes:
        for kind, found in played.recoveries.items():
            recoveries.setdefault(kind, []).extend(found)
    return Run(
        seed=seed,
        seconds=round(seconds),
        acts=sum(each.acts for each in episodes),
        violations=sum(len(each.violations) for each in episodes),
        faults={kind: len(found) for kind, found in sorted(recoveries.items())},
        recovery_ms={
            kind: round(median(found) * 1000) for kind, found in sorted(recoveries.items())
        },
    )


def verdict(runs: Sequence[Run]) -> str:
    """All faults and acts in one sentence, with the bound that they allow (the rule of three)."""
    faults = sum((Counter(each.faults) for each in runs), Counter[str]()).total()
    violations = sum(each.violations for each in runs)
    said = f"{faults} faults, {sum(each.acts for each in runs)} acts, {violations} violations"
    return said if violations or not faults else f"{said} (rate below {3 / faults:.2%} at 95 %)"


def kept(path: Path) -> list[Run]:
    """The runs of a report."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Run.model_validate_json(line) for line in lines]


def keep(path: Path, run: Run) -> None:
    """Add a run to a report."""
    with path.open("a", encoding="utf-8") as file:
        file.write(run.model_dump_json() + "\n")


def since_violation(runs: Sequence[Run]) -> Sequence[Run]:
    """The runs after the last one in which anything was violated."""
    last = max((n for n, each in enumerate(runs, 1) if each.violations), default=0)
    return runs[last:]


if __name__ == "__main__":
    every = kept(REPORT)
    sys.stdout.write(f"{verdict(every)}\n")
    sys.stdout.write(f"since the last violation: {verdict(since_violation(every))}\n")
