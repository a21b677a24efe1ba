from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from deploy.checker.expected import Expected
from deploy.checker.seen import READ, Seen
from deploy.checker.told import TABLES
from deploy.local import paths
from schemas.topics import NEEDS
from tests.chaos import __main__ as program
from tests.chaos.episode import Played, check
from tests.chaos.report import kept
from tests.chaos.scene import Position, Scene


def a_run(monkeypatch: pytest.MonkeyPatch, *episodes: Played) -> None:
    async def run(*_: Any, **__: Any) -> list[Played]:
        return list(episodes)

    monkeypatch.setattr(program, "run", run)
    monkeypatch.setattr(program, "servers", lambda **_: nullcontext())


def test_a_violation_is_an_exit_code_a_sentence_and_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    a_run(monkeypatch, Played(recoveries={"kill": [1.0]}, violations=["need n: kept 0 times"]))

    assert program.main(["--seed", "7", "--seconds", "5", "--report", str(report)]) == 1

    said = capsys.readouterr()
    assert "VIOLATED: need n: kept 0 times\n" in said.err
    assert f"wrote is in {paths.VAR / 'chaos-7'}\nagain: make chaos SEED=7 SECONDS=5\n" in said.err
    assert said.out == "1 faults, 0 acts, 1 violations\n"
    assert [each.violations for each in kept(report)] == [1]


def test_a_run_without_one_is_a_good_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_run(monkeypatch, Played(acts=4, recoveries={"kill": [1.0] * 3}))

    assert program.main([]) == 0
    assert capsys.readouterr().out.startswith("3 faults, 4 acts, 0 violations (rate below ")


def a_scene(*poison: tuple[str, Position]) -> Scene:
    people: Any = type("People", (), {"done": staticmethod(Expected)})()
    nobody: Any = None
    servers = dict.fromkeys(("world", "kafka", "mongo", "network", "broker_network"), nobody)
    return Scene(people=people, poison=set(poison), **servers)


def seen(**rows: Any) -> Seen:
    named = {name.replace("_", " "): found for name, found in rows.items()}
    none = dict.fromkeys(READ, ()) | named
    return Seen(told=[], twice=[], rows=none, books=[], entries=[], faulty_ledgers=[])


def a_row(topic: str, offset: int) -> dict[str, Any]:
    return {"topic": topic, "partition": 0, "offset": offset, "code": "c", "error_class": "E"}


def test_what_was_sent_to_be_parked_must_be_parked_by_all_who_hear_it_and_nothing_else() -> None:
    hearing = [name for name, tables in TABLES.items() if NEEDS in tables.topics]
    scene = a_scene(*((name, (NEEDS, 0, 5)) for name in hearing))
    readers = [f"{name}_parked" for name in hearing]
    parked = {each: [a_row(NEEDS, 5)] for each in readers}

    assert list(check(seen(**parked), scene)) == []
    first, *others = readers
    (missing,) = check(seen(**{each: parked[each] for each in others}), scene)
    assert missing.startswith(first.replace("_parked", " did not park"))
    more = parked | {first: [a_row(NEEDS, 5), a_row(NEEDS, 6)]}
    assert list(check(seen(**more), scene)) == [f"{first.replace('_', ' ')} {NEEDS} c E"]
