"""A deliberate breakage: what is changed, what would come of it, and which test must notice."""

import tomllib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

TABLE: Final = Path(__file__).with_name("table.toml")


class OutOfDate(Exception):
    """The code has changed beneath a mutant."""


class Edit(BaseModel):
    """Text of one file that is replaced; it occurs there exactly once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The file's text, broken.

        Raises:
            OutOfDate: the old text does not occur exactly once.
        """
        times = text.count(self.old)
        if times != 1:
            raise OutOfDate(f"{self.file} holds {times} times, not once: {self.old.strip()!r}")
        return text.replace(self.old, self.new)


class Mutant(BaseModel):
    """One breakage. `tests` are pytest's ids; `says` stands in what the failing ones print."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    harm: str  # what somebody would suffer
    tests: tuple[str, ...]
    says: str
    edits: tuple[Edit, ...]

    def broken(self, folder: Path) -> dict[Path, str]:
        """The files of a copy of the project as they are with this breakage.

        Raises:
            OutOfDate: the code has changed beneath it.
        """
        broken: dict[Path, str] = {}
        for edit in self.edits:
            path = folder / edit.file
            broken[path] = edit.applied(broken.get(path) or path.read_text(encoding="utf-8"))
        return broken


def table(path: Path = TABLE) -> list[Mutant]:
    """The mutants of a table, in its order."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["mutants"]
    return [Mutant.model_validate(each) for each in rows]
