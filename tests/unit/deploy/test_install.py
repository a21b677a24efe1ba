from pathlib import Path

import pytest

from deploy.local import install
from deploy.local.failure import Failure
from deploy.local.install import require_it_runs, require_platform

LACKING = "error while loading shared libraries: libcurl.so.4: cannot open shared object file"


def test_linux_on_x86_64_is_served() -> None:
    require_platform("Linux", "x86_64")


@pytest.mark.parametrize(
    ("system", "machine"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Darwin", "x86_64")]
)
def test_elsewhere_the_sentence_names_the_ways_out(system: str, machine: str) -> None:
    with pytest.raises(Failure, match=r"MONGO_URL .* `docker compose up`"):
        require_platform(system, machine)


def a_program(folder: Path, *lines: str) -> Path:
    program = folder / "mongod"
    program.write_text("\n".join(("#!/bin/sh", *lines)), encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(install, "quietly", lambda *command: commands.append(command))
    return commands


def test_a_database_that_starts_needs_nothing(tmp_path: Path, asked: list[tuple[str, ...]]) -> None:
    require_it_runs(a_program(tmp_path, "echo db version"), may_install=True)

    assert asked == []


def test_a_missing_library_is_one_sentence_with_the_ways_out(
    tmp_path: Path, asked: list[tuple[str, ...]]
) -> None:
    program = a_program(tmp_path, f"echo mongod: {LACKING} >&2", "exit 127")

    with pytest.raises(Failure) as failure:
        require_it_runs(program, may_install=False)

    said = str(failure.value)
    assert "\n" not in said
    for each in (LACKING, "install libcurl4", "MONGO_URL", "docker compose up"):
        assert each in said
    assert asked == []


def test_where_that_is_possible_the_library_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_there = tmp_path / "libcurl"
    program = a_program(tmp_path, f"test -e {is_there}")
    monkeypatch.setattr(
        install, "quietly", lambda *command: is_there.touch() if "libcurl4" in command else None
    )

    require_it_runs(program, may_install=True)

    assert is_there.exists()
