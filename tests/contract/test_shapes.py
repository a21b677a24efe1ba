"""Documents of older shapes, as they were stored once: each is read, and stored in the newest."""

from typing import Any, Final

import pytest
from bson import json_util

from services.chassis.kinds import Kind
from services.chassis.vault import Keyring
from services.cli import TABLES
from tests.contract.sources import ROOT

EXAMPLES: Final = ROOT / "tests" / "contract" / "shapes"
OLDER: Final = {
    f"{service}.{kind.collection}.{shape}": kind
    for service, tables in TABLES.items()
    for kind in tables.kinds
    for shape in range(1, kind.shape)
}


def test_every_older_shape_has_a_committed_example() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == OLDER.keys()


@pytest.mark.parametrize(("name", "kind"), OLDER.items(), ids=OLDER)
def test_an_older_shape_is_read_and_stored_in_the_newest(name: str, kind: Kind[Any]) -> None:
    row = json_util.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    erased = Keyring(dict.fromkeys(row["persons"]))

    state = kind.read(row, erased)

    assert row["shape"] == int(name.rpartition(".")[2])
    assert state.district == row["district"]
    assert kind.to_document(state, erased)["shape"] == kind.shape
