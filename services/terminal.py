"""What commands share: a service's process that does not listen, one sentence where it fails."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, TypeVar

import typer
from rich.console import Console

from services.chassis.kernel import Outage, Refused
from services.chassis.process import Process
from services.chassis.settings import Settings, SettingsMissing, read
from services.notifications import main as notifications
from services.plans import main as plans
from services.referrals import main as referrals

PROCESSES: Final[dict[str, Callable[[Settings], Process]]] = {
    "plans": plans.process,
    "referrals": referrals.process,
    "notifications": notifications.process,
}
T = TypeVar("T")
say = Console()


def run(service: str, work: Callable[[Process], Awaitable[T]]) -> T:
    """Do something with a service's process that does not listen; one sentence if it cannot."""
    if service not in PROCESSES:
        fail(f"There is no service {service}: name one of {', '.join(PROCESSES)}.")
    try:
        settings = read(service)
        return asyncio.run(_with_process(PROCESSES[service](settings), work))
    except SettingsMissing as missing:
        fail(str(missing))
    except Outage:
        fail(
            "MongoDB or Kafka cannot be reached: check MONGO_URL and KAFKA_SERVERS, and try again."
        )
    except Refused as no:
        fail(no.message)


async def _with_process(process: Process, work: Callable[[Process], Awaitable[T]]) -> T:
    try:
        await process.prepare_now()
        return await work(process)
    finally:
        await process.database.close()


def fail(sentence: str) -> NoReturn:
    """Say one sentence and end with exit code 2."""
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(2)
