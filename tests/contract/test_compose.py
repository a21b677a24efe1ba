"""What can be said of docker-compose.yml and its images without Docker."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.docker.new_secrets import make
from deploy.local.demo import Options, time_of
from services.chassis.key_settings import NEEDED_IN, KeySettings
from services.cli import TABLES
from tests.contract.sources import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKER = ROOT / "deploy" / "docker"


def locked(path: Path) -> dict[str, str]:
    """Each package of a lock with its version and hashes."""
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    return {entry.partition("==")[0]: entry for entry in entries}


def test_every_secret_that_compose_reads_is_made(tmp_path: Path) -> None:
    read = set(re.findall(r"^  (\w+): \{file: ", COMPOSE, re.MULTILINE))

    assert set(make(tmp_path)) == read


@pytest.mark.parametrize("service", TABLES)
def test_a_service_is_given_the_keys_that_it_needs_and_no_others(service: str) -> None:
    block = re.search(rf"^  {service}:\n(?:(?:    .*)?\n)+", COMPOSE, re.MULTILINE)
    assert block is not None
    given = set(re.findall(r"\w+_keys?\b", block.group().partition("    secrets:")[2]))

    every = {name for name in KeySettings.model_fields if re.fullmatch(r"\w+_keys?", name)}
    assert given == {name for name in every if service in NEEDED_IN.get(name, (service,))}


def test_every_image_has_a_full_version() -> None:
    text = COMPOSE + (DOCKER / "Dockerfile").read_text()
    named = re.findall(r"^ *(?:image:|FROM) (\S+)", text, re.MULTILINE)

    stages = {"wraparound"}  # of the Dockerfile itself
    others = [each for each in named if each not in stages]
    assert [each for each in others if not re.search(r":\d+\.\d+\.\d+\b", each)] == []
    assert len(others) >= 5


def test_the_guide_to_copies_names_volumes_and_image_as_they_are() -> None:
    guide = (ROOT / "docs" / "how-to" / "backup.md").read_text()
    volumes = re.search(r"^volumes:\n((?:  .*\n)+)", COMPOSE, re.MULTILINE)
    assert volumes is not None
    project = re.findall(r"^name: (\w+)$", COMPOSE, re.MULTILINE)[0]

    there = {f"{project}_{name}" for name in re.findall(r"^  (\w+):", volumes.group(1), re.M)}
    assert set(re.findall(r"--volume (\w+):", guide)) == there
    assert set(re.findall(r"wraparound:\d\S*", guide)) <= set(re.findall(r"image: (\S+)", COMPOSE))


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


def test_the_demo_in_containers_is_told_all_that_a_demo_is_told() -> None:
    over = (ROOT / "deploy" / "docker" / "compose.test.yml").read_text(encoding="utf-8")
    told = time_of(Options(folder=ROOT), datetime(2026, 7, 20, 12, tzinfo=UTC))

    assert "CLOCK_START" in told
    assert {name for name in told if f"{name}: ${{{name}" not in over} == set()
