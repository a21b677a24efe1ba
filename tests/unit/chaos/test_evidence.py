from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from deploy.checker.seen import READ
from tests.chaos import evidence

ID = UUID("00000000-0000-4000-8000-000000000001")


async def test_a_violated_town_leaves_its_logs_and_all_that_was_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def rows(service: str, collection: str) -> list[dict[str, Any]]:
        return [{"_id": ID, "of": f"{service} {collection}"}]

    async def told(_: Any) -> list[Any]:
        return [SimpleNamespace(topic="t", id="e-1")]

    monkeypatch.setattr(evidence, "all_told", told)
    town, folder = tmp_path / "town", tmp_path / "kept"
    town.mkdir()
    (town / "00-plans.log").write_text("a line")
    folder.mkdir()
    (folder / "older").touch()
    world = SimpleNamespace(folder=town, outside=SimpleNamespace(rows=rows))

    await evidence.keep(SimpleNamespace(world=world), ["need n: lost"], folder)  # type: ignore[arg-type]

    files = {each.name: each.read_text() for each in folder.iterdir()}
    assert files.pop("00-plans.log") == "a line"
    assert files.pop("violations.txt") == "need n: lost\n"
    assert '"e-1"' in files.pop("topics.jsonl")
    assert files.keys() == {f"{name.replace(' ', '-')}.jsonl" for name in READ}
    assert all("$uuid" in text or "$binary" in text for text in files.values())
