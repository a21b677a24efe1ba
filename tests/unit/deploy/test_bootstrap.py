"""How uv is brought to a machine that has only Python, git and make."""

import importlib.util
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from deploy.local import bootstrap

ROOT_USER, ANYBODY = 0, 1000


class Machine:
    """What a machine has, and what was run on it."""

    def __init__(self, *modules: str, apt: bool = True) -> None:
        self.modules = set(modules)
        self.apt = apt
        self.commands: list[tuple[str, ...]] = []

    def find_spec(self, name: str) -> ModuleType | None:
        return ModuleType(name) if name in self.modules else None

    def run(self, *command: str) -> None:
        self.commands.append(command)
        if "python3-venv" in command:
            self.modules |= {"ensurepip"}


def install(machine: Machine, user: int, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    monkeypatch.setattr(bootstrap, "VAR", folder)
    monkeypatch.setattr(bootstrap, "run", machine.run)
    monkeypatch.setattr(importlib.util, "find_spec", machine.find_spec)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/apt-get" if machine.apt else None)
    return bootstrap.install_uv()


@pytest.mark.parametrize(
    ("modules", "by"), [(("ensurepip", "pip"), "venv"), (("pip",), "--target")], ids=str
)
def test_uv_comes_by_what_python_has_and_the_machine_stays_as_it_is(
    modules: tuple[str, ...], by: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = Machine(*modules)

    uv = install(machine, ROOT_USER, monkeypatch, tmp_path)

    assert uv == str(tmp_path / "uv" / "bin" / "uv")
    assert by in machine.commands[0]
    assert bootstrap.UV in machine.commands[-1]
    assert not any("apt-get" in command for command in machine.commands)


def test_a_bare_python_gets_what_it_lacks_from_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = Machine()

    install(machine, ROOT_USER, monkeypatch, tmp_path)

    assert [command[0] for command in machine.commands[:2]] == ["apt-get", "apt-get"]
    assert bootstrap.UV in machine.commands[-1]


@pytest.mark.parametrize(
    ("user", "machine"), [(ANYBODY, Machine()), (ROOT_USER, Machine(apt=False))]
)
def test_who_may_not_install_reads_what_to_install(
    user: int, machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        install(machine, user, monkeypatch, tmp_path)
