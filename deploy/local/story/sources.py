"""What the demo is filled with: the town that does not exist, or the files that somebody gave."""

import csv
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Final

from deploy.local.failure import Failure
from deploy.local.town.town import Town, town
from services.chassis.rows import FileReport
from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.records import Roster, StaffRecord, StaffRole, ZoneRecord
from services.plans.roster.report import RosterImport
from services.plans.translating import Source
from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import DirectoryImport, read_programs
from services.referrals.directory.records import CoordinatorRecord, ServiceRecord
from services.referrals.importing import Records, agreements_for, records_of

TOWN: Final = "harbor-town"
GIVEN: Final = "given-directory"
AREA_COLUMNS: Final = ("zone", "zip", "town")


@dataclass(frozen=True, kw_only=True)
class Filling:
    """Everything that goes into the demo, and what is to be said about it."""

    people: Source
    partners: tuple[Records, ...]
    clock_start: date | None
    notice: str = ""
    counts: tuple[str, ...] = ()
    reports: tuple[FileReport, ...] = ()


def filling(today: date, *, roster: str = "", directory: str = "", areas: str = "") -> Filling:
    """The town, with a roster or a directory of somebody's own in place of its own.

    Raises:
        Failure: one sentence on a file that cannot be used.
    """
    made = town(today)
    zones = _zones(areas) if areas else () if roster or directory else made.zones
    people = _town_people(made)
    partners: tuple[Records, ...] = (records_of(made.partners, TOWN),)
    counts: list[str] = []
    reports: list[FileReport] = []
    sentences: tuple[str, ...] = ()
    start = made.clock_start
    if roster:
        read = _read_roster(Path(roster), today)
        people = _given_people(read, made, zones)
        start, sentences = read.moved.clock_start, read.moved.sentences
        counts.append(_roster_counts(read))
        reports += read.files
    if directory:
        found = _read_directory(Path(directory), start or today)
        partners = _given_partners(found, made, start or today, areas=areas)
        counts.append(_directory_counts(found, partners))
        reports += found.files
    return Filling(
        people=replace(people, zones=zones),
        partners=partners,
        clock_start=start,
        notice=" ".join(sentences),
        counts=tuple(counts),
        reports=tuple(reports),
    )


def _town_people(made: Town) -> Source:
    return Source(
        roster=made.roster, staff=made.staff, assignments=made.assignments, zones=made.zones
    )


# -- a roster of somebody's own ------------------------------------------------------------------


def _read_roster(folder: Path, today: date) -> RosterImport:
    paths = sorted(folder.glob("*.xml")) if folder.is_dir() else []
    if not paths:
        raise Failure(f"ROSTER={folder} holds no XML files: name the folder of an Ed-Fi roster.")
    with ExitStack() as opened:
        try:
            files = [(path.name, opened.enter_context(path.open("rb"))) for path in paths]
        except OSError as error:
            raise Failure(f"{error.filename} cannot be read: make it readable.") from error
        read = read_edfi(files, Reading(today=today, moves=True))
    if read.roster is None:
        raise Failure(f"ROSTER={folder} cannot be used: {' '.join(read.refusals)}")
    return read


def _given_people(read: RosterImport, made: Town, zones: Sequence[ZoneRecord]) -> Source:
    assert read.roster is not None  # noqa: S101 - refused before
    return Source(roster=read.roster, staff=_staff_for(read.roster, made), zones=tuple(zones))


def _staff_for(roster: Roster, made: Town) -> tuple[StaffRecord, ...]:
    """The town's staff at the roster's schools, one case manager each: the files name nobody."""
    schools = [each.source_id for each in roster.schools]
    everywhere = [each for each in made.staff if not each.school_source_ids]
    managers = cycle([each for each in made.staff if each.role is StaffRole.CASE_MANAGER])
    of_schools = [
        replace(manager, source_id=f"{manager.source_id}-{school}", school_source_ids=(school,))
        for school, manager in zip(schools, managers, strict=False)
    ]
    return (*everywhere, *of_schools)


def _roster_counts(read: RosterImport) -> str:
    counts = read.counts
    return (
        f"roster: {counts.students} students, {counts.usable} usable, "
        f"{len(counts.no_school)} without school, "
        f"{len(counts.not_reachable)} without mobile or e-mail, "
        f"{read.warned} warnings, {read.rejected} rejected"
    )


# -- a directory of somebody's own ---------------------------------------------------------------


def _read_directory(folder: Path, today: date) -> DirectoryImport:
    paths = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not paths:
        raise Failure(f"DIRECTORY={folder} holds no CSV files: name the folder of a directory.")
    with ExitStack() as opened:
        try:
            files = [(path.name, opened.enter_context(path.open("rb"))) for path in paths]
        except OSError as error:
            raise Failure(f"{error.filename} cannot be read: make it readable.") from error
        found = read_programs(files, DirectoryReading(source=GIVEN, today=today))
    if found.directory is None:
        raise Failure(f"DIRECTORY={folder} cannot be used: {' '.join(found.refusals)}")
    return found


def _given_partners(
    found: DirectoryImport, made: Town, today: date, *, areas: str
) -> tuple[Records, ...]:
    """The directory with made-up coordinators and agreements, and what it lacks from the town."""
    assert found.directory is not None  # noqa: S101 - refused before
    organizations = found.directory.organizations
    by_town = _zone_by_town(areas) if areas else {}
    services = tuple(_placed(each, by_town) for each in found.directory.services)
    names = cycle(made.partners.coordinators)
    given = Records(
        source=GIVEN,
        organizations=organizations,
        services=services,
        agreements=agreements_for(
            organizations,
            begins_on=today - timedelta(days=30),
            ends_on=today + timedelta(days=335),
        ),
        coordinators=tuple(
            CoordinatorRecord(
                source_id=f"C-{number:04}",
                organization_source_id=each.source_id,
                first_name=name.first_name,
                surname=name.surname,
                email=f"partner-{number:04}@directory.example",
            )
            for number, (each, name) in enumerate(zip(organizations, names, strict=False), 1)
        ),
    )
    return (given, _lacking(made, {code for each in services for code in each.categories}))


def _lacking(made: Town, covered: set[str]) -> Records:
    """The town's services in categories that a directory does not have."""
    services = [each for each in made.partners.services if not covered & set(each.categories)]
    needed = {each.organization_source_id for each in services}
    ids = {each.source_id for each in services}
    partners = made.partners
    return Records(
        source=TOWN,
        organizations=[each for each in partners.organizations if each.source_id in needed],
        services=services,
        coordinators=[e for e in partners.coordinators if e.organization_source_id in needed],
        agreements=[e for e in partners.agreements if e.organization_source_id in needed],
        seats=[each for each in partners.seats if each.service_source_id in ids],
    )


def _directory_counts(found: DirectoryImport, partners: Sequence[Records]) -> str:
    given, added = partners
    return (
        f"directory: {len(given.organizations)} organizations, {len(given.services)} services, "
        f"{found.warned} warnings, {found.rejected} rejected; "
        f"{len(added.services)} services of the made-up town added for what it lacks"
    )


# -- areas ---------------------------------------------------------------------------------------


def _rows_of_areas(path: str) -> list[dict[str, str]]:
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if not set(AREA_COLUMNS) <= set(reader.fieldnames or ()):
                raise Failure(f"AREAS={path} needs the columns {', '.join(AREA_COLUMNS)}.")
            return list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"AREAS={path} cannot be read: name a CSV file.") from error


def _zones(path: str) -> tuple[ZoneRecord, ...]:
    zips: dict[str, set[str]] = {}
    for row in _rows_of_areas(path):
        zips.setdefault(row["zone"], set()).update({row["zip"]} - {""})
    return tuple(
        ZoneRecord(source_id=zone, name=zone, zips=tuple(sorted(found)))
        for zone, found in zips.items()
    )


def _zone_by_town(path: str) -> dict[str, str]:
    return {row["town"]: row["zone"] for row in _rows_of_areas(path) if row["town"]}


def _placed(service: ServiceRecord, by_town: dict[str, str]) -> ServiceRecord:
    """A service's towns as zones where the file knows them; else its area is not known."""
    zones = tuple(by_town[each] for each in service.areas if each in by_town)
    return replace(service, areas=zones)
