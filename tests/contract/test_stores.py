"""What is stored where: collections that are made at start-up, and the one change stream."""

import ast
import importlib
from collections.abc import Iterator
from typing import Final

import pytest

from services.chassis.engine import KEYS
from services.chassis.process import PLATFORM
from services.cli import TABLES
from tests.contract.sources import ROOT, calls, module_of, name_of

OF_ANY_KIND: Final = {"kind.collection", "stored.collection", "collection", "name"}
REBUILT: Final = "built.collection"  # made by itself; it takes the old one's place
STREAMS: Final = {"services/chassis/mongo/collection.py", "services/chassis/live.py"}


def asked_for(folder: str) -> Iterator[str]:
    """The collections that a service's code names, such as `repository.SEATS.collection`."""
    for path, name, call in calls(f"services/{folder}"):
        if name == "collection" and call.args and "mongo" not in path.parts:
            first, *others = ast.unparse(call.args[0]).split(".")
            if ".".join((first, *others)) not in OF_ANY_KIND | {REBUILT}:
                value = getattr(importlib.import_module(module_of(path)), first)
                for each in others:
                    value = getattr(value, each)
                yield str(value)


@pytest.mark.parametrize("service", TABLES)
def test_every_collection_is_made_at_start_up(service: str) -> None:
    made = TABLES[service].indexes.keys()
    assert set(asked_for(service)) - made == set()
    assert set(asked_for("chassis")) - made - PLATFORM.keys() == KEYS.keys()


def test_there_is_one_change_stream() -> None:
    opening = {"self._raw.watch", "self._rows.changes"}
    found = [name_of(path) for path, _, call in calls("services") if unparsed(call) in opening]
    assert len(found) == len(STREAMS)
    assert set(found) == STREAMS
    others = [name_of(path) for path, name, _ in calls("services") if name == "watch"]
    assert set(others) - STREAMS == {"services/chassis/batch.py"}  # a kind's, which names ids


def unparsed(call: ast.Call) -> str:
    """What is called, as it is written."""
    return ast.unparse(call.func)


LARGEST: Final = {"services": 300, "schemas": 300, "deploy": 300, "tests": 400}  # lines
LARGER: Final = {  # what is data, or a list of one sort of thing
    *("schemas/codes.py", "schemas/plans.py", "schemas/referrals.py"),
    *("tests/unit/referrals/builders.py", "tests/unit/referrals/test_referral.py"),
}


@pytest.mark.parametrize("folder", LARGEST)
def test_no_file_grows_beyond_what_can_be_read(folder: str) -> None:
    lines = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }
    grown = {name for name, count in lines.items() if count > LARGEST[folder]}
    assert grown == {name for name in LARGER if name.startswith(folder)}
    fixtures = [name for name, count in lines.items() if "conftest" in name and count > 100]
    assert fixtures == []
