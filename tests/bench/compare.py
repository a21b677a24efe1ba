"""`make bench COMPARE=REV`: the services of this tree and of another revision, flood by flood.

Both run on the libraries that are installed here, with the load of this tree. A flood of one is
held against the flood of the other that came next to it: a machine that slows down slows both.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from deploy.local import paths
from deploy.local.failure import Failure
from tests.bench.figures import Figure, figure, in_pairs
from tests.bench.flow import Measured, Run
from tests.bench.plan import Plan
from tests.bench.report import number
from tests.bench.results import MILLISECONDS
from tests.bench.stage import WHOLE, Scene, Servers, Variant, say, stage

HERE: Final = "here"
TOPS: Final = ("schemas", "services", "deploy", "tests")
RATIO: Final = "events/s, here against"


@dataclass(kw_only=True)
class Compared:
    """The floods of both, in the order of time."""

    revision: str
    here: list[Measured] = field(default_factory=list)
    there: list[Measured] = field(default_factory=list)

    def figures(self) -> Iterator[Figure]:
        """What both did, and how one stands to the other."""
        for name, runs in ((HERE, self.here), (self.revision, self.there)):
            yield figure("compare", f"{name}, flood", "events/s", rates(runs))
            yield figure("compare", name, "us/event", costs(runs))
        faster = in_pairs(rates(self.here), rates(self.there))
        dearer = in_pairs(costs(self.here), costs(self.there))
        yield figure("compare", f"{RATIO} {self.revision}", "times", faster)
        yield figure("compare", f"us/event, here against {self.revision}", "times", dearer)


def rates(runs: Sequence[Measured]) -> list[float]:
    """Events a second."""
    return [each.rate for each in runs]


def costs(runs: Sequence[Measured]) -> list[float]:
    """Processor microseconds of an event."""
    return [each.cost for each in runs]


async def measure(plan: Plan, revision: str, on: Servers, folder: Path) -> Compared:
    """Pairs of floods: here, there, here, there."""
    compared = Compared(revision=revision)
    with tree_of(revision, folder / "tree") as tree:
        there = replace(WHOLE, name="there", tree=tree)
        for pair in range(plan.pairs):
            at = folder / str(pair)
            compared.here.append(await _flood(WHOLE, plan, on, at))
            compared.there.append(await _flood(there, plan, on, at))
    return compared


async def _flood(variant: Variant, plan: Plan, on: Servers, folder: Path) -> Measured:
    async with stage(variant, on, folder, Scene.town(plan.families)) as made:
        run = Run(made)
        await run.warm_up(plan.students)
        flooded = await run.flood(plan.needs)
    say(variant.name, f"{flooded.rate:.0f} events/s", round(flooded.seconds * MILLISECONDS))
    return flooded


@contextmanager
def tree_of(revision: str, folder: Path) -> Iterator[Path]:
    """The files of a revision, gone after the block.

    Raises:
        Failure: there is no such revision.
    """
    added = git("worktree", "add", "--detach", str(folder), revision)
    if added.returncode:
        raise Failure(f"COMPARE={revision} is no revision of this repository: name one.")
    try:
        close(folder)
        yield folder
    finally:
        git("worktree", "remove", "--force", str(folder))


def close(folder: Path) -> None:
    """Make each folder of modules a package: else Python looks for the rest of it in this tree."""
    for top in (each for each in TOPS if (folder / each).is_dir()):
        for each in (folder / top, *(folder / top).rglob("*/")):
            (each / "__init__.py").touch()


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - our own words and a revision
        ["git", "-C", str(paths.ROOT), *arguments],  # noqa: S607 - whichever git there is
        capture_output=True,
        check=False,
    )


def last_line(figures: Sequence[Figure]) -> list[str]:
    """What it comes to, with its spread."""
    return [
        f"{each.name.removeprefix('events/s, ')}: {each.median:.2f} × "
        f"({number(each.least)} to {number(each.most)})"
        for each in figures
        if each.name.startswith(RATIO)
    ]
