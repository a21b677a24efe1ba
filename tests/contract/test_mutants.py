"""Each deliberate breakage still fits the code, and names tests that are there."""

import ast
from pathlib import Path
from typing import Final

import pytest

from deploy.local import paths
from tests.mutants.mutant import Edit, Mutant, OutOfDate, table

MUTANTS: Final = table()
PROMISED: Final = {  # what the project says it would notice
    "no inbox",
    "no transaction",
    "no touch of what is relied on",
    "offset first",
    "relay deletes before the ack",
    "no guard on seats",
    "copies without the sequence guard",
    "no parking",
    "replay to the topic",
    "Packet without the Gate",
    "tick that does not clear",
    "key minted again after erasure",
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_fits_the_code_and_its_tests_are_there(mutant: Mutant) -> None:
    broken = mutant.broken(paths.ROOT)

    for path, text in broken.items():
        ast.parse(text)
        assert text != path.read_text(encoding="utf-8")
    for test in mutant.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((paths.ROOT / file).read_text(encoding="utf-8"))
        functions = ast.FunctionDef | ast.AsyncFunctionDef
        assert not name or name in {e.name for e in tree.body if isinstance(e, functions)}


def test_the_table_holds_what_is_promised_each_name_once() -> None:
    names = [each.name for each in MUTANTS]

    assert len(names) == len(set(names))
    assert set(names) >= PROMISED


def test_a_mutant_that_the_code_has_left_behind_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one one")

    for old in ("one", "two"):
        edit = Edit(file="a.py", old=old, new="")
        with pytest.raises(OutOfDate, match=r"a\.py holds"):
            MUTANTS[0].model_copy(update={"edits": (edit,)}).broken(tmp_path)
