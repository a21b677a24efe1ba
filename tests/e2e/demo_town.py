"""One running demo for all journeys of a session, and the children of its town."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import install, paths
from deploy.local.given import Given
from deploy.local.ports import free_port
from deploy.local.town.town import Town, town
from schemas.codes import Locale
from services.chassis.contact_points import shown_phone
from services.chassis.settings import real_time

READY_SECONDS = 180.0
END_SECONDS = 60.0
RUNS = "Wraparound runs at "


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child of the town, whose record its case manager opens, and who signs for it."""

    first_name: str
    surname: str
    manager: str
    guardian: str
    phone: str  # of the guardian, as people write it
    locale: Locale

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.surname}"


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Where the demo runs, and who lives there."""

    address: str
    town: Town
    folder: Path

    def child(self, source_id: str) -> Child:
        """Somebody of the town with a guardian who has a phone."""
        roster = self.town.roster
        student = next(each for each in roster.students if each.source_id == source_id)
        link = next(e for e in roster.student_contacts if e.student_source_id == source_id)
        guardian = next(e for e in roster.contacts if e.source_id == link.contact_source_id)
        manager_id = next(
            each.staff_source_id
            for each in self.town.assignments
            if each.student_source_id == source_id and each.role.value == "case_manager"
        )
        manager = next(each for each in self.town.staff if each.source_id == manager_id)
        return Child(
            first_name=student.first_name,
            surname=student.surname,
            manager=f"{manager.first_name} {manager.surname}",
            guardian=f"{guardian.first_name} {guardian.surname}",
            phone=shown_phone(guardian.channels[0].value),
            locale=guardian.language,  # type: ignore[arg-type]  # one of the town's six
        )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`make demo`, on servers of its own: the story needs its topics and databases for itself."""
    install.install(Given())
    folder = tmp_path_factory.mktemp("journeys")
    port = free_port() // 10 * 10 + 1  # and eight behind it
    command = [sys.executable, "-m", "deploy.local.demo", "--folder", str(folder / "demo")]
    own = {"PYTHONPATH": str(paths.ROOT), "PYTHONUNBUFFERED": "1"}
    given = {**os.environ, **own}  # noqa: TID251
    for shared in ("KAFKA_SERVERS", "MONGO_URL"):
        given.pop(shared, None)
    with (folder / "progress.log").open("wb") as progress:
        running = subprocess.Popen(  # noqa: S603
            [*command, "--port", str(port)],
            env=given,
            cwd=paths.ROOT,
            stdout=subprocess.PIPE,
            stderr=progress,
            text=True,
        )
    try:
        address = said_address(running, folder / "progress.log")
        yield Demo(address=address, town=town(real_time().date()), folder=folder)
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=END_SECONDS)


def said_address(running: "subprocess.Popen[str]", progress: Path) -> str:
    """The address that the demo prints once it runs."""
    assert running.stdout is not None
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and running.poll() is None:
        if select.select([running.stdout], [], [], 0.5)[0]:
            line = running.stdout.readline()
            if line.startswith(RUNS):
                return line.removeprefix(RUNS).split()[0]
    raise AssertionError(f"the demo did not start: {progress.read_text()[-2_000:]}")
