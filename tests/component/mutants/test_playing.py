"""Mutants played for real, on the shortest test there is."""

import pytest

from tests.mutants import __main__ as program
from tests.mutants.mutant import Edit, Mutant

FILE = "services/chassis/pace.py"


def a_mutant(name: str, old: str, new: str, says: str) -> Mutant:
    return Mutant(
        name=name,
        harm="Somebody waits.",
        tests=("tests/unit/chassis/test_pace.py",),
        says=says,
        edits=(Edit(file=FILE, old=old, new=new),),
    )


def test_a_mutant_is_caught_by_a_test_that_fails_for_its_reason_and_by_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutants = [
        a_mutant("one", "return 0.0", "return 1.0", "assert 1.0 == 0"),
        a_mutant("harmless", "Pure.", "Pure!", "assert"),
        a_mutant("for another reason", "return 0.0", "return 1.0", "no place left"),
        a_mutant("not even played", "return 0.0", "return (", ""),
    ]

    assert program.main([], mutants) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  ")]
    assert [line.split()[0] for line in said[:4]] == ["caught", *["SURVIVED"] * 3]
    assert said[4].startswith("1 of 4 mutants caught in ")
