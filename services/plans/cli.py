"""`wraparound roster …`, `wraparound district …` and `wraparound disclosures …`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.progress import Progress

from schemas.codes import OfferMode
from services.chassis import terminal
from services.chassis.collector import collector_at_rest
from services.chassis.contact_points import is_region
from services.chassis.days import is_zone
from services.chassis.findings import refusals
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.chassis.settings import business_clock
from services.chassis.terminal import (
    fail,
    opened,
    remarks,
    say,
    settings_or_fail,
    tell,
    write_errors,
)
from services.plans import main
from services.plans.domain.districts import SetOffering
from services.plans.domain.ledger import LedgerKey
from services.plans.importing import Imported, importer
from services.plans.queries.auditing import Checked, check, check_all
from services.plans.roster.assembly import Reading
from services.plans.roster.edfi import read_edfi
from services.plans.roster.languages import read_languages
from services.plans.roster.report import RosterImport
from services.plans.translating import Source
from services.plans.usecases import Plans

FOUND: Final = 1  # exit code of a ledger that is not as it was written
T = TypeVar("T")

roster = typer.Typer(help="Rosters of students.", no_args_is_help=True)
district = typer.Typer(help="What a district decides for itself.", no_args_is_help=True)
disclosures = typer.Typer(help="The record of who was shown what.", no_args_is_help=True)


@roster.callback()
def _rosters() -> None:
    """Keep `import` a command of its own."""


@district.callback()
def _districts() -> None:
    """Keep `offering` a command of its own."""


@disclosures.callback()
def _disclosures() -> None:
    """Keep `verify` a command of its own."""


def with_process(work: Callable[[Process], Awaitable[T]], *, sends: bool = False) -> T:
    """Do something with this service's process; with `sends` it relays what it tells."""
    return terminal.with_process(main.process, main.SERVICE, work, sends=sends)


@roster.command("import")
def import_roster(
    folder: Annotated[Path, typer.Argument(help="folder of Ed-Fi interchange files (XML)")],
    errors: Annotated[Path | None, typer.Option(help="write findings here, as CSV")] = None,
    moves: Annotated[bool, typer.Option(help="lay a past year next to today; for demos")] = False,  # noqa: FBT002 - a switch
    confirm_drop: Annotated[  # noqa: FBT002 - a switch
        bool, typer.Option(help="import it even if more than 10 % of the students are missing")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="read and report, change nothing")] = False,  # noqa: FBT002 - a switch
    time_zone: Annotated[
        str | None, typer.Option(help="of the district, such as America/Denver; kept then")
    ] = None,
    change_time_zone: Annotated[  # noqa: FBT002 - a switch
        bool, typer.Option(help="set the clocks of a district anew")
    ] = False,
    region: Annotated[str, typer.Option(help="country of phone numbers without a code")] = "US",
    languages: Annotated[Path | None, typer.Option(help="CSV: who, unique_id, language")] = None,
) -> None:
    """Bring in a roster; the same one twice changes nothing."""
    _require_places(time_zone, region)
    today = business_clock(settings_or_fail(main.SERVICE))().date()
    reading = Reading(today=today, region=region, time_zone=time_zone, moves=moves)
    with collector_at_rest():
        found = read_folder(folder, reading, languages)
    write_errors(found.files, errors)
    if found.roster is None:
        fail(" ".join(found.refusals))
    _report(found, errors)
    if not dry_run:
        meant = {"confirm_drop": confirm_drop, "change_time_zone": change_time_zone}
        done = with_process(lambda made: _bring_in(made, found, meant), sends=True)
        say.print(f"{done.students} students and {len(done.schools)} schools are in.")
        for school_id, name in sorted(done.schools.items(), key=lambda each: each[1]):
            tell(f"School: {school_id}  {name}")
        tell(f"District: {done.district_id}")


def _require_places(time_zone: str | None, region: str) -> None:
    if time_zone is not None and not is_zone(time_zone):
        fail(
            f"There is no time zone {time_zone}: name one such as America/New_York, "
            "America/Chicago, America/Denver, America/Los_Angeles or Pacific/Honolulu."
        )
    if not is_region(region):
        fail(f"There is no country {region}: give its two capital letters, such as US.")


def read_folder(folder: Path, reading: Reading, languages: Path | None = None) -> RosterImport:
    """Read every XML file of a folder, and beside them who speaks what."""
    paths = sorted(folder.glob("*.xml")) if folder.is_dir() else []
    if not paths:
        fail(f"{folder} holds no XML files: name the folder of an Ed-Fi roster.")
    with opened(paths) as files:
        if languages is None:
            return read_edfi(files, reading)
        with opened([languages]) as [(name, stream)]:
            spoken, report = read_languages(name, stream)
        found = read_edfi(files, replace(reading, languages=spoken))
    refused = refusals([report])
    return replace(
        found,
        files=(*found.files, report),
        roster=None if refused else found.roster,
        refusals=(*found.refusals, *refused),
    )


def _report(found: RosterImport, errors: Path | None) -> None:
    counts: Mapping[str, int] = {
        "students": found.counts.students,
        "usable": found.counts.usable,
        "without school": len(found.counts.no_school),
        "without mobile or e-mail": len(found.counts.not_reachable),
        "warnings": found.warned,
        "rejected": found.rejected,
    }
    for sentence in found.moved.sentences:
        say.print(sentence)
    say.print(", ".join(f"{count} {name}" for name, count in counts.items()))
    if remarked := remarks(found.files, errors):
        tell(remarked)


async def _bring_in(process: Process, found: RosterImport, meant: Mapping[str, bool]) -> Imported:
    assert found.roster is not None  # noqa: S101 - refused before
    with Progress(console=say, transient=True) as shown:
        task = shown.add_task("Students", total=len(found.roster.students))
        return await importer(process).bring_in(
            Source(roster=found.roster),
            lambda done, total: shown.update(task, completed=done, total=total),
            **meant,
        )


@district.command("offering")
def set_offering(
    district_id: Annotated[str, typer.Argument(help="as `roster import` says it")],
    mode: Annotated[
        OfferMode,
        typer.Option(
            help="who sends offers: people the first and the system the next (assisted), people "
            "alone (manual), the system alone (automatic)"
        ),
    ] = "assisted",
    before_signature: Annotated[  # noqa: FBT002 - a switch
        bool, typer.Option(help="whether a partner sees the Preview before the family has signed")
    ] = True,
) -> None:
    """Say how offers go out from now on; restricted needs always wait for people and signature."""

    async def work(process: Process) -> None:
        asked = SetOffering(
            key=process.clocks.new_id(),
            scope=Scope(district=district_id),
            district_id=district_id,
            offer_first=before_signature,
            offer_mode=mode,
        )
        await Plans(process.engine.committer).set_offering(asked)

    with_process(work, sends=True)
    when = "before" if before_signature else "after"
    say.print(f"Offers go out {mode}, {when} the family has signed.")


@disclosures.command("verify")
def verify_ledger(
    student: Annotated[str | None, typer.Argument(help="id of a student")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="every ledger")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Check ledgers against their chain; exit code 1 if one is not as it was written."""
    if everybody == (student is not None):
        fail("Name a student, or say --all.")
    checked = with_process(lambda process: _check(process, student))
    if not checked and student:
        fail("There is no ledger of this student.")
    for each in checked:
        for fault in each.faults:
            say.print(f"{each.student_id}: entry {fault.number} {fault.what}")
    entries = sum(each.entries for each in checked)
    broken = sum(bool(each.faults) for each in checked)
    say.print(f"{len(checked)} ledgers, {entries} entries, {broken} not as written.")
    raise typer.Exit(FOUND if broken else 0)


async def _check(process: Process, student: str | None) -> list[Checked]:
    given = (process.database, process.engine.vault, LedgerKey(process.settings.ledger))
    if student is not None:
        found = await check(*given, student)
        return [found] if found else []
    return [each async for each in check_all(*given)]
