"""READMEs name what is there, and the code names no page that a reader does not have."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.contract.sources import ROOT, files, name_of

FOLDERS: Final = tuple(sorted(each.parent.name for each in (ROOT / "services").glob("*/README.md")))
NAME: Final = re.compile(r"`([a-z_][a-z0-9_/]*(?:\.py)?)`")  # `wraparound …` and `a.b` are no files

TOPS: Final = ("services", "schemas", "deploy", "tests", "docs")
MODULE: Final = re.compile(r"\b[a-z0-9_]+\.py\b")
PAGE: Final = re.compile(r"\b[\w/-]+\.md\b")


def modules(folder: Path) -> set[str]:
    """Every module below a folder, such as `domain/gate`."""
    found = (each.relative_to(folder).as_posix() for each in folder.rglob("*.py"))
    return {each.removesuffix(".py") for each in found if not each.endswith("__init__.py")}


def rows(folder: Path) -> list[str]:
    """The rows of the table under `## Files`."""
    _, _, after = (folder / "README.md").read_text(encoding="utf-8").partition("\n## Files\n")
    return [line for line in after.partition("\n## ")[0].splitlines() if line.startswith("| ")]


def named(folder: Path) -> set[str]:
    """The modules that the table names; in a row with a folder they are that folder's."""
    found = set()
    for row in rows(folder):
        names = NAME.findall(row)
        within = "".join(each for each in names if each.endswith("/"))
        found |= {within + each.removesuffix(".py") for each in names if not each.endswith("/")}
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_every_module_of_a_service_stands_in_its_readme_and_nothing_that_is_not_there(
    name: str,
) -> None:
    folder = ROOT / "services" / name

    assert named(folder) == modules(folder)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_folder_of_a_service_stands_in_its_readme(name: str) -> None:
    folder = ROOT / "services" / name
    listed = {each for row in rows(folder) for each in NAME.findall(row) if each.endswith("/")}

    assert listed == {
        f"{each.name}/" for each in folder.iterdir() if each.is_dir() and each.name != "__pycache__"
    }


@pytest.mark.parametrize("top", TOPS[:-1])
def test_every_page_that_the_code_names_is_in_this_repository(top: str) -> None:
    pages = {each.name for each in (ROOT / "docs").rglob("*.md")}
    cited = {
        f"{name_of(path)}: {page}"
        for path in files(top)
        for page in PAGE.findall(path.read_text(encoding="utf-8"))
        if not ((ROOT / page).is_file() or page in pages)
    }

    assert cited == set()


def test_every_module_that_a_page_names_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *(each for top in TOPS for each in (ROOT / top).rglob("*.md"))]
    there = {path.name for top in TOPS for path in files(top)}
    unknown = {
        f"{name_of(page)}: {name}"
        for page in pages
        for name in MODULE.findall(page.read_text(encoding="utf-8"))
        if name not in there
    }

    assert unknown == set()
