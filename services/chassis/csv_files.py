"""Tables from outside: CSV as people save it, row by row, with the line each starts at."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from services.chassis.findings import Row, Tally

UNREADABLE_LETTER = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row's cells by column, trimmed; a missing cell is empty."""

    row: Row
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


class CsvFile:
    """A CSV file: its header first, then its rows once, in order."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the header; the caller opened the stream and closes it."""
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        self._text = text  # kept: the wrapper would close the stream when it goes
        self._reader = csv.reader(text, strict=True)  # else an open quote swallows what follows
        try:
            self.columns = tuple(cell.strip() for cell in next(self._reader, []))
        except csv.Error:  # an open quote, a cell past the limit: it has no header we know
            self.columns = ()

    def has(self, *columns: str) -> bool:
        """Whether the header names all these columns."""
        return set(columns) <= set(self.columns)

    def rows(self, tally: Tally) -> Iterator[CsvRow]:
        """Every row that holds anything, counted; odd ones with a finding.

        Codes: `row_unreadable`, `row_too_long`, `letters_unreadable`.
        """
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error:
                self._reject(tally, line)
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield self._row(tally.row(line), cells)

    def close(self) -> None:
        """Let go of the stream without closing it."""
        self._text.detach()

    def _reject(self, tally: Tally, first: int) -> None:
        """Count every line of what cannot be read, for each may have been a row."""
        sentence = (
            f"Not readable as CSV: in line {first} a quote is not closed, or a cell too long."
        )
        for line in range(first, self._reader.line_num + 1):
            tally.row(line).reject("", "row_unreadable", sentence)

    def _row(self, row: Row, cells: list[str]) -> CsvRow:
        if len(cells) > len(self.columns):
            row.warn(
                "", "row_too_long", "The row has more cells than the header; the rest is left."
            )
        if any(UNREADABLE_LETTER in cell for cell in cells):
            row.warn(
                "", "letters_unreadable", "Some letters are not UTF-8. Save the file as UTF-8."
            )
        trimmed = (cell.strip() for cell in cells)
        return CsvRow(row, dict(zip(self.columns, trimmed, strict=False)))
