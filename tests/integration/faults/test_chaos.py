"""A short seeded run of `make chaos`; `python -m tests.chaos` plays longer ones."""

import pytest

from tests.chaos import __main__ as program
from tests.chaos.faults import Ground

KINDS = ("kill", "ask to end", "stall", "tell again", "poison")


@pytest.mark.parametrize(
    ("seed", "kinds", "ground"),
    [
        pytest.param("3", KINDS, Ground.ALONE, id="rounds that meet"),
        pytest.param("1", ("days pass", "days pass"), Ground.DAYS, id="a simulated town"),
    ],
)
def test_people_work_while_faults_strike_and_nothing_is_lost(
    seed: str, kinds: tuple[str, ...], ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    only = [word for kind in kinds for word in ("--only", kind)]

    code = program.main(["--seed", seed, "--faults", str(len(kinds)), *only])

    said = capsys.readouterr()
    assert code == 0, said.err
    assert f"a town on {ground.value}\n" in said.err
    faults, acts = (int(each.split()[0]) for each in said.out.split(", ")[:2])
    assert faults == len(kinds)
    assert acts >= faults
