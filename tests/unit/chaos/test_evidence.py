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
        return [SimpleNamespace(topic="t", id="e-1", subject="s", value={})]

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
    assert files.pop("story.txt") == "VIOLATED: need n: lost\n"
    assert '"e-1"' in files.pop("topics.jsonl")
    assert files.keys() == {f"{name.replace(' ', '-')}.jsonl" for name in READ}
    assert all("$uuid" in text or "$binary" in text for text in files.values())


def test_a_story_is_what_was_told_of_the_ids_that_a_violation_names() -> None:
    def told(number: int, subject: str, **value: Any) -> Any:
        return SimpleNamespace(
            topic="t", subject=subject, sequence=number, fact=f"fact_{number}", value=value
        )

    events = [
        told(1, str(ID), code="no-seat", parts=["x"]),
        told(2, "another", need_id=str(ID)),
        told(3, "another", need_id="n-2"),
    ]

    assert list(evidence.stories([f"need {ID}: lost", "a sentence without an id"], events)) == [
        f"VIOLATED: need {ID}: lost",
        f"  t {ID} 1: fact_1 code no-seat",
        f"  t another 2: fact_2 need_id {ID}",
        "VIOLATED: a sentence without an id",
    ]
