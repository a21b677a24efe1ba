"""A JSON file for each run, with its time, its commit and the machine it ran on."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.local import paths
from tests.bench.figures import Figure, to_row


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What somebody must know to believe a figure; `load` is the machine's before the run."""

    at: datetime
    commit: str
    is_changed: bool  # files differed from the commit
    processors: int
    load: float


def conditions(now: datetime) -> Conditions:
    """Those of a run that begins now."""
    return Conditions(
        at=now,
        commit=_git("rev-parse", "HEAD") or "unknown",
        is_changed=bool(_git("status", "--porcelain")),
        processors=os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 2),
    )


def _git(*arguments: str) -> str:
    asked = subprocess.run(  # noqa: S603 - our own words
        ["git", "-C", str(paths.ROOT), *arguments],  # noqa: S607 - whichever git there is
        capture_output=True,
        check=False,
        text=True,
    )
    return asked.stdout.strip()


def told(what: str, under: Conditions, figures: Sequence[Figure]) -> dict[str, Any]:
    """One run as it is kept."""
    return {
        "what": what,
        "conditions": asdict(under) | {"at": under.at.isoformat()},
        "figures": [to_row(each) for each in figures],
    }


def keep(folder: Path, what: str, under: Conditions, figures: Sequence[Figure]) -> Path:
    """Write a run beside earlier ones; none is overwritten."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{under.at:%Y%m%dT%H%M%S.%f}-{under.commit[:10]}-{what}.json"
    with path.open("x", encoding="utf-8") as out:
        out.write(json.dumps(told(what, under, figures), indent=2) + "\n")
    return path
