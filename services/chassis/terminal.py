"""What commands share: a process without pages, files, and one sentence where something fails."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn, TypeVar

import typer
from rich.console import Console

from services.chassis.environment import SettingsMissing
from services.chassis.findings import FINDINGS_KEPT, FileReport, write_findings
from services.chassis.kernel import Outage, Refused
from services.chassis.key_proofs import KeysUnfit
from services.chassis.mongo import NotAllowed
from services.chassis.process import Process
from services.chassis.settings import EXIT_CODE, Settings, read

AWAY: Final = (
    "MongoDB or Kafka cannot be reached: check MONGO_URL and KAFKA_SERVERS, and try again."
)
ELSEWHERE: Final = (
    "The user of MONGO_URL may not use the database of {service}: run this where {service} runs."
)
T = TypeVar("T")
say: Final = Console()


def fail(sentence: str) -> NoReturn:
    """Say one sentence and end with exit code 2."""
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(EXIT_CODE)


def tell(line: str) -> None:
    """Say a line that holds names from outside: as it stands, never broken up or coloured."""
    say.print(line, markup=False, highlight=False, soft_wrap=True)


def settings_or_fail(service: str, **given: Any) -> Settings:
    """The settings of a service; `given` wins over the environment."""
    try:
        return read(service, **given)
    except SettingsMissing as missing:
        fail(str(missing))


def with_process(
    make: Callable[[Settings], Process],
    service: str,
    work: Callable[[Process], Awaitable[T]],
    *,
    sends: bool = False,
    prepare: Callable[[Process], Awaitable[None]] = Process.prepare_now,
) -> T:
    """Do something with a service's process that has no pages; with `sends` it relays events."""
    roles = frozenset({"relay"}) if sends else frozenset()
    settings = settings_or_fail(service, roles=roles)
    try:
        return asyncio.run(_done(make(settings), prepare, work, sends=sends))
    except KeysUnfit as unfit:  # an outage too, with more to say
        fail(str(unfit))
    except Outage:
        fail(AWAY)
    except NotAllowed:
        fail(ELSEWHERE.format(service=service))
    except Refused as no:
        fail(no.message)


async def _done(
    process: Process,
    prepare: Callable[[Process], Awaitable[None]],
    work: Callable[[Process], Awaitable[T]],
    *,
    sends: bool,
) -> T:
    try:
        await prepare(process)
        if not sends:
            return await work(process)
        async with process.engine.running():
            return await work(process)
    finally:
        await process.close()


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[Sequence[tuple[str, BinaryIO]]]:
    """Files with their names, until the block ends."""
    with ExitStack() as stack:
        try:
            files = [(path.name, stack.enter_context(path.open("rb"))) for path in paths]
        except OSError as error:
            fail(f"{error.filename} cannot be read: name a file that can be opened.")
        yield files


def write_errors(reports: Iterable[FileReport], path: Path | None) -> None:
    """Write what was found on the rows of files where `--errors` says; without it nothing."""
    if path is None:
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            write_findings(reports, out)
    except OSError:
        fail(f"{path} cannot be written: name another file with --errors.")


def remarks(reports: Iterable[FileReport], errors: Path | None) -> str:
    """How much was found on the rows of files and where it stands, in a line; else nothing."""
    given = list(reports)
    kept = sum(len(each.findings) for each in given)
    more = sum(each.findings_not_kept for each in given)
    if not kept:
        return ""
    where = f" stand in {errors}." if errors else ": --errors FILE lists them."
    counted = f" {more} more are only counted: of a file {FINDINGS_KEPT} are kept." if more else ""
    return f"{kept} remarks{where}{counted}"
