"""Demo mode in containers, and the story that `make demo CHECK=1` plays, played against it."""

import json
import urllib.request

import pytest

from deploy.local.parts import STEPS
from tests.compose.docker import SERVICES, Compose

STORY_SECONDS = 1800.0


def take(demo: Compose, module: str) -> str:
    """What one step of the demo says on its standard output."""
    return demo("run", "--rm", "-T", "step", module, seconds=STORY_SECONDS)


@pytest.fixture(scope="module")
def town(demo: Compose) -> Compose:
    """The demo with people and partners in it."""
    for row in STEPS:
        if not (row.only_to_check or row.of_files):
            take(demo, row.module)
    return demo


@pytest.mark.parametrize("service", SERVICES)
def test_demo_mode_runs_in_a_container_that_listens_on_loopback_alone(
    demo: Compose, service: str
) -> None:
    environment = dict(
        line.split("=", 1) for line in demo.execute(service, "env").splitlines() if "=" in line
    )

    assert environment["WRAPAROUND_DEMO"] == "true"
    assert environment["WRAPAROUND_HOST"] == "127.0.0.1"
    assert demo.health(service) == "healthy"


def test_the_start_page_offers_the_people_of_the_town(town: Compose) -> None:
    gateway = next(
        each.removeprefix("GATEWAY_AT=")
        for each in town.container("gateway")["Config"]["Env"]
        if each.startswith("GATEWAY_AT=")
    )

    with urllib.request.urlopen(f"http://127.0.0.1{gateway}/", timeout=30) as answer:
        page = answer.read().decode()

    assert page.count('name="user_id"') >= 10


def test_the_story_is_played_to_its_end(town: Compose) -> None:
    for row in STEPS:
        if row.only_to_check and not row.of_files:
            told = json.loads(take(town, row.module).splitlines()[-1])
            assert told["failed"] == 0
            assert told["steps"] >= 12
