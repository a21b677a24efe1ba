from pathlib import Path

from tests.chaos.episode import Played
from tests.chaos.report import keep, kept, run_of, since_violation, verdict


def played(**recoveries: list[float]) -> Played:
    return Played(acts=10, recoveries=recoveries)


def test_the_towns_of_a_run_count_together() -> None:
    run = run_of(7, 61.4, [played(kill=[0.1, 0.3]), played(kill=[2.0], freeze=[1.0])])

    assert run.faults == {"freeze": 1, "kill": 3}
    assert run.recovery_ms == {"freeze": 1000, "kill": 300}
    assert (run.seed, run.seconds, run.acts, run.violations) == (7, 61, 20, 0)


def test_without_a_violation_three_over_the_faults_bounds_their_rate() -> None:
    runs = [run_of(1, 1, [played(kill=[0.0] * 20)]), run_of(2, 1, [played(stall=[0.0] * 40)])]

    assert verdict(runs) == "60 faults, 20 acts, 0 violations (rate below 5.00% at 95 %)"


def test_with_a_violation_no_bound_is_claimed() -> None:
    broken = Played(acts=3, recoveries={"kill": [0.1]}, violations=["a need is lost"])

    assert verdict([run_of(1, 1, [broken])]) == "1 faults, 3 acts, 1 violations"
    assert verdict([]) == "0 faults, 0 acts, 0 violations"


def test_what_came_after_the_last_violation_is_told_apart() -> None:
    sound = run_of(1, 1, [played(kill=[0.1])])
    broken = run_of(1, 1, [Played(violations=["a need is lost"])])

    assert since_violation([sound, broken, sound, broken, sound, sound]) == [sound, sound]
    assert since_violation([sound]) == [sound]
    assert since_violation([broken]) == []


def test_runs_are_kept_and_read_back(tmp_path: Path) -> None:
    runs = [run_of(seed, 9, [played(kill=[0.5])]) for seed in (1, 2)]

    for each in runs:
        keep(tmp_path / "report.jsonl", each)

    assert kept(tmp_path / "report.jsonl") == runs
    assert kept(tmp_path / "nothing.jsonl") == []
