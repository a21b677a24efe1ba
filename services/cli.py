"""`wraparound …`: what operators do at a terminal; each service adds its own commands."""

import json
import logging
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Column, Table

from schemas import asyncapi
from services import users
from services.chassis import settings_page
from services.chassis.declared import Tables
from services.chassis.kernel import Refused
from services.chassis.process import Process
from services.chassis.rebuild import NotRebuildable, rebuild
from services.chassis.terminal import fail, say
from services.notifications import handlers as notifications_handlers
from services.plans import cli as plans_cli
from services.plans import handlers as plans_handlers
from services.referrals import cli as referrals_cli
from services.referrals import handlers as referrals_handlers
from services.terminal import run

VERSION: Final = "0.1.0"
DOCS: Final = Path(__file__).parents[1] / "docs" / "reference"
TABLES: Final[dict[str, Tables]] = {
    "plans": plans_handlers.TABLES,
    "referrals": referrals_handlers.TABLES,
    "notifications": notifications_handlers.TABLES,
}

app = typer.Typer(help="Wraparound at a terminal.", no_args_is_help=True)
dead_letters = typer.Typer(help="Events that could not be handled.", no_args_is_help=True)
app.add_typer(users.users, name="users")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(plans_cli.roster, name="roster")
app.add_typer(plans_cli.district, name="district")
app.add_typer(plans_cli.disclosures, name="disclosures")
app.add_typer(referrals_cli.directory, name="directory")
for _more in entry_points(group="wraparound.commands"):
    _more.load()(app)
ServiceName = Annotated[str, typer.Argument(help="plans, referrals or notifications")]


@app.callback()
def at_a_terminal() -> None:
    """Wraparound at a terminal."""
    # What a client library logs of a broker that is away is said here in a sentence.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())


@dead_letters.command("list")
def list_parked(service: ServiceName) -> None:
    """Parked rows in the order in which they would be replayed; never their content."""
    rows, total = run(service, _parked)
    table = Table(
        Column("id", no_wrap=True), "topic", "partition", "offset", "why", "where", "since", "tries"
    )
    for row in rows:
        why = f"{row['code']} {row['error_class']}".strip()
        position = (row["topic"], str(row["partition"]), str(row["offset"]))
        table.add_row(
            str(row["_id"]),
            *position,
            why,
            row["where"],
            f"{row['parked_at']:%Y-%m-%d %H:%M}",
            str(row["attempts"]),
        )
    say.print(table if rows else "Nothing is parked.")
    if more := total - len(rows):
        say.print(f"{more} more are parked behind these.")


async def _parked(process: Process) -> tuple[list[dict[str, Any]], int]:
    replay = process.engine.replay
    return await replay.rows(), await replay.count()


async def _row(process: Process, row_id: str) -> dict[str, Any]:
    for row in await process.engine.replay.rows(limit=0):
        if str(row["_id"]) == row_id:
            found = await process.engine.replay.find(row["_id"])
            if found is not None:
                return found
    raise Refused("row_unknown", f"Nothing with the id {row_id} is parked.")


@dead_letters.command("show")
def show_parked(service: ServiceName, row_id: str) -> None:
    """One parked row with its headers; its seals stay closed."""
    row = run(service, lambda process: _row(process, row_id))
    say.print_json(json.dumps(row, default=repr))


@dead_letters.command("replay")
def replay_parked(
    service: ServiceName,
    row_id: Annotated[str | None, typer.Option("--row", help="only this row")] = None,
) -> None:
    """Feed parked rows through the door again, in order."""

    async def replay(process: Process) -> Any:
        found = (await _row(process, row_id))["_id"] if row_id else None
        return await process.engine.replay.replay(row_id=found)

    done = run(service, replay)
    say.print(f"{done.done} done, {done.left} left.")
    if done.failure is not None:
        where = f"{done.failure.code} {done.failure.error_class} {done.failure.where}"
        fail(f"The next one still fails ({where}): mend the cause, then replay again.")


@dead_letters.command("discard")
def discard_parked(
    service: ServiceName,
    row_id: str,
    by: Annotated[str, typer.Option(help="your name")],
    reason: Annotated[str, typer.Option(help="why it may be given up")],
) -> None:
    """Give one parked row up for good; who and why stays on record."""
    typer.confirm("Its effect will never happen. Give it up?", abort=True)

    async def discard(process: Process) -> bool:
        row = await _row(process, row_id)
        new_id = process.clocks.new_id()
        return await process.engine.replay.discard(row, by=by, reason=reason, new_id=new_id)

    if not run(service, discard):
        fail("It was replayed or given up meanwhile: nothing was changed.")
    say.print("Given up.")


@dead_letters.command("resume")
def resume_line(service: ServiceName) -> None:
    """Let a stopped line go on, after its cause was mended."""
    run(service, lambda process: process.engine.replay.resume())
    say.print("The line goes on within a second.")


@app.command("rewrap-keys")
def rewrap_keys() -> None:
    """Wrap all keys under the current key-encryption key; then the old one can go."""

    async def rewrap(process: Process) -> int:
        total = 0
        while count := await process.engine.vault.rewrap():
            total += count
            say.print(f"{total} keys", end="\r")
        return total

    say.print(f"{run('plans', rewrap)} keys were wrapped anew.")


@app.command("rebuild")
def rebuild_copy(
    collection: Annotated[str, typer.Argument(help="<service>.<collection>, as plans.cases")],
) -> None:
    """Build a copy anew from its topic, while the service's consumers are stopped."""
    service, _, name = collection.partition(".")
    try:
        done = run(service, lambda process: rebuild(process.engine, name))
    except NotRebuildable as reason:
        fail(str(reason))
    say.print(f"{done.records} records made {done.documents} documents.")
    if done.waiting:
        say.print(f"{done.waiting} more are parked, or come behind what is: replay what is parked.")


@app.command("reference")
def reference(
    write: Annotated[bool, typer.Option("--write", help="write the files")] = False,  # noqa: FBT002
) -> None:
    """The AsyncAPI document, the catalogues of events and settings: check them, or write them."""
    wanted = reference_files()
    if write:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    stale = [path.name for path, text in wanted.items() if _content(path) != text]
    if stale:
        fail(f"{', '.join(stale)} in docs/reference: run `wraparound reference --write`.")
    say.print("docs/reference is what the models and tables give.")


def reference_files() -> dict[Path, str]:
    """What `docs/reference` must hold of events and settings."""
    listeners = {name: [row.message for row in tables.rows] for name, tables in TABLES.items()}
    document = asyncapi.document(listeners, version=VERSION)
    return {
        DOCS / "asyncapi.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        DOCS / "events.md": asyncapi.catalogue(listeners),
        DOCS / "settings.md": settings_page.catalogue(),
    }


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    app()
