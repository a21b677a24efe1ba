"""What can be said of the files without Docker."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from deploy.docker.new_secrets import OF_OTHERS, make
from tests.compose.docker import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKER = ROOT / "deploy" / "docker"


def locked(path: Path) -> dict[str, str]:
    """Each package of a lock with its version and hashes."""
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    return {entry.partition("==")[0]: entry for entry in entries}


def test_every_secret_that_compose_reads_is_made(tmp_path: Path) -> None:
    read = set(re.findall(r"^  (\w+): \{file: ", COMPOSE, re.MULTILINE))

    assert set(make(tmp_path)) == read


def test_a_secret_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    make(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    (tmp_path / "search_key").unlink()

    assert make(tmp_path) == ["search_key"]

    after = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"search_key"}


def test_what_others_give_is_an_empty_file_to_be_filled_in(tmp_path: Path) -> None:
    make(tmp_path)

    empty = {path for path in tmp_path.iterdir() if not path.read_text()}
    assert {path.name for path in empty} == set(OF_OTHERS)
    assert {path.stat().st_mode & 0o200 for path in empty} == {0o200}


def test_secrets_are_made_with_python_alone_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = [sys.executable, "-ES", str(DOCKER / "new_secrets.py"), str(folder)]

    subprocess.run(command, check=True, cwd=tmp_path)  # noqa: S603 - a program of ours

    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_images_are_named_after_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    named = re.findall(
        r"image: wraparound[\w-]*:(\S+)", COMPOSE + (DOCKER / "compose.test.yml").read_text()
    )

    assert set(named) == {version}


def test_what_the_images_install_is_what_was_tested() -> None:
    whole = locked(ROOT / "requirements.lock")
    installed = locked(DOCKER / "requirements.lock") | locked(DOCKER / "requirements-demo.lock")

    assert {name for name, entry in installed.items() if whole.get(name) != entry} == set()
