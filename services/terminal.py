"""The services' processes by name, for commands that work with any of them."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from services.chassis.process import Process
from services.chassis.settings import Settings
from services.chassis.terminal import fail, with_process
from services.notifications import main as notifications
from services.plans import main as plans
from services.referrals import main as referrals

PROCESSES: Final[dict[str, Callable[[Settings], Process]]] = {
    "plans": plans.process,
    "referrals": referrals.process,
    "notifications": notifications.process,
}
T = TypeVar("T")


def run(service: str, work: Callable[[Process], Awaitable[T]]) -> T:
    """Do something with a service's process that does not listen; one sentence if it cannot."""
    if service not in PROCESSES:
        fail(f"There is no service {service}: name one of {', '.join(PROCESSES)}.")
    return with_process(PROCESSES[service], service, work)


def run_on_platform(work: Callable[[Process], Awaitable[T]]) -> T:
    """Do something with accounts and sessions alone, wherever a service's database is.

    As referrals, which needs no key that not every service is given.
    """
    return with_process(PROCESSES["referrals"], "referrals", work, prepare=Process.reach)
