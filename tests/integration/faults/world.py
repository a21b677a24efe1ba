"""All three real services as processes that a test may kill, and browsers that press again."""

import asyncio
import itertools
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.checker.outside import Outside, until
from deploy.local.parts import SERVICES
from deploy.local.ports import free_port
from deploy.local.servers import SmsGateway
from schemas.topics import TOPICS
from services.chassis.keys import demo_key
from services.chassis.mongo import Database
from services.chassis.settings import Settings, read, real_time
from services.notifications.domain.sending import STUCK
from tests.integration.faults.victim import Victim
from tests.unit.referrals.builders import NOW

ROWS: Final = {row.name: row for row in SERVICES}
OWNERS: Final = {"plans": "plans", "referrals": "referrals", "notifications": "notifications"}
PATHS: Final = {"p": "referrals", "f": "notifications"} | OWNERS  # as the gateway sends them
PARTITIONS: Final = 3
PATIENCE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.1
ORIGIN: Final = "http://127.0.0.1:8000"
AWAY: Final = frozenset({502, 503})
NOBODY: Final = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # whom one trusts over plain HTTP: 20 ms less
STAFF_HEADERS: Final = {"accept": "text/html", "sec-fetch-site": "same-origin"}


class Patient(httpx2.AsyncBaseTransport):
    """Sends each request to the service whose path it is; the same again until it is answered."""

    def __init__(self, ports: dict[str, int], *, seconds: float) -> None:
        self._ports = ports
        self._seconds = seconds
        self._inner = httpx2.AsyncHTTPTransport(verify=NOBODY)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer of whichever process of the service lives."""
        service = PATHS[urlsplit(str(request.url)).path.split("/")[1]]
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._seconds
        while True:
            request.url = request.url.copy_with(port=self._ports[service])
            try:
                answer = await self._inner.handle_async_request(request)
            except httpx2.TransportError:
                if loop.time() > ends:
                    raise
            else:
                if answer.status_code not in AWAY or loop.time() > ends:
                    return answer
                await answer.aclose()
            await asyncio.sleep(PAUSE_SECONDS)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._inner.aclose()


@dataclass(kw_only=True)
class World:
    """One district's databases and topics, with the processes that work on them."""

    kafka_servers: str
    mongo_url: str
    folder: Path
    services_kafka_servers: str = ""  # if services reach them another way than those who look on
    services_mongo_url: str = ""
    unique: str = field(default_factory=lambda: f"test-{secrets.token_hex(6)}")
    smtp_port: int = 25
    extra: dict[str, str] = field(default_factory=dict)  # more settings for all processes
    district: str = ""
    addresses: frozenset[bytes] = frozenset()  # by what its families are reached, and nobody else
    starts: datetime = NOW  # its time at the real moment when it `began`
    began: datetime = field(default_factory=real_time)
    speed: float = 1.0  # of its time
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ROWS})
    processes: dict[str, Victim] = field(default_factory=dict)
    besides: list[Victim] = field(default_factory=list)
    sms: SmsGateway = field(init=False)  # of its own: what is kept there is compared
    _outside: list[Outside] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """What needs the folder."""
        self.sms = SmsGateway(self.folder / "texts")

    def settings(self, service: str, **given: Any) -> Settings:
        """The settings of one service, to look at what it wrote or to fill it before it runs."""
        return read(
            service,
            kafka_servers=self.kafka_servers,
            mongo_url=self.mongo_url,
            database=f"{self.unique}-{service}",
            platform_database=f"{self.unique}-platform",
            topic_prefix=f"{self.unique}.",
            public_url=ORIGIN,
            demo=True,
            clock_start=self.starts,
            clock_anchor=self.began,
            clock_speed=self.speed,
            key_encryption_keys=f"demo:{demo_key('key-encryption')}",
            pseudonym_key=demo_key("pseudonym"),
            search_key=demo_key("search"),
            ledger_key=demo_key("ledger"),
            sms_url=self.sms.url,
            sms_token=self.sms.token,
            **given,
        )

    def _environment(self, service: str, **given: str) -> dict[str, str]:
        return {
            "KAFKA_SERVERS": self.services_kafka_servers or self.kafka_servers,
            "MONGO_URL": self.services_mongo_url or self.mongo_url,
            "CLOCK_START": self.starts.isoformat(),
            "CLOCK_ANCHOR": self.began.isoformat(),  # a process that comes later is no younger
            "CLOCK_SPEED": str(self.speed),
            "WRAPAROUND_DEMO": "true",
            "WRAPAROUND_PUBLIC_URL": ORIGIN,
            "WRAPAROUND_DATABASE": f"{self.unique}-{service}",
            "WRAPAROUND_PLATFORM_DATABASE": f"{self.unique}-platform",
            "WRAPAROUND_TOPIC_PREFIX": f"{self.unique}.",
            "WRAPAROUND_SMTP_PORT": str(self.smtp_port),
            **self.sms.settings,
            "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"demo:{demo_key('key-encryption')}",
            "WRAPAROUND_PSEUDONYM_KEY": demo_key("pseudonym"),
            "WRAPAROUND_SEARCH_KEY": demo_key("search"),
            "WRAPAROUND_LEDGER_KEY": demo_key("ledger"),
            **self.extra,
            **given,
        }

    # -- processes -------------------------------------------------------------------------------

    def start(self, service: str, *, factory: str = "", **given: str) -> Victim:
        """Start the one process of a service that answers its pages; one that ran is killed.

        It has a stable name in its consumer group, so that the next one goes on at once.
        """
        if service in self.processes:
            self.processes[service].kill()
        given = {"WRAPAROUND_GROUP_INSTANCE_ID": f"{service}-1", **given}
        made = self._made(service, self.ports[service], factory, given)
        self.processes[service] = made
        return made

    def start_beside(self, service: str, **given: str) -> Victim:
        """Start one more process of a service, which nobody's browser asks."""
        made = self._made(service, free_port(), "", given)
        self.besides.append(made)
        return made

    def _made(self, service: str, port: int, factory: str, given: dict[str, str]) -> Victim:
        log = self.folder / f"{next(self._numbers):02}-{service}.log"
        environment = self._environment(service, **given)
        made = Victim(
            service, factory or ROWS[service].factory, port=port, log=log, environment=environment
        )
        made.start()
        return made

    async def ready(self, *processes: Victim) -> None:
        """Wait until these, or all, say that they are ready."""

        async def are_ready() -> bool:
            asked = processes or tuple(self.processes.values())
            return all([await asyncio.to_thread(each.ready) for each in asked])

        await until(are_ready, "the services are ready", PATIENCE_SECONDS)

    # -- its time --------------------------------------------------------------------------------

    def leap(self, by: timedelta) -> None:
        """Let time pass, for processes that are started from now on."""
        self.began -= by / self.speed
        self._look_anew()

    def slow_down(self) -> None:
        """Let time pass as it does, from now on and for new processes of all services."""
        now = real_time()
        self.starts += (now - self.began) * self.speed
        self.began, self.speed = now, 1.0
        self._look_anew()
        for service in ROWS:
            self.start(service)

    def kill(self) -> None:
        """End all processes."""
        for each in (*self.processes.values(), *self.besides):
            each.kill()

    # -- what they wrote, and who talks to them ---------------------------------------------------

    @property
    def outside(self) -> Outside:
        """The same as somebody sees it who is no part of it."""
        if not self._outside:
            self._outside.append(Outside({name: self.settings(name) for name in ROWS}))
        return self._outside[0]

    def _look_anew(self) -> None:
        """Whoever looks on knows what time it is."""
        self.outside.settings = {name: self.settings(name) for name in ROWS}

    def database(self, service: str) -> Database:
        """The database of a service."""
        return self.outside.database(service)

    async def rows(self, service: str, collection: str, **wanted: Any) -> list[dict[str, Any]]:
        """Documents as they are stored; a database that is away is waited for."""
        return await self.outside.rows(service, collection, **wanted)

    async def age_claims(self) -> None:
        """Two minutes later: what a dead sender had in hand is swept up by the next one."""
        mailboxes = self.database("notifications").collection("mailboxes")
        long_ago = real_time() - 2 * STUCK
        for row in await mailboxes.find({"claimed_at": {"$exists": True}}):
            messages = [
                {**each, "claimed_at": long_ago} if "claimed_at" in each else each
                for each in row["messages"]
            ]
            aged = {"claimed_at": long_ago, "messages": messages}
            as_read = {"_id": row["_id"], "version": row["version"]}  # one that went on needs none
            await mailboxes.update_one(as_read, {"$set": aged, "$inc": {"version": 1}})

    async def close(self) -> None:
        """Let go of the databases."""
        await self.outside.close()

    @asynccontextmanager
    async def browser(
        self, user_id: str = "", *, seconds: float = PATIENCE_SECONDS
    ) -> AsyncIterator[httpx2.AsyncClient]:
        """Somebody's browser, signed in if they are named; what gets no answer is sent again."""
        transport = Patient(self.ports, seconds=seconds)
        async with httpx2.AsyncClient(
            transport=transport, base_url=ORIGIN, headers=STAFF_HEADERS, timeout=30
        ) as client:
            if user_id:
                signed = await client.post("/plans/sign-in/persona", data={"user_id": user_id})
                assert signed.status_code == 303, signed.text
            yield client

    async def create_topics(self) -> None:
        """Every topic under this world's prefix, with few partitions: they cost time."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka_servers)
        await admin.start()
        try:
            await admin.create_topics(
                [
                    NewTopic(f"{self.unique}.{each.name}", min(PARTITIONS, each.partitions), 1)
                    for each in TOPICS
                ]
            )
        finally:
            await admin.close()


@asynccontextmanager
async def dying(world: World, victim: Victim) -> AsyncIterator[None]:
    """While the block runs the victim dies at its fail-point, and a sound process follows."""

    async def follow() -> None:
        await victim.ends()
        await world.age_claims()
        world.start(victim.name)

    following = asyncio.create_task(follow())
    try:
        yield
        await following
    finally:
        following.cancel()
