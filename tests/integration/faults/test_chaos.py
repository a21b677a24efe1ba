"""A short seeded run of `make chaos`; `python -m tests.chaos` plays longer ones."""

import pytest

from tests.chaos import __main__ as program

KINDS = ("kill", "ask to end", "stall", "tell again", "poison")


def test_people_work_while_faults_strike_and_nothing_is_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    only = [word for kind in KINDS for word in ("--only", kind)]

    code = program.main(["--seed", "4", "--faults", str(len(KINDS)), *only])

    said = capsys.readouterr()
    assert code == 0, said.err
    faults, acts = (int(each.split()[0]) for each in said.out.split(", ")[:2])
    assert faults == len(KINDS)
    assert acts > faults
