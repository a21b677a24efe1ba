"""A directory of programs and organizations in two CSV files, found by their header rows.

docs/reference/imports.md lists every column and code.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from services.chassis.csv_files import CsvFile
from services.chassis.findings import FileReport, FilesRead, Row, Tally, refusals
from services.referrals.directory.programs import DirectoryReading, organization, service
from services.referrals.directory.records import Directory, OrganizationRecord, ServiceRecord

ORGANIZATION_COLUMNS = ("org_id", "org_name")
PROGRAM_COLUMNS = ("program_id", "org_id", "program_name", "program_type")
ORGANIZATIONS, PROGRAMS, NOT_READ = "organizations", "programs", "not read"
ORDER = (ORGANIZATIONS, PROGRAMS, NOT_READ)


@dataclass(frozen=True, kw_only=True)
class DirectoryImport(FilesRead):
    """A directory read; without a directory it is refused, and the sentences say why."""

    directory: Directory | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a banner says; nothing if no dates were moved."""
        services = self.directory.services if self.directory else ()
        moved = sum(each.schedule.moved_years > 0 for each in services)
        programs = "1 past program" if moved == 1 else f"{moved} past programs"
        return (f"The dates of {programs} were moved forward by whole years.",) * bool(moved)


def read_programs(
    files: Iterable[tuple[str, BinaryIO]], reading: DirectoryReading
) -> DirectoryImport:
    """Read every file once; the caller opened them. Nothing raises but the streams themselves."""
    opened = [(name, CsvFile(stream)) for name, stream in files]
    sorted_by_kind = sorted(opened, key=lambda each: ORDER.index(_kind(each[1])))
    organizations: dict[str, OrganizationRecord] = {}
    services: dict[str, ServiceRecord] = {}
    reports: list[FileReport] = []
    for name, table in sorted_by_kind:
        tally = Tally(name, _kind(table))
        _read(table, tally, organizations, services, reading)
        table.close()
        reports.append(tally.report())
    refused = (*refusals(reports), *_missing({each.kind for each in reports}))
    directory = Directory(
        organizations=tuple(organizations.values()), services=tuple(services.values())
    )
    return DirectoryImport(
        directory=None if refused else directory, files=tuple(reports), refusals=refused
    )


def _kind(table: CsvFile) -> str:
    if table.has(*PROGRAM_COLUMNS):
        return PROGRAMS
    return ORGANIZATIONS if table.has(*ORGANIZATION_COLUMNS) else NOT_READ


def _missing(kinds: set[str]) -> list[str]:
    columns = {ORGANIZATIONS: ORGANIZATION_COLUMNS, PROGRAMS: PROGRAM_COLUMNS}
    return [
        f"No file of {kind} was found: its header row must name {', '.join(names)}."
        for kind, names in columns.items()
        if kind not in kinds
    ]


def _read(
    table: CsvFile,
    tally: Tally,
    organizations: dict[str, OrganizationRecord],
    services: dict[str, ServiceRecord],
    reading: DirectoryReading,
) -> None:
    if tally.kind == NOT_READ:
        sentence = "The header row names no columns of a directory; the file was passed over."
        tally.remark("no_directory", sentence)
        return
    for cells in table.rows(tally):
        if tally.kind == ORGANIZATIONS:
            partner = organization(cells, reading)
            if partner and _is_new(cells.row, partner.source_id, organizations):
                organizations[partner.source_id] = partner
        else:
            offered = service(cells, organizations, reading)
            if offered and _is_new(cells.row, offered.source_id, services):
                services[offered.source_id] = offered


def _is_new(row: Row, source_id: str, known: Container[str]) -> bool:
    if source_id not in known:
        return True
    row.reject("", "repeated", "An earlier row has the same id.")
    return False
