"""What faults strike: the servers, the three services, and people who work meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from deploy.checker.expected import Expected
from deploy.local.servers import Kafka, Mongo
from tests.chaos.schedule import Strike
from tests.integration.faults.world import World
from tests.replica_set import ReplicaSet

if TYPE_CHECKING:
    from tests.chaos.disk import Disk
    from tests.chaos.network import Proxy

Position = tuple[str, int, int]  # topic, partition, offset


class Crowd(Protocol):
    """Whoever works in a town. `addresses`: by what its families are reached."""

    addresses: frozenset[bytes]

    @property
    def acts(self) -> int:
        """How many acts were acknowledged so far."""

    def done(self) -> Expected:
        """What people were told is done."""

    async def work(self, is_over: asyncio.Event) -> None:
        """Work until it is over, or there is nothing left to be done."""


@dataclass(kw_only=True)
class Scene:
    """One town that is filled and runs. `poison` holds what was sent to be parked, by whom.

    It has either one database behind a network, or a set of nodes that it reaches directly.
    """

    world: World
    people: Crowd
    kafka: Kafka
    mongo: Mongo | ReplicaSet
    network: "Proxy | None"  # between the services and the one database
    broker_network: "Proxy"  # between the services and Kafka
    disk: "Disk | None" = None  # of Kafka and the one database
    poison: set[tuple[str, Position]] = field(default_factory=set)

    async def again(self, service: str) -> None:
        """A sound process of a service in place of one that ended."""
        self.world.processes[service].kill()  # one that runs must not see its claims grow old
        if service == "notifications":
            await self.world.age_claims()
        self.world.start(service)


Fault = Callable[[Scene, Strike], Awaitable[None]]
