"""What the demo is filled with: the town that does not exist, or the files that somebody gave."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Final

from deploy.local.failure import Failure
from deploy.local.story.areas import Areas, read_areas
from deploy.local.town.district import TIME_ZONE
from deploy.local.town.town import Town, town
from services.chassis.findings import FileReport
from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.records import Roster, StaffRecord, StaffRole
from services.plans.roster.report import RosterImport
from services.plans.translating import Source
from services.referrals.directory.given import Records, agreements_for, records_of
from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import DirectoryImport, read_programs
from services.referrals.directory.records import CoordinatorRecord

TOWN: Final = "harbor-town"
GIVEN: Final = "given-directory"


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
    if roster or directory:
        return _given(made, today, roster=roster, directory=directory, areas=read_areas(areas))
    if areas:
        raise Failure(f"AREAS={areas} goes with ROSTER or DIRECTORY: name one, or leave it out.")
    people = replace(_town_people(made), zones=made.zones)
    return Filling(people=people, partners=(_town_partners(made),), clock_start=made.clock_start)


def _given(made: Town, today: date, *, roster: str, directory: str, areas: Areas) -> Filling:
    """Files of somebody's own; where they say nothing of an area, it is not known."""
    people, start = _town_people(made), made.clock_start
    partners: tuple[Records, ...] = (_town_partners(made, areas),)
    sentences: list[str] = []
    counts: list[str] = []
    reports: list[FileReport] = []
    if roster:
        read = _read_roster(Path(roster), today)
        people, start = _given_people(read, made), read.moved.clock_start
        sentences += read.moved.sentences
        counts.append(_roster_counts(read))
        reports += read.files
    if directory:
        found = _read_directory(Path(directory), start or today)
        partners = _given_partners(found, made, start or today, areas)
        sentences += found.sentences
        counts.append(_directory_counts(found, partners))
        reports += found.files
    return Filling(
        people=replace(people, zones=areas.zones),
        partners=partners,
        clock_start=start,
        notice=" ".join(sentences),
        counts=tuple(counts),
        reports=tuple(reports),
    )


def _town_people(made: Town) -> Source:
    return Source(roster=made.roster, staff=made.staff, assignments=made.assignments)


def _town_partners(made: Town, areas: Areas | None = None) -> Records:
    """The town's partners; beside files of somebody's own they serve every area there is."""
    own = records_of(made.partners, TOWN)
    if areas is None:
        return own
    return replace(own, services=[replace(each, areas=areas.all) for each in own.services])


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
        read = read_edfi(files, Reading(today=today, time_zone=TIME_ZONE, moves=True))
    if read.roster is None:
        raise Failure(f"ROSTER={folder} cannot be used: {' '.join(read.refusals)}")
    return read


def _given_people(read: RosterImport, made: Town) -> Source:
    assert read.roster is not None  # noqa: S101 - refused before
    return Source(roster=read.roster, staff=_staff_for(read.roster, made))


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
    found: DirectoryImport, made: Town, today: date, areas: Areas
) -> tuple[Records, ...]:
    """The directory with made-up coordinators and agreements, and what it lacks from the town."""
    assert found.directory is not None  # noqa: S101 - refused before
    organizations = found.directory.organizations
    services = tuple(
        replace(each, areas=areas.of_towns(each.areas)) for each in found.directory.services
    )
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
    covered = {code for each in services for code in each.categories}
    return (given, _lacking(_town_partners(made, areas), covered))


def _lacking(town: Records, covered: set[str]) -> Records:
    """The town's services in categories that a directory does not have."""
    services = [each for each in town.services if not covered & set(each.categories)]
    needed = {each.organization_source_id for each in services}
    ids = {each.source_id for each in services}
    return Records(
        source=TOWN,
        organizations=[each for each in town.organizations if each.source_id in needed],
        services=services,
        coordinators=[e for e in town.coordinators if e.organization_source_id in needed],
        agreements=[e for e in town.agreements if e.organization_source_id in needed],
        seats=[each for each in town.seats if each.service_source_id in ids],
    )


def _directory_counts(found: DirectoryImport, partners: Sequence[Records]) -> str:
    given, added = partners
    return (
        f"directory: {len(given.organizations)} organizations, {len(given.services)} services, "
        f"{found.warned} warnings, {found.rejected} rejected; "
        f"{len(added.services)} services of the made-up town added for what it lacks"
    )
