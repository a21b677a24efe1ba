"""Small directories as CSV text: a row is the cells that differ from a plain one."""

import io

from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import DirectoryImport, read_programs
from services.referrals.directory.records import Directory

PROGRAM = {
    "program_id": "p1",
    "org_id": "o1",
    "program_name": "Boat club",
    "program_type": "camp",
    "description": "",
    "grades_min": "",
    "grades_max": "",
    "age_min": "",
    "age_max": "",
    "start_date": "",
    "end_date": "",
    "days_of_week": "",
    "start_time": "",
    "end_time": "",
    "cost_raw": "",
    "cost_per_week": "",
    "meals_provided": "",
    "transportation_provided": "",
    "activities": "",
    "site_city": "",
    "registration_url": "",
}
ORGANIZATION = {
    "org_id": "o1",
    "org_name": "Boats",
    "org_type": "nonprofit",
    "website": "",
    "phone": "",
    "email": "",
    "city": "",
    "zip": "",
}


def a_program(**cells: str) -> dict[str, str]:
    return {**PROGRAM, **cells}


def an_organization(**cells: str) -> dict[str, str]:
    return {**ORGANIZATION, **cells}


def a_file(name: str, *rows: dict[str, str]) -> tuple[str, io.BytesIO]:
    lines = [list(rows[0]), *(list(each.values()) for each in rows)]
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
    return name, io.BytesIO(text.encode())


def an_import(
    *programs: dict[str, str],
    organizations: tuple[dict[str, str], ...] = (ORGANIZATION,),
    reading: DirectoryReading | None = None,
) -> DirectoryImport:
    files = [a_file("programs.csv", *programs), a_file("organizations.csv", *organizations)]
    return read_programs(files, reading or DirectoryReading(source="test"))


def read(found: DirectoryImport) -> Directory:
    assert found.directory is not None, found.refusals
    return found.directory


def codes(found: DirectoryImport) -> list[str]:
    return [finding.code for report in found.files for finding in report.findings]
