import re
from collections.abc import AsyncIterator
from html import unescape
from uuid import UUID

import httpx2
import pytest
import uuid_utils
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, FastAPI, Request

from services.chassis.accounts import Accounts, NewAccount, Role
from services.chassis.mongo import Database
from services.chassis.rendering import Templates
from services.chassis.scope import Principal
from services.chassis.sessions import Cookie, Sessions
from services.chassis.sign_in import SignIn, routes
from services.chassis.signed_in import COOKIE, SORT, SignedIn, principal, require
from services.chassis.telemetry import Telemetry
from services.chassis.tries import Tries
from tests.component.chassis.sites import LIKE_A_BROWSER, US, a_site
from tests.integration.chassis.platforms import Turned, a_platform, a_vault
from tests.pages import check_page
from tests.servers import Databases

PASSWORD = "correct horse battery"


@pytest.fixture
async def platform(mongo_url: str, databases: Databases) -> AsyncIterator[Database]:
    async with a_platform(mongo_url, databases("platform"), "motor") as made:
        yield made


def new_id() -> UUID:
    return UUID(str(uuid_utils.uuid7()))


def toys() -> APIRouter:
    router = APIRouter()

    @router.get("/toys")
    async def mine(person: Principal = Depends(principal)) -> str:  # noqa: B008
        return person.name

    @router.post("/toys")
    async def write(
        request: Request,
        person: Principal = Depends(principal),  # noqa: B008
    ) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in (await request.form()).multi_items()]

    @router.get("/toys/lead")
    async def lead(person: Principal = Depends(require("supervisor"))) -> str:  # noqa: B008
        return person.name

    return router


async def a_toy_site(platform: Database, *, has_personas: bool, is_plain: bool = True) -> FastAPI:
    clock, vault = Turned(), a_vault(platform)
    accounts = Accounts(
        platform,
        vault,
        search_key=b"s" * 32,
        tries=Tries(platform=platform, real_time=clock),
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )
    ana = NewAccount(
        user_id="u1",
        sign_in_name="ana",
        name="Ana Almeida",
        role=Role.CASE_MANAGER,
        district="d1",
    )
    await accounts.add(ana, PASSWORD)
    ben = NewAccount(
        user_id="p1",
        sign_in_name="ben",
        name="Ben Botelho",
        role=Role.SUPERVISOR,
        district="d1",
        is_persona=True,
    )
    await accounts.add(ben)
    signed_in = SignedIn(
        Sessions(platform, SORT, real_time=clock), vault, Cookie(name=COOKIE, is_plain=is_plain)
    )

    def made(templates: Templates) -> tuple[APIRouter, ...]:
        sign_in = SignIn(
            signed_in=signed_in,
            identities=accounts,
            templates=templates,
            telemetry=Telemetry.off(),
            new_id=new_id,
            personas=accounts if has_personas else None,
        )
        return (routes(sign_in, prefix="/toys"),)

    app = a_site(toys(), made=made)
    app.state.signed_in = signed_in
    return app


def a_browser(app: FastAPI) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app)
    return httpx2.AsyncClient(transport=transport, base_url=US, headers=LIKE_A_BROWSER)


async def test_signing_in_leads_on_and_signing_out_ends_it(platform: Database) -> None:
    app = await a_toy_site(platform, has_personas=False)
    async with a_browser(app) as browser:
        asked = await browser.get("/toys")
        page = await browser.get(asked.headers["location"])
        assert check_page(page.text, page.headers, origin=US) == []
        assert "Ben Botelho" not in page.text
        form = {"name": "Ana", "password": PASSWORD, "onward": "/toys?x=1"}
        entered = await browser.post("/toys/sign-in", data=form)
        assert (entered.status_code, entered.headers["location"]) == (303, "/toys?x=1")
        token = browser.cookies["sid"]
        assert (await browser.get("/toys")).json() == "Ana Almeida"
        left = await browser.post("/toys/sign-out")
        assert left.headers["location"] == "/toys/sign-in"
        again = await browser.get("/toys", headers={"cookie": f"sid={token}"})
        assert again.status_code == 303


def filled_in(page: httpx2.Response) -> dict[str, list[str]]:
    """The hidden fields of a page's first form, and where it goes."""
    assert check_page(page.text, page.headers, origin=US) == []
    form = page.text[page.text.index("<form") : page.text.index("</form>")]
    found: dict[str, list[str]] = {"": re.findall(r'action="([^"]*)"', form)}
    for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


async def test_a_form_that_comes_after_the_session_has_ended_waits_for_the_next(
    platform: Database,
) -> None:
    app = await a_toy_site(platform, has_personas=False)
    typed = {"key": "one", "summary": 'Two lines,\r\n"quoted" & ünïcode', "day": ["1", "3"]}
    async with a_browser(app) as browser:
        browser.follow_redirects = True
        page = await browser.post("/toys", data=typed)
        assert "You were signed out before this was sent." in page.text
        sign_in = {"onward": filled_in(page)["onward"], "held": filled_in(page)["held"]}
        page = await browser.post("/toys/sign-in", data={"name": "ana", "password": "no"} | sign_in)
        assert filled_in(page)["held"] == sign_in["held"]  # also after a mistake
        right = {"name": "ana", "password": PASSWORD}
        page = await browser.post("/toys/sign-in", data=right | sign_in)
        assert "Send what you typed?" in page.text
        waits = filled_in(page)
        assert waits.pop("") == ["/toys"]
        sent = await browser.post("/toys", data=waits)
    assert sent.json() == [
        ["key", "one"],
        ["summary", 'Two lines,\r\n"quoted" & ünïcode'],
        ["day", "1"],
        ["day", "3"],
    ]


@pytest.mark.parametrize("elsewhere", ["//elsewhere.example/toys", "https://elsewhere.example/"])
async def test_a_form_that_waits_goes_to_no_other_site(platform: Database, elsewhere: str) -> None:
    app = await a_toy_site(platform, has_personas=False)
    given = {"name": "ana", "password": PASSWORD, "onward": elsewhere, "held": "key=one"}
    async with a_browser(app) as browser:
        page = await browser.post(f"/toys/sign-in/held?to={elsewhere}", data={"key": "one"})
        entered = await browser.post("/toys/sign-in", data=given)
    assert filled_in(page)["onward"] == [""]
    assert (entered.status_code, entered.headers["location"]) == (303, "/plans/")


async def test_a_wrong_password_keeps_the_name_and_says_no_more(platform: Database) -> None:
    app = await a_toy_site(platform, has_personas=False)
    async with a_browser(app) as browser:
        pages = [
            await browser.post("/toys/sign-in", data={"name": name, "password": "wrong"})
            for name in ("ana", "eve")
        ]
    for page in pages:
        assert page.status_code == 409
        assert check_page(page.text, page.headers, origin=US) == []
        assert 'href="#name"' in page.text
    known, unknown = (re.sub('name="key" value="[^"]*"', "", page.text) for page in pages)
    assert known.replace("ana", "eve") == unknown


async def test_the_cookie_belongs_to_this_host_and_no_script_reads_it(platform: Database) -> None:
    app = await a_toy_site(platform, has_personas=False, is_plain=False)
    async with a_browser(app) as browser:
        form = {"name": "ana", "password": PASSWORD}
        cookie = (await browser.post("/toys/sign-in", data=form)).headers["set-cookie"]
    assert cookie.startswith("__Host-sid=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()


async def test_signing_in_gives_a_new_token_and_ends_the_old_one(platform: Database) -> None:
    app = await a_toy_site(platform, has_personas=False)
    async with a_browser(app) as browser:
        form = {"name": "ana", "password": PASSWORD}
        await browser.post("/toys/sign-in", data=form)
        first = browser.cookies["sid"]
        await browser.post("/toys/sign-in", data=form)
        assert browser.cookies["sid"] != first
        old = await browser.get("/toys", headers={"cookie": f"sid={first}"})
        assert old.status_code == 303


async def test_a_persona_signs_in_with_one_press_and_has_its_role_alone(
    platform: Database,
) -> None:
    app = await a_toy_site(platform, has_personas=True)
    async with a_browser(app) as browser:
        page = await browser.get("/toys/sign-in")
        assert "Ben Botelho" in page.text
        assert check_page(page.text, page.headers, origin=US) == []
        entered = await browser.post("/toys/sign-in/persona", data={"user_id": "p1"})
        assert entered.headers["location"] == "/plans/"
        assert (await browser.get("/toys/lead")).json() == "Ben Botelho"
        other = await browser.post("/toys/sign-in/persona", data={"user_id": "u1"})
        assert other.status_code == 404


async def test_outside_the_demo_there_is_no_way_in_without_a_password(platform: Database) -> None:
    app = await a_toy_site(platform, has_personas=False)
    async with a_browser(app) as browser:
        entered = await browser.post("/toys/sign-in/persona", data={"user_id": "p1"})
    assert entered.status_code == 404


async def test_a_page_of_another_role_is_not_opened(platform: Database) -> None:
    app = await a_toy_site(platform, has_personas=False)
    async with a_browser(app) as browser:
        await browser.post("/toys/sign-in", data={"name": "ana", "password": PASSWORD})
        refused = await browser.get("/toys/lead")
    assert refused.status_code == 403
    assert "You cannot open this" in refused.text
