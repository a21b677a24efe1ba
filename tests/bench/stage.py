"""The three services in one of their variants, filled with the town, on servers that all share."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from pymongo import MongoClient

from deploy.kafka.topics import create
from deploy.local import parts
from deploy.local.parts import Service, ServiceRow
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.process import Step
from deploy.local.servers import Kafka, Mail, Mongo, SmsGateway
from deploy.local.supervisor import Supervisor
from deploy.simulator.world import clock_settings
from schemas.topics import TOPICS
from services.chassis.brokers import Brokers
from services.chassis.settings import real_time
from tests.bench.load import Writer
from tests.bench.processor import forget_peaks
from tests.bench.topics import Topics, reading
from tests.bench.writers import writers

START_SECONDS: Final = 120.0
CACHE_GB: Final = 2  # of MongoDB: as a district gives it (docs/how-to/docker-compose.md)
# Messages wait two minutes before they are sent; sending is not on the way that is measured.
ROLES: Final = "web,consumer,relay,timers"


@dataclass(frozen=True)
class Variant:
    """A way to build the services: its name and the module of its factories, if not the real."""

    name: str
    module: str = ""
    is_slow: bool = False  # is given fewer needs, of fewer students
    processes: int = 1  # of each service, which share its partitions
    tree: Path | None = None  # of another revision, whose services are run

    @property
    def rows(self) -> tuple[ServiceRow, ...]:
        """The services, with the factories of this variant."""
        if not self.module:
            return parts.SERVICES
        return tuple(
            replace(row, factory=f"{self.module}:{row.name}_service") for row in parts.SERVICES
        )

    @property
    def more_rows(self) -> tuple[ServiceRow, ...]:
        """Further processes of the same services."""
        return tuple(
            replace(row, name=f"{row.name} {number}")
            for number in range(2, self.processes + 1)
            for row in self.rows
        )


WHOLE: Final = Variant("whole")
QUIET: Final = Variant("quiet", "tests.bench.quiet")
BARE: Final = Variant("bare", "tests.bench.bare")
NAIVE: Final = Variant("naive", "tests.bench.naive", is_slow=True)


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Kafka and MongoDB, started for the benchmark; and after how many seconds each was ready."""

    kafka: Kafka
    mongo: Mongo
    started: dict[str, float]

    @property
    def pids(self) -> dict[str, int]:
        """Their processes."""
        return {"mongod": self.mongo.pid, "kafka": self.kafka.pid}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Services that run, and people who can write needs.

    `started` are seconds until each was ready, all of them started side by side.
    """

    variant: Variant
    services: dict[str, Service]
    servers: Servers
    writers: list[Writer]
    topics: Topics
    started: dict[str, float]
    settings: dict[str, str]  # of every service

    @property
    def pids(self) -> dict[str, int]:
        """All processes by name, those of the servers too."""
        own = {name: each.pid for name, each in self.services.items()}
        return own | self.servers.pids


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Kafka and MongoDB run until the block ends."""
    kafka, mongo = Kafka(folder / "kafka"), Mongo(folder / "mongo", cache_gb=CACHE_GB)
    started: dict[str, float] = {}
    with Supervisor(say=noting(started)) as supervisor:
        supervisor.start([kafka, mongo])
        yield Servers(kafka=kafka, mongo=mongo, started=started)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is there before the services start: arguments of `seeding`, and what day it is."""

    seeding: tuple[str, ...]
    clock: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def town(cls, times: int) -> Self:
        """The made-up town, with as many times its families; other revisions read it too."""
        return cls(seeding=(str(times),))

    @classmethod
    def standing(cls, families: int, now: datetime) -> Self:
        """A district that was written before; so many families give a standing permission."""
        return cls(seeding=("standing", str(families)), clock=clock_settings(now, real_time(), 1.0))


@asynccontextmanager
async def stage(variant: Variant, on: Servers, folder: Path, scene: Scene) -> AsyncIterator[Stage]:
    """Topics, databases and processes of one variant; all of it is gone after the block."""
    started: dict[str, float] = {}
    prefix = f"{folder.name}-{variant.name}."
    named = [replace(each, name=prefix + each.name) for each in TOPICS]
    await create(Brokers(servers=on.kafka.servers), named)
    rows = (*variant.rows, *variant.more_rows)
    ports = {row.name: free_port() for row in rows}
    settings = {**environment(on, folder, prefix, ports["plans"]), **scene.clock}
    if variant.tree is not None:
        settings["PYTHONPATH"] = str(variant.tree)
    services = {
        row.name: Service(
            row,
            port=ports[row.name],
            log=folder / variant.name / f"{row.name}.log",
            environment=settings,
            folder=variant.tree,
        )
        for row in rows
    }
    town = Step(
        "town",
        command=(parts.PYTHON, "-m", "tests.bench.seeding", *scene.seeding),
        log=folder / variant.name / "town.log",
        environment=settings,
        what="people, partners, places",
        folder=variant.tree,
    )
    try:
        with Supervisor(say=noting(started)) as supervisor:
            forget_peaks(on.pids.values())
            supervisor.start([town], seconds=START_SECONDS)
            supervisor.start(list(services.values()), seconds=START_SECONDS)
            async with reading(on.kafka.servers, prefix) as topics:
                for row in variant.rows:
                    await topics.handled(prefix + row.name, at_most=START_SECONDS)
                yield Stage(
                    variant=variant,
                    services=services,
                    servers=on,
                    writers=writers(on.mongo.url, ports["plans"]),
                    topics=topics,
                    started={name: started[name] for name in services},
                    settings=settings,
                )
    finally:
        drop(on.mongo.url)


def environment(on: Servers, folder: Path, prefix: str, port: int) -> dict[str, str]:
    """The settings of the services, with topics under a prefix."""
    demo = parts.Servers(
        kafka=None,
        mongo=None,
        mail=Mail(folder / "mail"),  # nothing is sent to it
        sms=SmsGateway(folder / "texts"),  # nor to this one
        kafka_servers=on.kafka.servers,
        mongo_url=on.mongo.url,
    )
    return parts.environment(demo, address=f"http://{LOOPBACK}:{port}") | {
        "WRAPAROUND_TOPIC_PREFIX": prefix,
        "WRAPAROUND_ROLES": ROLES,
    }


def create_topics(on: Servers, prefix: str) -> None:
    """Every topic, under a prefix."""
    named = [replace(each, name=prefix + each.name) for each in TOPICS]
    asyncio.run(create(Brokers(servers=on.kafka.servers), named))


def drop(mongo_url: str) -> None:
    """Remove what the services stored."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        for name in (*(row.name for row in parts.SERVICES), "platform"):
            client.drop_database(name)


def noting(started: dict[str, float]) -> Callable[[str, str, int], None]:
    """Says how a start goes, and notes how many seconds it took."""

    def noted(name: str, what: str, milliseconds: int) -> None:
        started[name] = milliseconds / 1_000
        say(name, what, milliseconds)

    return noted


def say(name: str, what: str, milliseconds: int) -> None:
    """One line of progress, on standard error."""
    sys.stderr.write(f"  {name:<14} {what:<58} {milliseconds:>6} ms\n")
