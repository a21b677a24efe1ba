"""The program as text: what calls what, for guards that no run of it would show."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


@cache
def parsed(path: Path) -> ast.Module:
    """One file's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def files(folder: str) -> list[Path]:
    """Every Python file below a folder of the repository."""
    return sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """A file as people name it."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """What a file is imported as."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def calls(folder: str) -> Iterator[tuple[Path, str, ast.Call]]:
    """Every call below a folder: where it stands, the last part of what is called, and the call."""
    for path in files(folder):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield path, _last(node.func), node


def _last(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="model_validate"):
            return name
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
