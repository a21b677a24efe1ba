"""Three MongoDB nodes that are one replica set, as districts run it, on one machine."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.ports import LOOPBACK
from deploy.local.process import wait_until_ready
from deploy.local.servers import PROBE_MILLISECONDS, REPLICA_SET, Mongo

NODES: Final = 3
READY_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.05
HEARTBEAT_MILLISECONDS: Final = 500


class Node(Mongo):
    """One of several: it is ready when it answers, whether or not it takes writes."""

    def ready(self) -> bool:
        """Whether it answers at all."""
        return self.hello() is not None

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes, as it says itself."""
        return bool((self.hello() or {}).get("isWritablePrimary"))

    def hello(self) -> dict[str, Any] | None:
        """What it says of itself; None where it says nothing."""
        try:
            return self.ask({"hello": 1})
        except PyMongoError:
            return None

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Ask this very node something.

        Raises:
            PyMongoError: it refuses, or is away.
        """
        client: MongoClient[dict[str, Any]] = MongoClient(
            LOOPBACK,
            self.port,
            directConnection=True,
            serverSelectionTimeoutMS=PROBE_MILLISECONDS,
            socketTimeoutMS=PROBE_MILLISECONDS * 10,
        )
        with client:
            return client.admin.command(dict(command))


class ReplicaSet:
    """The nodes; `election_milliseconds` without a word of the primary, and another is elected."""

    def __init__(
        self, folder: Path, *, election_milliseconds: int, parameters: Mapping[str, str]
    ) -> None:
        self.nodes = [Node(folder / str(n), parameters=parameters) for n in range(NODES)]
        self._election_milliseconds = election_milliseconds

    @property
    def url(self) -> str:
        """What clients call the connection string."""
        hosts = ",".join(f"{LOOPBACK}:{each.port}" for each in self.nodes)
        return f"mongodb://{hosts}/?replicaSet={REPLICA_SET}"

    def start(self) -> None:
        """Start all nodes and found the set; returns when one of them is primary."""
        for each in self.nodes:
            each.start()
        for each in self.nodes:
            wait_until_ready(each, seconds=READY_SECONDS)
        members = [
            {"_id": n, "host": f"{LOOPBACK}:{each.port}"} for n, each in enumerate(self.nodes)
        ]
        settings = {
            "electionTimeoutMillis": self._election_milliseconds,
            "heartbeatIntervalMillis": HEARTBEAT_MILLISECONDS,
        }
        config = {"_id": REPLICA_SET, "members": members, "settings": settings}
        self.nodes[0].ask({"replSetInitiate": config})
        self.primary()

    def primary(self) -> Node:
        """The node that takes writes; an election is waited for.

        Raises:
            AssertionError: none came to be.
        """
        ends = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends:
            for each in self.nodes:
                if each.is_alive and each.is_primary:
                    return each
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"no primary within {READY_SECONDS:g} s")

    def secondaries(self) -> list[Node]:
        """All others."""
        primary = self.primary()
        return [each for each in self.nodes if each is not primary]

    def kill(self) -> None:
        """End all nodes."""
        for each in self.nodes:
            each.kill()


@contextmanager
def replica_set(
    folder: Path, *, election_milliseconds: int, parameters: Mapping[str, str]
) -> Iterator[ReplicaSet]:
    """A set that has a primary; it is killed afterwards, since nobody needs its data."""
    made = ReplicaSet(folder, election_milliseconds=election_milliseconds, parameters=parameters)
    try:
        made.start()
        yield made
    finally:
        made.kill()
