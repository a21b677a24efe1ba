"""Demo mode in containers, and the story that `make demo CHECK=1` plays, played against it."""

import importlib.util
import json
import time

import pytest

from deploy.local.parts import STEPS
from tests.compose.docker import SERVICES, Compose

HAS_STORY = importlib.util.find_spec("deploy.local.story.check") is not None
STORY_SECONDS = 1800.0


@pytest.mark.parametrize("service", SERVICES)
def test_demo_mode_runs_in_a_container_on_loopback_alone(demo: Compose, service: str) -> None:
    environment = dict(
        line.split("=", 1) for line in demo.execute(service, "env").splitlines() if "=" in line
    )

    assert environment["WRAPAROUND_DEMO"] == "true"
    assert environment["WRAPAROUND_HOST"] == "127.0.0.1"
    assert demo.health(service) == "healthy"


@pytest.mark.skipif(not HAS_STORY, reason="deploy/local/story/check.py is not there yet")
def test_the_story_is_played_to_its_end(demo: Compose) -> None:
    began = time.monotonic()
    for row in STEPS:
        if not row.only_to_check:
            demo("run", "--rm", "-T", "step", row.module, seconds=STORY_SECONDS)

    said = demo("run", "--rm", "-T", "step", "deploy.local.story.check", seconds=STORY_SECONDS)

    told = json.loads(said.splitlines()[-1])
    assert told["failed"] == 0
    assert told["steps"] >= 12
    assert time.monotonic() - began < STORY_SECONDS
