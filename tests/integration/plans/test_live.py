"""The live address of a student's page: told at once, and only of whom one may see."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from deploy.checker.outside import until
from tests.integration.plans.browsers import LIKE_A_BROWSER, browser_of
from tests.integration.plans.house import House, a_form

SECONDS = 10.0


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application on a real port: a stream does not pass through a transport in memory."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))

        async def has_started() -> bool:
            return server.started

        await until(has_started, "the server listens")
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


async def cookies_of(house: House, user: str) -> dict[str, str]:
    async with browser_of(house.app, user) as browser:
        return dict(browser.client.cookies)


async def first_event(client: httpx2.AsyncClient, path: str, ready: asyncio.Event) -> str:
    async with client.stream("GET", path) as response:
        async for line in response.aiter_lines():
            if line.startswith(":"):
                ready.set()
            if line.startswith("event:"):
                return line.removeprefix("event:").strip()
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("foreign", ["another district", "another school"])
async def test_a_page_is_told_of_its_own_student_alone(house: House, foreign: str) -> None:
    student_id = house.student.student_id
    own, other = (
        await cookies_of(house, house.manager),
        {
            "another district": house.foreign_manager,
            "another school": house.other_manager,
        },
    )
    strange = await cookies_of(house, other[foreign])
    path = f"/plans/live?ids={student_id}"
    async with (
        served(house.app) as address,
        httpx2.AsyncClient(base_url=address, headers=LIKE_A_BROWSER, cookies=own) as client,
    ):
        async with httpx2.AsyncClient(base_url=address, cookies=strange) as stranger:
            refused = await stranger.get(path)
        ready = asyncio.Event()
        told = asyncio.create_task(first_event(client, path, ready))
        async with asyncio.timeout(SECONDS):
            await ready.wait()
        async with browser_of(house.app, house.manager) as browser:
            await browser.post(f"/plans/students/{student_id}/needs", a_form())

        async with asyncio.timeout(SECONDS):
            assert await told == student_id
        house.stage.process.live.close()
    assert refused.status_code == 404
