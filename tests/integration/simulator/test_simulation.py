"""A town works for some simulated hours, is ended, goes on, and is checked from outside."""

import signal
import sys
from pathlib import Path

from deploy.checker.history import Answered, Asked, Passed, opened
from deploy.local.parts import SERVICES
from tests.integration.deploy.observed import nine_free_ports, program, until

WRAPAROUND = str(Path(sys.executable).with_name("wraparound"))
SECONDS = 240.0
ENOUGH = 10  # acts that were answered before it is ended, and again after


def simulate(folder: Path, port: int) -> None:
    """Until some acts more have been answered; then it is ended."""
    history = folder / "history.jsonl"
    enough = answers(history) + ENOUGH
    given = ("--folder", str(folder), "--port", str(port), "--speed", "2400", "--days", "9")
    with program(WRAPAROUND, "simulate", *given) as simulation:
        until(lambda: simulation.poll() is not None or answers(history) >= enough, seconds=SECONDS)
        simulation.send_signal(signal.SIGINT)
        _, said = simulation.communicate(timeout=SECONDS)
    assert simulation.returncode == 0, said
    assert "the same command goes on from here" in said, said


def told_the_time_last(folder: Path) -> bool:
    """Whether nothing that a service wrote can be later than where it goes on."""
    ended = max((folder / "logs" / f"{each.name}.log").stat().st_mtime for each in SERVICES)
    history = folder / "history.jsonl"
    _, lines = opened(history)
    return isinstance(lines[-1], Passed) and history.stat().st_mtime >= ended


def answers(history: Path) -> int:
    if not history.exists():
        return 0
    return sum(isinstance(each, Answered) for each in opened(history)[1])


def check(history: Path) -> tuple[int, str, str]:
    with program(WRAPAROUND, "check", str(history)) as checking:
        out, said = checking.communicate(timeout=SECONDS)
    return checking.returncode, out, said


def test_ended_twice_it_goes_on_and_its_check_finds_what_was_never_asked(tmp_path: Path) -> None:
    # One test: what it takes a minute to make is not made twice by two workers.
    history, port = tmp_path / "history.jsonl", nine_free_ports()
    for _ in range(2):
        simulate(tmp_path, port)
        assert told_the_time_last(tmp_path)
    _, lines = opened(history)
    asked = [each for each in lines if isinstance(each, Asked)]
    passed = [(each.at, each.needs) for each in lines if isinstance(each, Passed)]
    assert passed == sorted(passed)
    assert [each.number for each in asked] == [*range(1, len(asked) + 1)]

    first, *_ = asked
    more = [  # somebody who was told *done*, of which nobody knows anything
        first.model_copy(update={"number": 900_000, "of": "nobody", "key": "another"}),
        Answered(number=900_000, status=303),
    ]
    with history.open("a", encoding="utf-8") as file:
        file.writelines(f"{each.model_dump_json()}\n" for each in more)

    code, out, said = check(history)

    assert (code, out.split(", ")[1]) == (1, "1 violations\n"), said
    assert f"VIOLATED: {first.fact} of nobody happened 0 times, not 1" in said


def test_what_is_no_history_is_said_in_one_sentence(tmp_path: Path) -> None:
    code, _, said = check(tmp_path / "nothing.jsonl")

    assert code != 0
    assert said.count("\n") == 1
    assert "name a history" in said
