"""Rows of a file from outside: what was found on them, how many, and whether the file is usable."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TextIO

REJECTED_AT_MOST = 0.20
"""Share of rejected rows above which the whole file is refused."""

FINDINGS_KEPT = 10_000
"""Findings of one file kept word for word; further ones are only counted."""

FINDING_COLUMNS = ("file", "line", "column", "code", "sentence", "level")

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class Level(StrEnum):
    """What a finding does to its row."""

    WARNING = "warning"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One remark on one row; its sentence never repeats what a person's cell held.

    `line` is where the row starts, 1 for a remark on the whole file; `column` may be empty.
    """

    file: str
    line: int
    column: str
    code: str
    sentence: str
    level: Level


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """How the rows of one file fared.

    `dropped` counts, per code, what is never kept; `findings_not_kept` those past the limit.
    """

    file: str
    kind: str
    rows: int = 0
    warned: int = 0
    rejected: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    findings_not_kept: int = 0
    broken: str = ""

    @property
    def ok(self) -> int:
        """Rows without any remark."""
        return self.rows - self.warned - self.rejected

    @property
    def refusal(self) -> str:
        """The sentence that refuses the whole file, or nothing."""
        if self.broken:
            return f"{self.file}: {self.broken}"
        if self.rejected > self.rows * REJECTED_AT_MOST:
            return (
                f"{self.file}: {self.rejected} of {self.rows} rows are rejected, more than "
                f"{REJECTED_AT_MOST:.0%}. Mend the rows named in the error file (--errors) and "
                "try again."
            )
        return ""


@dataclass(frozen=True, kw_only=True)
class FilesRead:
    """What reading the files of one import gave; `refusals` say why nothing comes of it."""

    files: tuple[FileReport, ...]
    refusals: tuple[str, ...] = ()

    @property
    def warned(self) -> int:
        """Rows with a warning, over all files."""
        return sum(each.warned for each in self.files)

    @property
    def rejected(self) -> int:
        """Rows left out, over all files."""
        return sum(each.rejected for each in self.files)


class Tally:
    """Counts the rows of one file while it is read, and keeps what was found on them.

    A row counts once, by its worst finding, however late in the reading that is made.
    """

    def __init__(self, file: str, kind: str) -> None:
        """Start counting a file of a kind."""
        self.file = file
        self.kind = kind
        self._rows = 0
        self._worst: dict[int, Level] = {}
        self._dropped: Counter[str] = Counter()
        self._findings: list[Finding] = []
        self._not_kept = 0
        self._broken = ""

    def row(self, line: int) -> "Row":
        """Count one more row, which starts at a line."""
        self._rows += 1
        return Row(self, self._rows, line)

    def drop(self, code: str) -> None:
        """Count an item that is never kept."""
        self._dropped[code] += 1

    def remark(self, code: str, sentence: str) -> None:
        """Say something about the whole file, which blames no row."""
        self._keep(1, "", code, sentence, Level.WARNING)

    def breaks_off(self, line: int, code: str, sentence: str) -> None:
        """Say that the file cannot be read, or not past a line: it is refused."""
        self._broken = self._broken or sentence
        self._keep(line, "", code, sentence, Level.REJECTED)

    def report(self) -> FileReport:
        """How the rows fared so far."""
        worst = Counter(self._worst.values())
        return FileReport(
            file=self.file,
            kind=self.kind,
            rows=self._rows,
            warned=worst[Level.WARNING],
            rejected=worst[Level.REJECTED],
            dropped=dict(sorted(self._dropped.items())),
            findings=tuple(self._findings),
            findings_not_kept=self._not_kept,
            broken=self._broken,
        )

    def find(self, row: "Row", column: str, code: str, sentence: str, level: Level) -> None:
        """Keep a remark on a row."""
        if self._worst.get(row.number) is not Level.REJECTED:
            self._worst[row.number] = level
        self._keep(row.line, column, code, sentence, level)

    def _keep(self, line: int, column: str, code: str, sentence: str, level: Level) -> None:
        if len(self._findings) >= FINDINGS_KEPT:
            self._not_kept += 1
            return
        self._findings.append(
            Finding(
                file=self.file, line=line, column=column, code=code, sentence=sentence, level=level
            )
        )


class Row:
    """One row being read: where it starts, and whose remarks it collects."""

    __slots__ = ("line", "number", "tally")

    def __init__(self, tally: Tally, number: int, line: int) -> None:
        """A row of a tally's file, counted from 1."""
        self.tally = tally
        self.number = number
        self.line = line

    def warn(self, column: str, code: str, sentence: str) -> None:
        """Remark on the row, which is kept."""
        self.tally.find(self, column, code, sentence, Level.WARNING)

    def reject(self, column: str, code: str, sentence: str) -> None:
        """Remark on the row, which is left out."""
        self.tally.find(self, column, code, sentence, Level.REJECTED)


def refusals(reports: Iterable[FileReport]) -> tuple[str, ...]:
    """The sentence of every refused file."""
    return tuple(report.refusal for report in reports if report.refusal)


def write_findings(reports: Iterable[FileReport], out: TextIO) -> int:
    """Write the error file (CSV with a header row); gives how many findings it holds."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FINDING_COLUMNS)
    findings = [finding for report in reports for finding in report.findings]
    for finding in findings:
        cells = asdict(finding)
        writer.writerow([_harmless(str(cells[column])) for column in FINDING_COLUMNS])
    return len(findings)


def _harmless(cell: str) -> str:
    # A spreadsheet would run a cell that starts like a formula; a file's name is outsiders' text.
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
