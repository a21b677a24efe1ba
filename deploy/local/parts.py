"""What the demo runs, as data: servers, services, and the steps between them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local import paths
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process, Step
from deploy.local.servers import Gateway, Kafka, Mail, Mongo, SmsGateway, answers
from services.chassis.keys import demo_key

PYTHON = str(paths.PROGRAMS / "python")
# Added to the one port that a person may choose, which is the gateway's.
OFFSETS = {"mail": 4, "mongo": 5, "kafka": 6, "kafka-controller": 7, "sms": 8}


@dataclass(frozen=True, kw_only=True)
class ServiceRow:
    """A service: the factory of its application, and its port as in `OFFSETS`."""

    name: str
    factory: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """Something that runs once and ends, such as an import: `python -m <module>`."""

    name: str
    what: str
    module: str
    only_to_check: bool = False  # runs with CHECK=1 alone
    of_files: bool = False  # with ROSTER or DIRECTORY; else without them
    is_heard: bool = False  # writes to the demo's own output, not to a log


SERVICES = (
    ServiceRow(name="plans", factory="services.plans.main:create", offset=1),
    ServiceRow(name="referrals", factory="services.referrals.main:create", offset=2),
    ServiceRow(name="notifications", factory="services.notifications.main:create", offset=3),
)

# Run in this order when everything is ready; each finds `environment` below, and the demo's
# ROSTER, DIRECTORY, AREAS and ERRORS, among its environment variables.
PEOPLE = StepRow(
    name="people", what="students, partners, accounts", module="deploy.local.story.fill"
)
STORY = StepRow(
    name="story",
    what="need to answer, as people do it",
    module="deploy.local.story.check",
    only_to_check=True,
    is_heard=True,
)
STEPS: tuple[StepRow, ...] = (
    PEOPLE,
    replace(PEOPLE, of_files=True, is_heard=True),
    STORY,
    replace(STORY, of_files=True, module="deploy.local.story.given_files"),
)


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The servers of one demo; Kafka and MongoDB are None where the environment names others."""

    kafka: Kafka | None
    mongo: Mongo | None
    mail: Mail
    sms: SmsGateway
    kafka_servers: str
    mongo_url: str

    @property
    def processes(self) -> list[Process]:
        """Those to be started here."""
        return [part for part in (self.kafka, self.mongo, self.mail, self.sms) if part is not None]


class Service(Process):
    """One of the three services under uvicorn."""

    def __init__(
        self,
        row: ServiceRow,
        *,
        port: int,
        log: Path,
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        self.port = port
        super().__init__(
            row.name,
            command=[
                *(PYTHON, "-m", "uvicorn", "--factory", row.factory),
                *("--host", LOOPBACK, "--port", str(port), "--no-access-log"),
                *("--loop", "asyncio"),  # docs/adr/0007
            ],
            log=log,
            environment=environment,
            ports=(port,),
            what=f"http://{LOOPBACK}:{port}",
            folder=folder,
        )

    def ready(self) -> bool:
        """Whether its own readiness probe says yes."""
        return answers(f"http://{LOOPBACK}:{self.port}/readyz")


def environment(servers: Servers, *, address: str) -> dict[str, str]:
    """The settings that every service and step gets; keys of the demo are the same everywhere."""
    return {
        "KAFKA_SERVERS": servers.kafka_servers,
        "MONGO_URL": servers.mongo_url,
        "PYTHONPATH": str(paths.ROOT),
        "WRAPAROUND_DEMO": "true",
        "WRAPAROUND_PUBLIC_URL": address,
        "WRAPAROUND_SMTP_PORT": str(servers.mail.port),
        **servers.sms.settings,
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"demo:{demo_key('key-encryption')}",
        "WRAPAROUND_PSEUDONYM_KEY": demo_key("pseudonym"),
        "WRAPAROUND_SEARCH_KEY": demo_key("search"),
        "WRAPAROUND_LEDGER_KEY": demo_key("ledger"),
    }


def topics(servers: Servers, *, log: Path) -> Step:
    """The step that creates what is missing of `schemas/topics.py`."""
    return Step(
        "topics",
        command=(PYTHON, "-m", "deploy.kafka.topics"),
        log=log,
        environment={"PYTHONPATH": str(paths.ROOT), "KAFKA_SERVERS": servers.kafka_servers},
        what="every topic exists",
    )


def step(row: StepRow, *, log: Path | None, environment: Mapping[str, str]) -> Step:
    """A row of the table as a process; without a log it writes to the demo's own output."""
    command = (PYTHON, "-m", row.module)
    return Step(row.name, command=command, log=log, environment=environment, what=row.what)


def gateway(folder: Path, *, port: int, log: Path) -> Gateway:
    """Caddy in front of all services of the table."""
    at = {row.name: port + row.offset for row in SERVICES}
    return Gateway(folder, services=at, port=port, log=log)
