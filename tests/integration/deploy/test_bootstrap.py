import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import paths

FAKE_UV = """#!/bin/sh
cd "{folder}"
echo "$*" >> said
if [ "$1" = venv ]; then
  mkdir -p .venv/bin
  echo '#!/bin/sh' > .venv/bin/python
  chmod +x .venv/bin/python
fi
if [ "$1 $2" = "pip sync" ] && [ -e offline ]; then exit 2; fi
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with our bootstrap and a uv that writes down what it is asked."""
    (tmp_path / "deploy" / "local").mkdir(parents=True)
    shutil.copy(paths.ROOT / "deploy" / "local" / "bootstrap.py", tmp_path / "deploy" / "local")
    (tmp_path / "requirements.lock").write_text("one==1\n")
    (tmp_path / "pyproject.toml").touch()
    uv = tmp_path / "programs" / "uv"
    uv.parent.mkdir()
    uv.write_text(FAKE_UV.format(folder=tmp_path))
    uv.chmod(0o755)
    return tmp_path


def bootstrap(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(checkout / "deploy" / "local" / "bootstrap.py")],
        env={"PATH": f"{checkout / 'programs'}{os.pathsep}{os.defpath}"},
        capture_output=True,
        text=True,
        check=False,
    )


def said(checkout: Path) -> list[str]:
    return (checkout / "said").read_text().splitlines()


def test_a_new_checkout_gets_locked_packages_and_the_project(checkout: Path) -> None:
    done = bootstrap(checkout)

    assert done.returncode == 0, done.stderr
    asked = [line for line in said(checkout) if line != "--version"]
    assert asked[0].startswith("venv ")
    assert "--require-hashes --compile-bytecode requirements.lock" in asked[1]
    assert "--no-deps --no-build-isolation --editable ." in asked[2]


def test_an_unchanged_lock_asks_for_nothing(checkout: Path) -> None:
    bootstrap(checkout)
    (checkout / "said").unlink()

    assert bootstrap(checkout).returncode == 0
    assert not (checkout / "said").exists()


def test_a_changed_lock_is_installed_without_a_new_environment(checkout: Path) -> None:
    bootstrap(checkout)
    (checkout / "said").unlink()
    (checkout / "requirements.lock").write_text("one==2\n")

    bootstrap(checkout)

    asked = [line for line in said(checkout) if line != "--version"]
    assert [line.split()[1] for line in asked] == ["sync", "install"]


def test_what_an_older_way_to_install_left_is_installed_anew(checkout: Path) -> None:
    bootstrap(checkout)
    (checkout / "said").unlink()
    with (checkout / "deploy" / "local" / "bootstrap.py").open("a") as program:
        program.write("# otherwise\n")

    bootstrap(checkout)

    assert any(line.startswith("pip sync") for line in said(checkout))


def test_a_failed_installation_ends_with_a_sentence_and_is_tried_again(checkout: Path) -> None:
    (checkout / "offline").touch()

    failed = bootstrap(checkout)

    assert failed.returncode == 1
    assert "`uv pip` failed for the reason above: check the network" in failed.stderr
    (checkout / "offline").unlink()
    assert bootstrap(checkout).returncode == 0
    assert any(line.startswith("pip sync") for line in said(checkout))
