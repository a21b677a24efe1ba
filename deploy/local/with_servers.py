"""Runs a command with Kafka and MongoDB: `python -m deploy.local.with_servers -- COMMAND...`.

The command finds them in KAFKA_SERVERS and MONGO_URL; what these name already is not started.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from deploy.local import install, paths
from deploy.local.demo import say
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
from deploy.local.leash import leashed
from deploy.local.process import Process
from deploy.local.servers import Kafka, Mongo
from deploy.local.supervisor import Ended, Supervisor

PATIENCE_SECONDS = 30.0


def run(command: list[str], given: Given, folder: Path) -> int:
    """The exit code of the command; servers in a new folder, gone afterwards."""
    install.install(given)
    kafka = None if given.kafka_servers else Kafka(folder / "kafka")
    mongo = None if given.mongo_url else Mongo(folder / "mongo")
    parts: list[Process] = [part for part in (kafka, mongo) if part is not None]
    with Supervisor(say=say) as supervisor:
        supervisor.start(parts)
        return foreground(
            command,
            supervisor,
            environment={
                "KAFKA_SERVERS": given.kafka_servers or (kafka.servers if kafka else ""),
                "MONGO_URL": given.mongo_url or (mongo.url if mongo else ""),
            },
        )


def foreground(command: list[str], supervisor: Supervisor, *, environment: dict[str, str]) -> int:
    """Run the command on this terminal until it ends, is asked to end, or a server dies."""
    child = subprocess.Popen(
        leashed(command),
        env={**os.environ, **environment},
        start_new_session=True,  # Ctrl-C reaches it once, from here, not twice
    )
    try:
        with suppress(Ended):
            supervisor.watch(done=lambda: child.poll() is not None)
    finally:
        end(child)
    return child.returncode


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask it to end as Ctrl-C does, so that pytest tidies up; by force if it does not."""
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGINT)
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    paths.VAR.mkdir(exist_ok=True)
    with said_in_one_sentence(), tempfile.TemporaryDirectory(dir=paths.VAR) as scratch:
        sys.exit(run(sys.argv[sys.argv.index("--") + 1 :], Given.from_environment(), Path(scratch)))
