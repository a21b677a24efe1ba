"""Kafka or MongoDB away from the three real services: what people read, and what comes after."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx2

from deploy.checker.outside import until
from deploy.checker.seen import settled
from deploy.local.process import Process, wait_until_ready
from deploy.local.servers import Kafka, Mail, Mongo
from schemas.codes import Category
from tests.integration.faults.conftest import living
from tests.integration.faults.filling import MANAGER, PARTNERS, coordinator_of
from tests.integration.faults.people import NEEDS, People
from tests.integration.faults.world import World
from tests.toy.running import new_id

PATIENCE: Final = 60.0
BOUND: Final = 1  # event that may wait to be sent; one more, and nothing is taken
AT_ONCE_SECONDS: Final = 6.0  # the driver looks for another server for two
KIND: Final[Category] = "enrich.tutoring"
Send = Callable[[], Awaitable[httpx2.Response]]


async def back(server: Process) -> None:
    """Start a server again on its data."""
    server.start()
    await asyncio.to_thread(wait_until_ready, server, seconds=PATIENCE)


async def taken_until_put_off(send: Send) -> int:
    """Do something again and again until one is told to come later; how often it was taken."""
    taken = 0

    async def is_put_off() -> bool:
        nonlocal taken
        answer = await send()
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            return True
        assert answer.status_code == 303, answer.text[-2_000:]
        taken += 1
        return False

    await until(is_put_off, "whoever asks is told to come later", PATIENCE)
    return taken


async def test_without_kafka_people_are_served_up_to_the_bound_and_all_arrives_later(
    own_kafka: Kafka, mongo_url: str, mail: Mail, tmp_path: Path
) -> None:
    world = World(
        kafka_servers=own_kafka.servers,
        mongo_url=mongo_url,
        folder=tmp_path,
        smtp_port=mail.port,
        extra={"WRAPAROUND_OUTBOX_ROWS": str(BOUND)},
    )
    async with living(world, students=NEEDS * 20) as people:
        placed = await people.offers(KIND)
        links = [await people.link(each["need_id"], each["student_id"]) for each in placed]
        await settled(world.outside)
        own_kafka.kill()

        for send in (writing, answering, knocking):
            assert await send(people, placed, links) > 0
        for process in world.processes.values():
            assert await status(process.port, "/livez") == 200

        await back(own_kafka)
        await people.play()
        await settled(world.outside)
        assert await people.violations() == []


async def writing(people: People, *_: Any) -> int:
    """A case manager writes needs."""
    students = iter(list(people.students))
    async with people.world.browser(MANAGER, seconds=0) as manager:

        async def send() -> httpx2.Response:
            student = next(students)
            people.students.remove(student)
            return await people.ask_for_need(manager, student, KIND)

        return await taken_until_put_off(send)


async def answering(people: People, placed: list[dict[str, Any]], _: Any) -> int:
    """A partner takes its offers; a second yes is welcome and changes nothing."""
    partner = PARTNERS[0]
    mine = [each for each in placed if offer_of(each)["organization_id"] == partner]
    again = itertools.cycle(mine)
    async with people.world.browser(coordinator_of(partner), seconds=0) as coordinator:

        async def send() -> httpx2.Response:
            referral = next(again)
            offer = offer_of(referral)
            path = f"/referrals/{referral['_id']}/offers/{offer['offer_id']}"
            answer = await coordinator.post(f"{path}/accept", data={"key": str(new_id())})
            if answer.status_code == 303 and offer["offer_id"] not in people.done.of(
                "offer_accepted"
            ):
                people.done.is_done("offer_accepted", offer["offer_id"])
            return answer

        return await taken_until_put_off(send)


def offer_of(referral: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in referral["offers"] if each["state"] == "OFFERED")


async def knocking(people: People, _: Any, links: list[str]) -> int:
    """Families show who they are, and are sent a code."""
    again = itertools.cycle(links)
    async with people.world.browser(seconds=0) as family:

        async def send() -> httpx2.Response:
            born = {"key": str(new_id()), "month": "3", "day": "2"}
            return await family.post(f"{next(again)}/who", data=born)

        return await taken_until_put_off(send)


async def test_without_mongodb_people_are_put_off_at_once_and_served_when_it_is_back(
    own_mongo: Mongo, kafka_servers: str, mail: Mail, tmp_path: Path
) -> None:
    world = World(
        kafka_servers=kafka_servers,
        mongo_url=own_mongo.url,
        folder=tmp_path,
        smtp_port=mail.port,
    )
    async with living(world, students=NEEDS * 2) as people:
        placed = await people.offers(KIND)
        links = [await people.link(each["need_id"], each["student_id"]) for each in placed]
        async with (
            world.browser(MANAGER, seconds=0) as manager,
            world.browser(coordinator_of(PARTNERS[0]), seconds=0) as coordinator,
            world.browser(seconds=0) as family,
        ):
            own_mongo.kill()
            asked: dict[str, Send] = {
                "plans": lambda: people.ask_for_need(manager, people.students[0], KIND),
                "referrals": lambda: coordinator.get("/referrals/"),
                "notifications": lambda: family.get(links[0]),
            }
            for service, send in asked.items():
                began = time.monotonic()
                answer = await send()
                assert (service, answer.status_code) == (service, 503)
                assert int(answer.headers["retry-after"]) > 0
                assert time.monotonic() - began < AT_ONCE_SECONDS
                assert await status(world.ports[service], "/livez") == 200
                assert await status(world.ports[service], "/readyz") == 503

            await back(own_mongo)
        await people.play()
        await settled(world.outside)
        assert await people.violations() == []


async def status(port: int, path: str) -> int:
    """What one process answers."""
    async with httpx2.AsyncClient(timeout=10) as client:
        return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code
