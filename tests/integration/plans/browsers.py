"""The whole application of the plan service on real servers, and people in browsers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from services.chassis.accounts import NewAccount, Role
from services.chassis.kinds import Kind
from services.chassis.process import Process, application_of
from services.chassis.settings import Settings
from services.plans import main
from services.plans.domain.districts import StaffMember
from services.plans.pages import routers
from services.plans.repository.people import STAFF
from tests.integration.plans.stage import Stage, listening
from tests.pages import check_page

US = "http://127.0.0.1:8000"
LIKE_A_BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@dataclass(kw_only=True)
class Browser:
    """Somebody's browser; every page it fetches is checked."""

    client: httpx2.AsyncClient

    async def get(self, path: str, status: int = 200) -> str:
        response = await self.client.get(path, follow_redirects=True)
        assert response.status_code == status, (path, response.status_code)
        assert check_page(response.text, response.headers, origin=US) == [], path
        return response.text

    async def find(self, beginning: str) -> str:
        """The page of students whose names begin so."""
        found = await self.post("/plans/students", {"q": beginning})
        assert found.status_code == 303
        return await self.get(found.headers["location"])

    async def post(self, path: str, data: Mapping[str, Any]) -> httpx2.Response:
        response = await self.client.post(path, data=dict(data))
        if response.headers.get("content-type", "").startswith("text/html"):
            assert check_page(response.text, response.headers, origin=US) == [], path
        return response


@asynccontextmanager
async def on_stage(settings: Settings) -> AsyncIterator[tuple[Stage, FastAPI]]:
    """The running application, and the stage around it."""
    process = main.process(settings)
    app = application_of(process, "plans", routers(process))
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_servers)
    await producer.start()
    try:
        async with app.router.lifespan_context(app):
            await listening(process)
            yield Stage(process=process, producer=producer), app
    finally:
        await producer.stop()


@asynccontextmanager
async def browser_of(app: FastAPI, user_id: str | None = None) -> AsyncIterator[Browser]:
    """A browser, signed in as one of the demo's people or as nobody."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(
        transport=transport, base_url=US, headers=LIKE_A_BROWSER
    ) as client:
        if user_id:
            signed = await client.post("/plans/sign-in/persona", data={"user_id": user_id})
            assert signed.status_code == 303, signed.text
        yield Browser(client=client)


async def hire(process: Process, district: str, user_id: str, role: Role, *schools: str) -> str:
    """An account of the demo."""
    account = NewAccount(
        user_id=user_id,
        sign_in_name=user_id,
        name=f"Somebody {role.value}",
        role=role,
        district=district,
        school_ids=frozenset(schools),
        is_persona=True,
    )
    await process.accounts.add(account)
    return user_id


async def managers(stage: Stage) -> list[StaffMember]:
    """The case managers that a roster brought, by school."""
    kind: Kind[StaffMember] = STAFF
    found = await stage.reading.find(kind, stage.scope, {"role": "case_manager"})
    return sorted(found, key=lambda each: each.facts.name)  # type: ignore[union-attr]
