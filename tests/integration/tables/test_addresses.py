"""Every address that is for some roles: nobody else gets in, whatever the method."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import httpx2
import pytest
from fastapi import FastAPI

from services.chassis.accounts import NewAccount, Role
from services.chassis.telemetry import Telemetry
from services.terminal import PROCESSES
from tests.contract.sites import BUILDS, addresses
from tests.settings import Made

ORIGIN: Final = "http://127.0.0.1:8000"
LIKE_A_BROWSER: Final = {"accept": "text/html", "sec-fetch-site": "same-origin"}
KEY: Final = "018f0000-0000-7000-8000-000000000001"
STAFF: Final = [service for service in BUILDS if service != "notifications"]  # which has links


@dataclass
class Site:
    """A service's pages, and one person of each role that has an account."""

    app: FastAPI

    def browser(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app), base_url=ORIGIN, headers=LIKE_A_BROWSER
        )

    @property
    def guarded(self) -> dict[tuple[str, str], set[str]]:
        """Method and address, with the roles that may come."""
        found = {
            (method, re.sub(r"\{\w+\}", "x", path)): set(who.split())
            for address, who in addresses(self.app).items()
            for method, path in [address.split()]
        }
        guarded = {each: who for each, who in found.items() if who <= set(Role)}
        assert guarded
        return guarded


@pytest.fixture
async def site(service: str, settings_for: Made) -> AsyncIterator[Site]:
    settings = settings_for(service, roles="web")
    process = PROCESSES[service](settings)
    try:
        await process.prepare()
        for role in Role:
            account = NewAccount(
                user_id=role,
                sign_in_name=role,
                name=f"Somebody {role}",
                role=role,
                district="d1",
                organization_id="o1" if role == Role.PARTNER_COORDINATOR else None,
                is_persona=True,
            )
            await process.accounts.add(account)
        app = BUILDS[service](settings, Telemetry.off())
        async with app.router.lifespan_context(app):
            yield Site(app)
    finally:
        await process.close()


@pytest.mark.parametrize("service", STAFF)
async def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(site: Site, service: str) -> None:
    async with site.browser() as browser:
        for method, path in site.guarded:
            answer = await browser.request(method, path, data={"key": KEY})
            assert answer.status_code == (303 if method == "GET" else 307), (method, path)
            assert answer.headers["location"].startswith(f"/{service}/sign-in"), (method, path)


@pytest.mark.parametrize("service", STAFF)
async def test_no_role_gets_in_where_it_is_not_named(site: Site, service: str) -> None:
    for role in Role:
        async with site.browser() as browser:
            signed = await browser.post(f"/{service}/sign-in/persona", data={"user_id": role})
            assert signed.status_code == 303
            for method, path in (each for each, who in site.guarded.items() if role not in who):
                answer = await browser.request(method, path, data={"key": KEY})
                assert answer.status_code == 403, (role, method, path)
