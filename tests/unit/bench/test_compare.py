import os
import subprocess
from pathlib import Path

import pytest

from deploy.local import paths
from deploy.local.failure import Failure
from deploy.local.parts import PYTHON
from deploy.local.process import Step
from tests.bench.compare import Compared, close, git, last_line, tree_of
from tests.unit.bench.test_results import a_run


def test_each_flood_is_held_against_its_neighbour_of_the_other_revision() -> None:
    slows_down = Compared(
        revision="v1",
        here=[a_run(seconds=1), a_run(seconds=2)],
        there=[a_run(seconds=1.1), a_run(seconds=2.2)],
    )

    by_name = {each.name: each for each in slows_down.figures()}

    assert [round(each, 3) for each in by_name["events/s, here against v1"].values] == [1.1, 1.1]
    assert by_name["us/event, here against v1"].values == (1, 1)
    assert last_line(list(by_name.values())) == ["here against v1: 1.10 × (1.1 to 1.1)"]


def test_the_files_of_a_revision_are_there_and_then_gone(tmp_path: Path) -> None:
    if not (paths.ROOT / ".git").exists():
        pytest.skip("no repository here")

    with tree_of("HEAD", tmp_path / "tree") as tree:
        assert (tree / "services" / "cli.py").exists()

    assert not (tmp_path / "tree").exists()
    assert str(tmp_path) not in git("worktree", "list").stdout.decode()


def test_a_process_in_the_files_of_a_revision_runs_what_lies_there(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "elsewhere.py").write_text("import sys; sys.exit(7)")

    ran = Step(
        "ran",
        command=(PYTHON, "-m", "services.elsewhere"),
        folder=tmp_path,
    )
    ran.start()
    os.waitid(os.P_PID, ran.pid, os.WEXITED | os.WNOWAIT)

    assert ran.has_failed
    ended = os.waitid(os.P_PID, ran.pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    assert ended.si_status == 7
    ran.kill()


def test_what_is_no_revision_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no revision"), tree_of("nothing-like-it", tmp_path / "tree"):
        pass


def test_a_package_of_another_revision_holds_nothing_of_this_tree(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    for file in (there / "services/plans/old.py", here / "services/plans/new.py"):
        file.parent.mkdir(parents=True)
        file.touch()
    (here / "services/plans/__init__.py").touch()
    search = (
        "from importlib.util import find_spec as f;"
        "print(f('services.plans.old') is not None, f('services.plans.new') is not None)"
    )

    close(there)

    done = subprocess.run(  # noqa: S603
        [PYTHON, "-S", "-c", search],
        env={"PYTHONPATH": f"{there}:{here}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True", "False"], done.stderr
