"""Tables from outside: CSV as people save it, row by row, with the line each starts at."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from services.chassis.rows import Row, Tally

UNREADABLE_LETTER = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row's cells by column, trimmed; a missing cell is empty."""

    row: Row
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


class Table:
    """A CSV file: its header first, then its rows once, in order."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the header; the caller opened the stream and closes it."""
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
        self._text = text  # kept: the wrapper would close the stream when it goes
        self._reader = csv.reader(text)
        try:
            self.columns = tuple(cell.strip() for cell in next(self._reader, []))
        except csv.Error:  # a cell past the limit: whatever this is, it has no header we know
            self.columns = ()

    def has(self, *columns: str) -> bool:
        """Whether the header names all these columns."""
        return set(columns) <= set(self.columns)

    def rows(self, tally: Tally) -> Iterator[TableRow]:
        """Every row that holds anything, counted; odd ones with a finding.

        Codes: `row_unreadable`, `row_too_long`, `letters_unreadable`.
        """
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error:
                sentence = "This row cannot be read as CSV: a quote is missing or a cell too long."
                tally.row(line).reject("", "row_unreadable", sentence)
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield self._row(tally.row(line), cells)

    def close(self) -> None:
        """Let go of the stream without closing it."""
        self._text.detach()

    def _row(self, row: Row, cells: list[str]) -> TableRow:
        if len(cells) > len(self.columns):
            row.warn(
                "", "row_too_long", "The row has more cells than the header; the rest is left."
            )
        if any(UNREADABLE_LETTER in cell for cell in cells):
            row.warn(
                "", "letters_unreadable", "Some letters are not UTF-8. Save the file as UTF-8."
            )
        trimmed = (cell.strip() for cell in cells)
        return TableRow(row, dict(zip(self.columns, trimmed, strict=False)))
