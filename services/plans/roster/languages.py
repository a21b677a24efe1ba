"""The optional side file that says which language a student or contact speaks (CSV)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from services.chassis.csv_files import CsvFile, CsvRow
from services.chassis.findings import FileReport, Tally

COLUMNS = ("who", "unique_id", "language")
PEOPLE = ("student", "contact")
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, kw_only=True)
class Languages:
    """BCP 47 tags by unique id."""

    students: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)


def read_languages(name: str, stream: BinaryIO) -> tuple[Languages, FileReport]:
    """Read `who,unique_id,language`; who is student or contact. The last row of a person counts.

    Codes: `columns_missing`, `who_unknown`, `id_missing`, `language_unreadable`.
    """
    tally, table = Tally(name, "languages"), CsvFile(stream)
    found: dict[str, dict[str, str]] = {each: {} for each in PEOPLE}
    if table.has(*COLUMNS):
        for each in table.rows(tally):
            if (language := _language(each)) is not None:
                found[each["who"].lower()][each["unique_id"]] = language
    else:
        sentence = f"The header row must name the columns {', '.join(COLUMNS)}."
        tally.breaks_off(1, "columns_missing", sentence)
    table.close()
    return Languages(students=found["student"], contacts=found["contact"]), tally.report()


def normal(tag: str) -> str | None:
    """A BCP 47 tag as it is usually written (`PT-br` is `pt-BR`), or nothing."""
    if not TAG.fullmatch(tag):
        return None
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(_subtag(each) for each in rest)])


def _subtag(tag: str) -> str:
    if len(tag) == 4 and tag.isalpha():  # noqa: PLR2004 (a script has four letters)
        return tag.title()
    return tag.upper() if len(tag) == 2 else tag.lower()  # noqa: PLR2004 (a region has two)


def _language(row: CsvRow) -> str | None:
    if row["who"].lower() not in PEOPLE:
        row.row.reject("who", "who_unknown", "Write student or contact.")
    elif not row["unique_id"]:
        row.row.reject("unique_id", "id_missing", "The row names nobody.")
    elif (tag := normal(row["language"])) is None:
        sentence = "The language is no BCP 47 tag, like es, ht or pt-BR."
        row.row.reject("language", "language_unreadable", sentence)
    else:
        return tag
    return None
