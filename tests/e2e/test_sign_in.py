"""Signing in outside the demo, with an account made at a terminal."""

import base64
import os
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import expect

from deploy.local import paths
from deploy.local.ports import free_port
from tests.bench.large_district import Size, write
from tests.browser import OpenPage, axe_violations, error_summary, overflow
from tests.e2e.terminals import Terminal
from tests.servers import dropped

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "harbour lights at dusk"
READY_SECONDS = 60.0


def a_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture(scope="module")
def environment(mongo_url: str, kafka_servers: str) -> Iterator[dict[str, str]]:
    """Settings of a plan service that is no demo, with databases of its own."""
    unique = f"test-{secrets.token_hex(6)}"
    with dropped(mongo_url, unique), dropped(mongo_url, f"{unique}-platform"):
        yield {
            **os.environ,  # noqa: TID251
            "PYTHONPATH": str(paths.ROOT),
            "KAFKA_SERVERS": kafka_servers,
            "MONGO_URL": mongo_url,
            "WRAPAROUND_DATABASE": unique,
            "WRAPAROUND_PLATFORM_DATABASE": f"{unique}-platform",
            "WRAPAROUND_TOPIC_PREFIX": f"{unique}.",
            "WRAPAROUND_ROLES": "web",
            "WRAPAROUND_PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
            "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"own:{a_key()}",
            "WRAPAROUND_PSEUDONYM_KEY": a_key(),
            "WRAPAROUND_SEARCH_KEY": a_key(),
            "WRAPAROUND_LEDGER_KEY": a_key(),
        }


@pytest.fixture(scope="module")
def address(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where that service listens, for all tests: it takes a while to begin."""
    log_path = tmp_path_factory.mktemp("sign-in") / "plans.log"
    address = environment["WRAPAROUND_PUBLIC_URL"]
    command = [sys.executable, "-m", "uvicorn", "--factory", "services.plans.main:create"]
    with log_path.open("wb") as log:
        running = subprocess.Popen(  # noqa: S603
            [*command, "--port", address.rpartition(":")[2]],
            env=environment,
            cwd=paths.ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_alive(address, running, log_path)
        yield address
    finally:
        running.terminate()
        running.wait(30)


def wait_until_alive(address: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and running.poll() is None:
        try:
            if httpx2.get(f"{address}/livez").is_success:
                return
        except httpx2.TransportError:
            threading.Event().wait(0.1)
    raise AssertionError(log.read_text()[-2_000:])


def add_user(environment: dict[str, str], folder: Path) -> str:
    """A roster, and `wraparound users add`, as an operator types them; gives what is said."""
    terminal = Terminal(environment, folder)
    roster, _ = write(folder, Size(students=3, services=1))
    brought = terminal.imports(roster)
    assert brought.code == 0, brought.errors
    (school,) = re.findall(r"School: +(\S+)", brought.out)
    (district,) = re.findall(r"District: (\S+)", brought.out)
    added = terminal.types(
        *("users", "add", "nora.h", "--name", "Nora Harborlight", "--role", "case_manager"),
        *("--district", district, "--school", school),
        answers=(PASSWORD, PASSWORD),
    )
    assert added.code == 0, added.errors
    return added.out


async def test_an_account_made_at_a_terminal_signs_in_where_no_persona_can(
    open_page: OpenPage, environment: dict[str, str], address: str, tmp_path: Path
) -> None:
    assert "nora.h can sign in now" in add_user(environment, tmp_path)
    page = await open_page()
    await page.goto(f"{address}/")
    await expect(page.get_by_role("button", name="Nora")).to_have_count(0)
    await page.get_by_role("link", name="Sign in").click()
    assert await axe_violations(page) == []
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await overflow(page) == 0

    await page.get_by_label("Name").fill("nora.h")
    await page.get_by_label("Password").fill("something else")
    await page.get_by_role("button", name="Sign in").click()
    await expect(error_summary(page)).to_be_focused()
    await expect(page.get_by_label("Name")).to_have_value("nora.h")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Needs you today")
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(f"{address}/plans/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_outside_the_demo_nobody_signs_in_with_one_press(address: str) -> None:
    answer = httpx2.post(
        f"{address}/plans/sign-in/persona",
        data={"user_id": "anybody"},
        headers={"origin": address, "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 404

    gallery = httpx2.get(f"{address}/plans/gallery")
    assert gallery.status_code == 404
