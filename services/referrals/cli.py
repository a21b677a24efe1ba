"""`wraparound directory …`: what operators do with the directory."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress

from services.chassis.process import Process
from services.chassis.terminal import (
    fail,
    opened,
    remarks,
    say,
    tell,
    with_process,
    write_errors,
)
from services.referrals.coordinating import is_district, organizations
from services.referrals.directory.given import Records, agreements_for
from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import DirectoryImport as Read
from services.referrals.directory.programs_csv import read_programs
from services.referrals.importing import DirectoryImport, Imported
from services.referrals.main import SERVICE, process
from services.referrals.usecases import DirectoryDesk

directory: Final = typer.Typer(help="Partners and their services.", no_args_is_help=True)
NO_AGREEMENT: Final = (
    "None of these came with an agreement: any that has none from earlier is never asked. "
    "Import again with --agreement-from and --agreement-until."
)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@directory.command("import")
def import_directory(
    files: Annotated[list[Path], typer.Argument(help="CSV files, found by their header rows")],
    district: Annotated[str, typer.Option(help="id of the district")],
    source: Annotated[str, typer.Option(help="names the directory; its ids are its own")] = "csv",
    agreement_from: Day = None,
    agreement_until: Day = None,
    errors: Annotated[Path | None, typer.Option(help="write findings here, as CSV")] = None,
) -> None:
    """Bring in a directory; the same files twice change nothing."""
    if bool(agreement_from) != bool(agreement_until):
        fail("An agreement has two days: give --agreement-from and --agreement-until, or neither.")
    read = read_files(files, DirectoryReading(source=source))
    write_errors(read.files, errors)
    if read.directory is None:
        fail(" ".join(read.refusals))
    records = _records(read, source, agreement_from, agreement_until)
    found, is_known = with_process(process, SERVICE, lambda made: _put(made, district, records))
    say.print(summary(found, read))
    if not is_known:
        tell(f"No district {district} is known here yet: compare the id that `roster import` said.")
    if remarked := remarks(read.files, errors):
        tell(remarked)
    if 0 < found.organizations == found.without_agreement:
        say.print(NO_AGREEMENT)
    say.print("`wraparound directory organizations` lists the ids of the organizations.")


@directory.command("organizations")
def list_organizations(
    district: Annotated[str, typer.Option(help="id of the district")],
    named: Annotated[str, typer.Argument(help="a part of the name")] = "",
) -> None:
    """The organizations of a district: id, name, and until when the agreement with it runs."""
    everybody = with_process(process, SERVICE, lambda made: organizations(made, district))
    found = [each for each in everybody if named.casefold() in each.name.casefold()]
    if not found:
        fail(f"No organization of {district} has a name like that, of {len(everybody)} in all.")
    for each in found:
        until = f"agreement until {each.agreement.ends_on}" if each.agreement else "no agreement"
        tell(f"{each.organization_id}  {each.name}  ({until})")


def _records(read: Read, source: str, begins: datetime | None, ends: datetime | None) -> Records:
    partners = read.directory.organizations if read.directory else ()
    agreed = (
        agreements_for(partners, begins_on=begins.date(), ends_on=ends.date())
        if begins and ends
        else ()
    )
    return Records(
        source=source,
        organizations=partners,
        services=read.directory.services if read.directory else (),
        agreements=agreed,
    )


def read_files(paths: Sequence[Path], reading: DirectoryReading) -> Read:
    """Read CSV files; one that cannot be opened ends the command with a sentence."""
    with opened(paths) as files:
        return read_programs(files, reading)


def summary(found: Imported, read: Read) -> str:
    """What came in, in one line."""
    return (
        f"{found.organizations} organizations, {found.services} services "
        f"({found.unmapped} of a type that is not mapped); "
        f"{found.without_agreement} organizations came without an agreement; "
        f"{read.warned} rows with a warning, {read.rejected} rejected."
    )


async def _put(made: Process, district: str, records: Records) -> tuple[Imported, bool]:
    """Put records through a door of one's own, with a bar that grows and is gone in the end.

    The service's relay sends what it tells. Says as well whether the district is known.
    """
    with Progress(console=say, transient=True) as bar:
        task = bar.add_task("Directory", total=None)
        run = DirectoryImport(
            desk=DirectoryDesk(made.engine.committer),
            district=district,
            run_id=made.clocks.new_id(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
        return await run.run(records), await is_district(made, district)
