"""What is kept of a town in which something was violated: its logs, and all that was written.

`story.txt` is what to read first: per violation only what was told of the ids that it names.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bson import UuidRepresentation, json_util

from deploy.checker.seen import READ
from deploy.checker.told import Told, all_told
from tests.chaos.scene import Scene

TOLD: Final = "topics"
ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPTIONS: Final = json_util.JSONOptions(uuid_representation=UuidRepresentation.STANDARD)


async def keep(scene: Scene, violations: list[str], folder: Path) -> None:
    """Logs, rows and records as they are now; whatever was kept there before gives way."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scene.world.folder, folder)
    _write(folder / "violations.txt", violations)
    for name in READ:
        rows = await scene.world.outside.rows(*name.split())
        _write(folder / f"{name.replace(' ', '-')}.jsonl", [_said(row) for row in rows])
    told = await all_told(scene.world.outside)
    _write(folder / f"{TOLD}.jsonl", [_said(vars(each)) for each in told])
    _write(folder / "story.txt", list(stories(violations, told)))


def stories(violations: Sequence[str], told: Iterable[Told]) -> Iterator[str]:
    """Each violation with the shortest history that shows it: what was told of its ids."""
    events = list(told)
    for sentence in violations:
        yield f"VIOLATED: {sentence}"
        ids = set(ID.findall(sentence))
        for each in events:
            if ids & {each.subject, *_values(each.value)}:
                yield f"  {each.topic} {each.subject} {each.sequence}: {each.fact} {_plain(each)}"


def _values(value: dict[str, Any]) -> Iterator[str]:
    return (each for each in value.values() if isinstance(each, str))


def _plain(told: Told) -> str:
    """What it says in the clear, but for its subject."""
    said = {n: v for n, v in told.value.items() if isinstance(v, str) and v != told.subject}
    return ", ".join(f"{name} {value}" for name, value in said.items())


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _said(row: Any) -> str:
    return json_util.dumps(row, json_options=OPTIONS)
