"""`make chaos`: people work in a town while faults strike; nothing may be lost, doubled, oversold.

    python -m tests.chaos --seed 7 --seconds 180 --only kill --only "freeze kafka"

The same seed brings the same faults in the same order; what they meet depends on the machine.
Ends with a sentence such as `61 faults, 840 acts, 0 violations (rate below 4.92% at 95 %)`; the
exit code is 1 where anything was violated, and the logs and data of that town are kept.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from deploy.local import install, paths
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
from deploy.local.java import Way
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.servers import Kafka, Mail, Mongo
from tests.chaos import evidence
from tests.chaos.crowds import rounds, simulated
from tests.chaos.disk import Disk, may_mount, small_disk
from tests.chaos.episode import Played, play
from tests.chaos.faults import FAULTS, FULL_DISK, Ground, grounds
from tests.chaos.network import Proxy
from tests.chaos.report import keep, kept, run_of, verdict
from tests.chaos.scene import Scene
from tests.chaos.schedule import Strike, schedule
from tests.integration.faults.conftest import SHORT
from tests.integration.faults.world import World
from tests.replica_set import ReplicaSet
from tests.servers import running

SECONDS: Final = 180.0
ELECTION_MILLISECONDS: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Servers:
    """What the towns of one run share."""

    kafka: Kafka
    way: Way  # to Kafka, for the services
    mongo: Mongo
    mail: Mail
    disk: Disk | None
    folder: Path
    _sets: list[ReplicaSet] = field(default_factory=list)

    def nodes(self) -> ReplicaSet:
        """The set of databases, which is started when a town first asks for it."""
        if not self._sets:
            folder = self.folder / "nodes"
            made = ReplicaSet(folder, election_milliseconds=ELECTION_MILLISECONDS, parameters=SHORT)
            self._sets.append(made)
            made.start()
        return self._sets[0]

    def end(self) -> None:
        """End what was started here."""
        for each in self._sets:
            each.kill()


@contextmanager
def servers(*, on_disk: bool) -> Iterator[Servers]:
    """Servers of this run's own, since they are killed and frozen; `on_disk` one that may fill."""
    install.install(Given())
    paths.VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.VAR) as scratch:
        folder = Path(scratch)
        way = Way(outside=free_port(), inside=free_port())
        with ExitStack() as stack:
            disk = stack.enter_context(small_disk(folder / "disk")) if on_disk else None
            data = disk.folder if disk else folder
            on = Servers(
                kafka=stack.enter_context(
                    running(Kafka(data / "kafka", way=way, log=folder / "kafka.log"))
                ),
                way=way,
                mongo=stack.enter_context(
                    running(Mongo(data / "mongo", log=folder / "mongo.log", parameters=SHORT))
                ),
                mail=stack.enter_context(running(Mail(folder / "mail"))),
                disk=disk,
                folder=folder,
            )
            try:
                yield on
            finally:
                on.end()


async def run(
    on: Servers,
    strikes: Mapping[Ground, Iterator[Strike]],
    *,
    seed: int,
    seconds: float,
    faults: int,
    keep_in: Path,
) -> list[Played]:
    """One town after the other until time or faults are up; the first violation ends it.

    The grounds take turns, from one on that hangs on the seed. The town of the violation is kept
    in `keep_in`.
    """
    ends_at = time.monotonic() + seconds
    episodes: list[Played] = []
    turns = islice(cycle(strikes.items()), seed % len(strikes), None)
    while (
        time.monotonic() < ends_at
        and (left := faults - sum(each.faults for each in episodes)) > 0
        and not any(each.violations for each in episodes)
    ):
        folder = on.folder / f"town-{len(episodes)}"
        folder.mkdir()
        ground, coming = next(turns)
        say(f"      a town on {ground.value}")
        async with town(on, folder, ground, seed + len(episodes)) as scene:
            played = await play(scene, islice(coming, left), ends_at=ends_at, say=say)
            episodes.append(played)
            if played.violations:
                await evidence.keep(scene, played.violations, keep_in)
    return episodes


@asynccontextmanager
async def town(on: Servers, folder: Path, ground: Ground, seed: int) -> AsyncIterator[Scene]:
    """A town that is filled and runs; its services reach Kafka, and one database, by proxies."""
    async with AsyncExitStack() as stack:
        network = None
        mongo = await asyncio.to_thread(on.nodes) if ground is Ground.SET else on.mongo
        if isinstance(mongo, Mongo):
            network = await stack.enter_async_context(Proxy(mongo.port))
        broker = await stack.enter_async_context(Proxy(on.way.inside, on.way.outside))
        world = World(
            kafka_servers=on.kafka.servers,
            services_kafka_servers=f"{LOOPBACK}:{broker.port}",
            mongo_url=mongo.url,
            services_mongo_url=_through(network),
            folder=folder,
            smtp_port=on.mail.port,
        )
        crowd = simulated(world, seed) if ground is Ground.DAYS else rounds(world)
        people = await stack.enter_async_context(crowd)
        yield Scene(
            world=world,
            people=people,
            kafka=on.kafka,
            mongo=mongo,
            network=network,
            broker_network=broker,
            disk=on.disk,
        )


def _through(network: Proxy | None) -> str:
    """Found by its replica set a database would be asked directly, past the network."""
    return f"mongodb://{LOOPBACK}:{network.port}/?directConnection=true" if network else ""


def say(line: str) -> None:
    """One line of progress, on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> int:
    """Play, say what came of it; 1 where anything was violated."""
    given = options(arguments)
    kinds = given.only or list(FAULTS)
    if FULL_DISK in kinds and not may_mount():
        say(f"LEFT OUT: {FULL_DISK}, since only root may mount a small one")
        kinds = [each for each in kinds if each != FULL_DISK]
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # what faults do is said here
    say(f"seed {given.seed}, {given.seconds:g} s, {len(kinds)} kinds of faults")
    began = time.monotonic()
    keep_in = paths.VAR / f"chaos-{given.seed}"
    with servers(on_disk=FULL_DISK in kinds) as on:
        strikes = {at: schedule(given.seed, here) for at, here in grounds(kinds).items()}
        played = run(
            on,
            strikes,
            seed=given.seed,
            seconds=given.seconds,
            faults=given.faults,
            keep_in=keep_in,
        )
        episodes = asyncio.run(played)
    made = run_of(given.seed, time.monotonic() - began, episodes)
    for sentence in (each for played in episodes for each in played.violations):
        say(f"VIOLATED: {sentence}")
    if made.violations:
        say(f"what its services logged and wrote is in {keep_in}")
        say(f"again: make chaos SEED={given.seed} SECONDS={given.seconds:g}")
    if given.report:
        keep(given.report, made)
        say(f"all runs: {verdict(kept(given.report))}")
    sys.stdout.write(verdict([made]) + "\n")
    return 1 if made.violations else 0


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="chaos", description="Faults while people work.")
    drawn = random.SystemRandom().randrange(1_000_000)
    parser.add_argument("--seed", type=int, default=drawn, help="else one is drawn and said")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--faults", type=int, default=sys.maxsize, help="at most so many")
    parser.add_argument("--only", action="append", choices=list(FAULTS), metavar="KIND")
    parser.add_argument("--report", type=Path, help="a file to which the run is added")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    with said_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
