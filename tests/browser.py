"""A real Chromium for tests, as a pytest plugin: `tests/e2e/conftest.py` takes it in.

Playwright's asynchronous API is used: the synchronous one keeps a loop running in its thread, and
every asynchronous test after it would fail. One browser serves the session, so its tests run on the
session's loop: each module has `pytestmark = pytest.mark.asyncio(loop_scope="session")`.

Every page made here is listened to: a script error, a refusal by the content security policy or a
request to another origin fails the test. Without Chromium the tests are skipped, and the summary
says so.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
MISSING = "Chromium is missing, browser tests did NOT run: apt-get install chromium fonts-noto-core"
OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

OpenPage = Callable[..., Awaitable[Page]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly when no browser was there."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_sep("!", MISSING, red=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole session."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Makes pages, each with cookies of its own; complains at the end about what they reported."""
    complaints: list[str] = []
    contexts = []

    async def make(
        *,
        width: int = 1280,
        height: int = 900,
        javascript: bool = True,
        locale: str = "en-US",
        color_scheme: Literal["light", "dark"] = "light",
        forced_colors: Literal["active", "none"] = "none",
        is_touch: bool = False,
        allow_requests: frozenset[str] = OWN_HOSTS,
    ) -> Page:
        context = await browser.new_context(
            viewport=ViewportSize(width=width, height=height),
            java_script_enabled=javascript,
            locale=locale,
            color_scheme=color_scheme,
            forced_colors=forced_colors,
            has_touch=is_touch,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = await context.new_page()
        _listen(page, complaints, allow_requests)
        return page

    yield make
    for context in contexts:
        await context.close()
    assert complaints == [], complaints


def _listen(page: Page, complaints: list[str], allowed: frozenset[str]) -> None:
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            complaints.append(f"console: {said.text}")
            if said.type == "error" and not said.text.startswith("Failed to load resource")
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            complaints.append(f"request: {request.url}")
            if urlsplit(request.url).hostname not in {*allowed, None}
            else None
        ),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage) -> Page:
    """A desk: 1280 x 900."""
    return await open_page()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(open_page: OpenPage) -> Page:
    """A phone: 390 x 844, by touch."""
    return await open_page(width=390, height=844, is_touch=True)


async def axe_violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now: rule, impact, the first elements."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    results = await Axe().run(page, options=options)
    return [
        f"{found['id']} ({found['impact']}): {[node['target'] for node in found['nodes'][:3]]}"
        for found in results.response["violations"]
    ]


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def error_summary(page: Page) -> Locator:
    """What stands above a form that was refused. The browser gives it the focus a frame later."""
    return page.locator("section.errors[autofocus]")


async def focused(page: Page) -> dict[str, str]:
    """The element with the focus: tag, id, text, and its outline's style and width."""
    return dict(
        await page.evaluate(
            """() => {
                const element = document.activeElement, style = getComputedStyle(element);
                return {tag: element.tagName.toLowerCase(), id: element.id,
                        text: element.innerText?.trim() ?? "",
                        outline: style.outlineStyle, width: style.outlineWidth};
            }"""
        )
    )
