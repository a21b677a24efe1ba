"""What is kept of a town in which something was violated: its logs, and all that was written."""

import shutil
from pathlib import Path
from typing import Any, Final

from bson import UuidRepresentation, json_util

from deploy.checker.seen import READ
from deploy.checker.told import all_told
from tests.chaos.scene import Scene

TOLD: Final = "topics"
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


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _said(row: Any) -> str:
    return json_util.dumps(row, json_options=OPTIONS)
