"""Runs everything on this machine: `python -m deploy.local.demo`, or `make demo`."""

import argparse
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local import install, parts, paths
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
from deploy.local.process import Process
from deploy.local.servers import Gateway, Kafka, Mail, Mongo, SmsGateway
from deploy.local.story.hint import hint
from deploy.local.story.sources import filling
from deploy.local.supervisor import Ended, Supervisor, require_free_ports
from deploy.local.town.district import TIME_ZONE
from deploy.local.town.town import town

STEP_SECONDS = 1800.0  # a real roster of a large district is imported by a step
PORT = 8600
PORTS = range(1024, 65_536 - 8)
USUAL: dict[str, Any] = {"folder": paths.VAR / "demo", "port": PORT, "fresh": False}
# A check begins anew each time and leaves a demo that runs, and its data, alone.
CHECKING: dict[str, Any] = {"folder": paths.VAR / "check", "port": PORT + 100, "fresh": True}
START_OF_DAY = time_of_day(14)  # morning in the Americas, where the rosters are
DAY = range(8, 19)  # hours in which a family may be written to, and an hour is left to try it
NIGHT = "It is night in town, when nobody is written to, so the clock starts in the morning."


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a person asked the demo for."""

    folder: Path
    port: int = PORT
    fresh: bool = False
    check: bool = False
    servers_only: bool = False
    roster: str = ""
    directory: str = ""
    areas: str = ""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """All that one demo runs."""

    servers: parts.Servers
    services: list[parts.Service]
    gateway: Gateway
    environment: dict[str, str]

    @property
    def processes(self) -> list[Process]:
        """All long-running parts, in the order of their start."""
        return [*self.servers.processes, *self.services, self.gateway]


def cast(options: Options, given: Given) -> Cast:
    """Who plays, before anything is started."""
    logs = options.folder / "logs"
    servers = the_servers(options, given)
    gateway = parts.gateway(options.folder / "gateway", port=options.port, log=logs / "gateway.log")
    environment = parts.environment(servers, address=gateway.address)
    if not options.servers_only:
        environment |= time_of(options, datetime.now(UTC))
    services = [
        parts.Service(
            row,
            port=options.port + row.offset,
            log=logs / f"{row.name}.log",
            environment=environment,
        )
        for row in (() if options.servers_only else parts.SERVICES)
    ]
    return Cast(servers=servers, services=services, gateway=gateway, environment=environment)


def time_of(options: Options, now: datetime) -> dict[str, str]:
    """What day it is in the demo, and what every page says of it.

    Raises:
        Failure: a file that was given cannot be used.
    """
    given = filling(
        now.date(), roster=options.roster, directory=options.directory, areas=options.areas
    )
    told = {
        "TODAY": now.date().isoformat(),
        "WRAPAROUND_NOTICE": given.notice,
        "WRAPAROUND_DEMO_HINT": "" if options.roster else hint(town(now.date())),
    }
    day = given.clock_start
    if day is None and is_night(now):
        day = now.date() if now.time() < START_OF_DAY else now.date() + timedelta(days=1)
        told["WRAPAROUND_NOTICE"] = f"{given.notice} {NIGHT}".strip()
    if day is None:
        return told
    start = datetime.combine(day, START_OF_DAY, UTC)
    return told | {"CLOCK_START": start.isoformat(), "CLOCK_ANCHOR": now.isoformat()}


def is_night(now: datetime) -> bool:
    """Whether messages to families would have to wait for the morning."""
    return now.astimezone(ZoneInfo(TIME_ZONE)).hour not in DAY


def the_servers(options: Options, given: Given) -> parts.Servers:
    """Kafka and MongoDB, unless given, the mail server, and the gateway for texts."""
    folder, logs = options.folder, options.folder / "logs"
    at = {name: options.port + offset for name, offset in parts.OFFSETS.items()}
    kafka = Kafka(
        folder / "kafka",
        port=at["kafka"],
        controller_port=at["kafka-controller"],
        log=logs / "kafka.log",
    )
    mongo = Mongo(folder / "mongo", port=at["mongo"], log=logs / "mongo.log")
    return parts.Servers(
        kafka=None if given.kafka_servers else kafka,
        mongo=None if given.mongo_url else mongo,
        mail=Mail(folder / "mail", port=at["mail"], log=logs / "mail.log"),
        sms=SmsGateway(folder / "texts", port=at["sms"], log=logs / "sms.log"),
        kafka_servers=given.kafka_servers or kafka.servers,
        mongo_url=given.mongo_url or mongo.url,
    )


def run(options: Options, given: Given, supervisor: Supervisor) -> None:
    """Start everything, say the address, and stay until asked to end; with `check`, play the story.

    Raises:
        Failure: a part could not be started, or ended.
        Ended: somebody asked to end.
    """
    began = time.monotonic()
    install.install(given)
    all_of_it = cast(options, given)
    require_free_ports(all_of_it.processes)  # before a running demo loses its data to FRESH=1
    if options.fresh:
        shutil.rmtree(options.folder, ignore_errors=True)
    supervisor.start(all_of_it.servers.processes)
    supervisor.start([parts.topics(all_of_it.servers, log=options.folder / "logs" / "topics.log")])
    supervisor.start([*all_of_it.services, all_of_it.gateway])
    take_steps(options, all_of_it, supervisor, began=began)
    if not options.check:
        print(f"Wraparound runs at {all_of_it.gateway.address} (Ctrl-C ends it)", flush=True)
        supervisor.watch()


def take_steps(options: Options, all_of_it: Cast, supervisor: Supervisor, *, began: float) -> None:
    """Run the steps of the table, one after the other."""
    if options.servers_only:
        return
    given = {
        "ROSTER": options.roster,
        "DIRECTORY": options.directory,
        "AREAS": options.areas,
        "ERRORS": str(options.folder / "import-errors.csv"),
    }
    for row in parts.STEPS:
        if not takes(row, options):
            continue
        step = parts.step(
            row,
            log=None if row.is_heard else options.folder / "logs" / f"{row.name}.log",
            environment={
                **all_of_it.environment,
                **given,
                "READY_SECONDS": f"{time.monotonic() - began:.1f}",
            },
        )
        supervisor.start([step], seconds=STEP_SECONDS)


def takes(row: parts.StepRow, options: Options) -> bool:
    """Whether a step of the table belongs to what was asked for."""
    is_asked = options.check or not row.only_to_check
    has_files = bool(options.roster or options.directory)
    return is_asked and row.of_files == has_files


def a_port(text: str) -> int:
    """A port with eight more behind it, above those that only root may use.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"PORT is a number from {PORTS[0]} to {PORTS[-1]}")
    return int(text)


def options_from(arguments: list[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="demo", description="Wraparound on this machine.")
    left_out = argparse.SUPPRESS
    parser.add_argument("--folder", type=Path, default=left_out, help="where data go")
    parser.add_argument(
        "--port", type=a_port, default=left_out, help="of the address; the next 8 are used too"
    )
    parser.add_argument(
        "--fresh", action="store_true", default=left_out, help="delete the data of earlier runs"
    )
    parser.add_argument("--check", action="store_true", help="play the story and end")
    parser.add_argument("--servers-only", action="store_true", help="leave out the services")
    for name in ("roster", "directory", "areas"):
        parser.add_argument(f"--{name}", default="", help="a path, else the generated town")
    given: dict[str, Any] = vars(parser.parse_args(arguments))
    return Options(**(CHECKING if given["check"] else USUAL) | given)


def say(name: str, what: str, milliseconds: int) -> None:
    """One line of progress, on standard error: standard output ends with the story's JSON."""
    print(f"  {name:<14} {what:<58} {milliseconds:>6} ms", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    """Run the demo; being asked to end is a good end."""
    with said_in_one_sentence(), suppress(Ended), Supervisor(say=say) as supervisor:
        run(options_from(arguments), Given.from_environment(), supervisor)


if __name__ == "__main__":
    main(sys.argv[1:])
