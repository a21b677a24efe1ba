"""`wraparound directory …`: what operators do with the directory."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress

from services.chassis.kernel import Outage
from services.chassis.rows import write_findings
from services.chassis.settings import Settings, read_or_exit
from services.referrals.directory.given import Records, agreements_for
from services.referrals.directory.programs import DirectoryReading
from services.referrals.directory.programs_csv import DirectoryImport as Read
from services.referrals.directory.programs_csv import read_programs
from services.referrals.importing import DirectoryImport, Imported
from services.referrals.main import process
from services.referrals.usecases import DirectoryDesk

directory: Final = typer.Typer(help="Partners and their services.", no_args_is_help=True)
console: Final = Console(stderr=True)
FAILED: Final = 2
AWAY: Final = "The database cannot be reached: check MONGO_URL and try again."
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@directory.callback()
def about() -> None:
    """Partners and their services."""


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
    if errors:
        _write_errors(read, errors)
    if read.directory is None:
        fail(" ".join(read.refusals))
    records = _records(read, source, agreement_from, agreement_until)
    try:
        found = _shown(read_or_exit("referrals"), district, records)
    except Outage:
        fail(AWAY)
    console.print(summary(found, read))


def _shown(settings: Settings, district: str, records: Records) -> Imported:
    """Put records with a bar that grows, and is gone in the end."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("Directory", total=None)

        def told(done: int, of_all: int) -> None:
            bar.update(task, completed=done, total=of_all)

        return asyncio.run(put(settings, district, records, told))


def fail(sentence: str) -> NoReturn:
    """Say one sentence and end with exit code 2."""
    console.print(sentence)
    raise typer.Exit(FAILED)


def _write_errors(read: Read, errors: Path) -> None:
    try:
        with errors.open("w", encoding="utf-8", newline="") as out:
            write_findings(read.files, out)
    except OSError:
        fail(f"{errors} cannot be written: name another file with --errors.")


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
    with ExitStack() as stack:
        try:
            opened = [(path.name, stack.enter_context(path.open("rb"))) for path in paths]
        except OSError as error:
            fail(f"{error.filename} cannot be read: name a file that can be opened.")
        return read_programs(opened, reading)


def summary(found: Imported, read: Read) -> str:
    """What came in, in one line."""
    return (
        f"{found.organizations} organizations, {found.services} services "
        f"({found.unmapped} of a type that is not mapped); "
        f"{found.without_agreement} organizations came without an agreement; "
        f"{read.warned} rows with a warning, {read.rejected} rejected."
    )


async def put(
    settings: Settings, district: str, records: Records, told: Callable[[int, int], None]
) -> Imported:
    """Put records through a door of one's own; the service's relay sends what it tells."""
    made = process(settings)
    engine = made.engine
    try:
        await made.prepare_now()
        desk = DirectoryDesk(engine.committer)
        run = DirectoryImport(
            desk=desk, district=district, run_id=made.clocks.new_id(), progress=told
        )
        return await run.run(records)
    finally:
        await engine.database.close()
        made.telemetry.close()
