"""How long a large district takes to come in, as an operator brings it in, on real servers.

Run `python -m deploy.local.with_servers -- .venv/bin/python -m tests.bench.imports`; a smaller
one: `--students 5000 --services 400`. Each import is the command `wraparound …` as a process of its
own; the same files once more show what it costs to find nothing new. The last line is JSON.
Budget: roster 180 s must, 60 s aim; directory 20 s must, 5 s aim.
"""

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.failure import Failure
from deploy.local.given import Given
from schemas.topics import TOPICS
from services.chassis.keys import demo_key
from tests.bench.figures import Budget, Figure, figure
from tests.bench.large_district import SERVICES, STUDENTS, Size, write

PARTITIONS: Final = 12
ROSTER_MUST: Final = Budget(limit=180.0)
DIRECTORY_MUST: Final = Budget(limit=20.0)
PROGRAM: Final = (sys.executable, "-m", "services.cli")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one import took; memory is that of its largest moment."""

    what: str
    seconds: float
    cpu_seconds: float
    peak_mebibytes: int
    exit_code: int


async def create_topics(servers: str, prefix: str) -> None:
    """Every topic, under names of this run's own."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(prefix + t.name, PARTITIONS, 1) for t in TOPICS])
    finally:
        await admin.close()


def settings(given: Given, prefix: str) -> dict[str, str]:
    """The environment of an operator's terminal, with databases of this run's own."""
    return {
        **os.environ,  # noqa: TID251 - as a terminal has it
        "KAFKA_SERVERS": str(given.kafka_servers),
        "MONGO_URL": str(given.mongo_url),
        "WRAPAROUND_DEMO": "true",
        "WRAPAROUND_PUBLIC_URL": "http://127.0.0.1:8000",
        "WRAPAROUND_PLATFORM_DATABASE": f"{prefix}platform",
        "WRAPAROUND_TOPIC_PREFIX": f"{prefix}.",
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"demo:{demo_key('key-encryption')}",
        "WRAPAROUND_PSEUDONYM_KEY": demo_key("pseudonym"),
        "WRAPAROUND_SEARCH_KEY": demo_key("search"),
        "WRAPAROUND_LEDGER_KEY": demo_key("ledger"),
    }


def measure(what: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Run one command to its end."""
    began = time.monotonic()
    child = subprocess.Popen(  # noqa: S603 - our own program
        [*PROGRAM, *arguments], env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        what=what,
        seconds=round(time.monotonic() - began, 1),
        cpu_seconds=round(used.ru_utime + used.ru_stime, 1),
        peak_mebibytes=used.ru_maxrss // 1024,
        exit_code=child.returncode,
    )


def measured(size: Size, given: Given, folder: Path) -> list[Measured]:
    """Both imports, each twice."""
    prefix = f"bench-{secrets.token_hex(4)}-"
    asyncio.run(create_topics(str(given.kafka_servers), f"{prefix}."))
    roster, directory = write(folder, size)
    environment = settings(given, prefix)
    plans = environment | {"WRAPAROUND_DATABASE": f"{prefix}plans"}
    referrals = environment | {"WRAPAROUND_DATABASE": f"{prefix}referrals"}
    zone = ("--time-zone", "America/New_York")
    errors = ("--errors", str(folder / "roster-errors.csv"))
    students = ("roster", "import", str(roster), *zone, *errors)
    files = sorted(str(each) for each in directory.glob("*.csv"))
    services = ("directory", "import", *files, "--district", "large")
    return [
        measure(f"roster of {size.students:,} students", students, plans),
        measure("the same roster again", students, plans),
        measure(f"directory of {size.services:,} services", services, referrals),
        measure("the same directory again", services, referrals),
    ]


def figures(size: Size, given: Given, folder: Path) -> Iterator[Figure]:
    """Both imports as part of the benchmark.

    Raises:
        Failure: one of them failed.
    """
    roster, again, directory, same = measured(size, given, folder)
    budgets = (ROSTER_MUST, None, DIRECTORY_MUST, None)
    for row, must in zip((roster, again, directory, same), budgets, strict=True):
        if row.exit_code:
            raise Failure(f"{row.what} failed with {row.exit_code}.")
        yield figure("imports", row.what, "s", [row.seconds], must)
        yield figure("imports", f"{row.what}, memory at most", "MiB", [row.peak_mebibytes])


def table(rows: Sequence[Measured]) -> str:
    """The measurements for people."""
    head = f"{'import':<34}{'seconds':>9}{'CPU s':>8}{'peak MiB':>10}{'exit':>6}"
    lines = [
        f"{each.what:<34}{each.seconds:>9}{each.cpu_seconds:>8}"
        f"{each.peak_mebibytes:>10}{each.exit_code:>6}"
        for each in rows
    ]
    return "\n".join((head, *lines))


def main(arguments: Sequence[str]) -> int:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(prog="imports")
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--services", type=int, default=SERVICES)
    asked = parser.parse_args(arguments)
    given = Given.from_environment()
    if not (given.kafka_servers and given.mongo_url):
        sys.exit("Name KAFKA_SERVERS and MONGO_URL, or run under deploy.local.with_servers.")
    size = Size(students=asked.students, services=asked.services)
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(size, given, Path(folder))
    sys.stdout.write(f"{table(rows)}\n{json.dumps([asdict(each) for each in rows])}\n")
    return max(each.exit_code for each in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
