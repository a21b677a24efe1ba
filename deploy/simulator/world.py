"""Everything that a simulation runs, as the demo runs it, with a clock of its own."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from deploy.checker.outside import Outside
from deploy.local import install, parts
from deploy.local.demo import Cast, Options, cast, say
from deploy.local.given import Given
from deploy.local.supervisor import Supervisor, require_free_ports
from services.chassis.environment import environment_name
from services.chassis.settings import Settings, read

PORT: Final = 8800


def clear(folder: Path) -> None:
    """An empty folder in place of what there is."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def cast_of(folder: Path, port: int) -> Cast:
    """All servers and the gateway; services are made by `start_services`."""
    return cast(Options(folder=folder, port=port, servers_only=True), Given())


def clock_settings(start: datetime, anchor: datetime, speed: float) -> dict[str, str]:
    """What day it is for all processes."""
    return {
        "CLOCK_START": start.isoformat(),
        "CLOCK_ANCHOR": anchor.isoformat(),
        "CLOCK_SPEED": str(speed),
    }


def settings_of(environment: Mapping[str, str]) -> dict[str, Settings]:
    """The settings of the three services, as their processes find them."""
    known = {environment_name(name, each): name for name, each in Settings.model_fields.items()}
    given: dict[str, Any] = {
        known[name]: value for name, value in environment.items() if name in known
    }
    return {row.name: read(row.name, **given) for row in parts.SERVICES}


def outside_of(environment: Mapping[str, str]) -> Outside:
    """The same world as somebody sees it who is no part of it."""
    return Outside(settings_of(environment))


@contextmanager
def servers(folder: Path, port: int) -> Iterator[tuple[Supervisor, Cast]]:
    """Kafka, MongoDB, mail, texts and gateway run until the block ends.

    Raises:
        Failure: a part could not be started.
        Ended: somebody asked to end.
    """
    install.install(Given())
    all_of_it = cast_of(folder, port)
    require_free_ports(all_of_it.processes)
    with Supervisor(say=say) as supervisor:
        supervisor.start(all_of_it.servers.processes)
        log = folder / "logs" / "topics.log"
        supervisor.start([parts.topics(all_of_it.servers, log=log)])
        supervisor.start([all_of_it.gateway])
        yield supervisor, all_of_it


def start_services(
    supervisor: Supervisor, all_of_it: Cast, *, folder: Path, port: int, clock: Mapping[str, str]
) -> None:
    """The three services, with a clock."""
    supervisor.start(
        [
            parts.Service(
                row,
                port=port + row.offset,
                log=folder / "logs" / f"{row.name}.log",
                environment={**all_of_it.environment, **clock},
            )
            for row in parts.SERVICES
        ]
    )
