"""Services run on asyncio's own loop: on uvloop a broker's death can deafen them for good.

See docs/adr/0007.
"""

import ast
from pathlib import Path

import pytest

from deploy.local.parts import SERVICES, Service
from tests.contract.sources import ROOT, calls

LOCKS = ("requirements.lock", "deploy/docker/requirements.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_no_other_loop_is_installed(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    names = {line.partition("==")[0] for line in lines if "==" in line}
    assert "uvicorn" in names
    assert "uvloop" not in names


def test_whatever_starts_a_service_asks_for_it() -> None:
    started = [
        {each.arg: ast.unparse(each.value) for each in call.keywords}.get("loop")
        for folder in ("deploy", "tests/integration/faults")
        for _, _, call in calls(folder)
        if ast.unparse(call.func) == "uvicorn.run"
    ]
    assert started == ["'asyncio'"] * 2


def test_the_demo_asks_for_it() -> None:
    (row, *_) = SERVICES
    words = Service(row, port=1, log=Path("a.log"), environment={}).command
    assert words[words.index("--loop") + 1] == "asyncio"
