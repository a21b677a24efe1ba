"""Ways in outside the demo: everybody begins where the role has pages, and no error is an end."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from html import unescape
from typing import Any, Final

import httpx2
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from services.chassis.accounts import NewAccount, Role
from services.chassis.process import Process, application_of
from services.chassis.settings import Settings, read
from services.plans import main as plans
from services.plans.pages import routers as plans_pages
from services.referrals import main as referrals
from tests.pages import check_page
from tests.servers import dropped
from tests.settings import KEY

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC: Final = "https://wraparound.example.org"
PASSWORD: Final = "lanterns on the long pier"
LIKE_A_BROWSER: Final = {"accept": "text/html", "sec-fetch-site": "same-origin"}
FIRST_PAGES: Final = {
    Role.CASE_MANAGER: "/plans/",
    Role.SUPERVISOR: "/plans/",
    Role.PRIVACY_OFFICER: "/plans/students",
    Role.PARTNER_COORDINATOR: "/referrals/",
}


def settings_of(service: str, mongo_url: str, unique: str) -> Settings:
    """Settings of a service that is no demo; it serves pages alone."""
    return read(
        service,
        kafka_servers="127.0.0.1:9",
        mongo_url=mongo_url,
        database=f"{unique}-{service}",
        platform_database=f"{unique}-platform",
        public_url=PUBLIC,
        roles="web",
        key_encryption_keys=f"one:{KEY}",
        pseudonym_key=KEY,
        search_key=KEY,
        ledger_key=KEY,
    )


async def add_people(process: Process) -> None:
    for role in (*FIRST_PAGES, Role.LIAISON):
        account = NewAccount(
            user_id=f"id-{role}",
            sign_in_name=role,
            name=f"Somebody {role}",
            role=role,
            district="d1",
            organization_id="o1" if role is Role.PARTNER_COORDINATOR else None,
            locale="ar",  # of mails
        )
        await process.accounts.add(account, PASSWORD)


@contextmanager
def databases(mongo_url: str, unique: str) -> Iterator[None]:
    with (
        dropped(mongo_url, f"{unique}-plans"),
        dropped(mongo_url, f"{unique}-referrals"),
        dropped(mongo_url, f"{unique}-platform"),
    ):
        yield


@asynccontextmanager
async def one_origin(mongo_url: str, unique: str) -> AsyncIterator[Any]:
    """Both services that people sign in to, behind one address as the gateway divides it."""
    own = plans.process(settings_of("plans", mongo_url, unique))
    of_plans = application_of(own, "plans", plans_pages(own))
    of_referrals = referrals.build(settings_of("referrals", mongo_url, unique))

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        app = of_referrals if scope["path"].startswith("/referrals") else of_plans
        await app(scope, receive, send)

    async with AsyncExitStack() as running:
        for app in (of_plans, of_referrals):
            await running.enter_async_context(app.router.lifespan_context(app))
        await add_people(own)
        yield gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(mongo_url: str) -> AsyncIterator[Any]:
    """One for all tests: only sessions come and go."""
    unique = f"test-{secrets.token_hex(6)}"
    with databases(mongo_url, unique):
        async with one_origin(mongo_url, unique) as made:
            yield made


@pytest.fixture
async def browser(gateway: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(gateway), base_url=PUBLIC, headers=LIKE_A_BROWSER
    ) as client:
        yield client


async def shown(browser: httpx2.AsyncClient, path: str, status: int = 200) -> httpx2.Response:
    """The page that somebody ends on, checked."""
    response = await browser.get(path, follow_redirects=True)
    assert response.status_code == status, (path, response.url, response.status_code)
    assert check_page(response.text, response.headers, origin=PUBLIC) == []
    return response


def linked(page: httpx2.Response, words: str) -> str:
    """Where a link or the form of a button leads."""
    link = re.search(rf'href="([^"]*)">{words}<', page.text)
    form = re.search(rf'<form action="([^"]*)"(?:(?!</form>).)*>{words}</button>', page.text, re.S)
    found = link or form
    assert found, (words, page.text)
    return unescape(found[1])


async def sign_in(browser: httpx2.AsyncClient, role: str, *, typed: str = "/") -> httpx2.Response:
    """Type an address, sign in on the way, and see where that leads."""
    page = await shown(browser, typed)
    if "/sign-in" not in str(page.url):
        page = await shown(browser, linked(page, "Sign in"))
    (onward,) = re.findall(r'name="onward" value="([^"]*)"', page.text)
    given = {"name": role, "password": PASSWORD, "onward": unescape(onward)}
    entered = await browser.post(page.url.path, data=given)
    assert entered.status_code == 303, entered.text
    return await shown(browser, entered.headers["location"])


@pytest.mark.parametrize("role", FIRST_PAGES)
@pytest.mark.parametrize("typed", ["/", "/plans/", "/referrals/"])
async def test_who_types_the_address_and_signs_in_begins_where_the_role_has_pages(
    browser: httpx2.AsyncClient, role: Role, typed: str
) -> None:
    page = await sign_in(browser, role, typed=typed)

    assert page.url.path == FIRST_PAGES[role]
    assert (await shown(browser, "/")).url.path == FIRST_PAGES[role]


async def test_a_page_that_was_asked_for_comes_after_signing_in(
    browser: httpx2.AsyncClient,
) -> None:
    page = await sign_in(browser, Role.CASE_MANAGER, typed="/plans/students?page=1")
    assert page.url.path == "/plans/students"


@pytest.mark.parametrize(
    ("role", "elsewhere"),
    [
        (Role.PRIVACY_OFFICER, "/plans/"),
        (Role.PRIVACY_OFFICER, "/referrals/"),
        (Role.PARTNER_COORDINATOR, "/plans/students"),
        (Role.CASE_MANAGER, "/referrals/places"),
    ],
)
async def test_a_page_for_others_leads_back_to_ones_own_and_lets_somebody_else_sign_in(
    browser: httpx2.AsyncClient, role: Role, elsewhere: str
) -> None:
    await sign_in(browser, role)

    refused = await shown(browser, elsewhere, status=403)
    first = await shown(browser, linked(refused, "Go to the start"))
    await browser.post(linked(refused, "Sign out"))

    assert first.url.path == FIRST_PAGES[role]
    assert (await shown(browser, elsewhere)).url.path.endswith("/sign-in")


async def test_a_page_that_is_not_there_leads_a_stranger_to_the_start_and_ends_no_session(
    browser: httpx2.AsyncClient,
) -> None:
    page = await shown(browser, "/referrals/nothing/at/all", status=404)

    assert linked(page, "Go to the start") == "/"
    assert "Sign out" not in page.text


@pytest.mark.parametrize("role", FIRST_PAGES)
async def test_pages_whose_words_are_english_alone_are_given_in_no_other_language(
    browser: httpx2.AsyncClient, role: Role
) -> None:
    browser.headers["accept-language"] = "ar"
    pages = [
        await shown(browser, "/"),
        await shown(browser, "/plans/sign-in?language=es"),
        await sign_in(browser, role),
        await shown(browser, "/referrals/" if "plans" in FIRST_PAGES[role] else "/plans/", 403),
    ]
    for page in pages:
        assert '<html lang="en" dir="ltr">' in page.text, page.url
        assert "hreflang" not in page.text, page.url  # no language to choose


async def test_a_role_without_pages_is_told_so_and_may_sign_out(
    browser: httpx2.AsyncClient,
) -> None:
    page = await sign_in(browser, Role.LIAISON, typed="/plans/")

    assert page.url.path == "/"
    assert "There are no pages for your role yet." in page.text
    await browser.post(linked(page, "Sign out"))
    assert linked(await shown(browser, "/"), "Sign in") == "/plans/sign-in"
