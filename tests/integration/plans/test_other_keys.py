"""What somebody reads who starts a service, or types a command, with keys of another place."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from deploy.local.paths import ROOT
from deploy.local.ports import free_port
from tests.settings import KEY

ANOTHER = base64.b64encode(b"a" * 32).decode()
SECONDS = 60.0


@pytest.fixture
def environment(mongo_url: str, unique: str) -> Iterator[dict[str, str]]:
    """The settings of a plan service that has a database of its own, and no Kafka."""
    names = {"DATABASE": f"{unique}-plans", "PLATFORM_DATABASE": f"{unique}-platform"}
    yield {
        "PATH": os.environ["PATH"],  # noqa: TID251 - for a process of its own
        "PYTHONPATH": str(ROOT),
        "KAFKA_SERVERS": f"127.0.0.1:{free_port()}",
        "MONGO_URL": mongo_url,
        "WRAPAROUND_SERVICE": "plans",
        "WRAPAROUND_HOST": "127.0.0.1",
        "WRAPAROUND_PORT": str(free_port()),
        "WRAPAROUND_PUBLIC_URL": "http://127.0.0.1:8000",
        "WRAPAROUND_DEMO": "true",
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"one:{KEY}",
        "WRAPAROUND_PSEUDONYM_KEY": KEY,
        "WRAPAROUND_SEARCH_KEY": KEY,
        "WRAPAROUND_LEDGER_KEY": KEY,
        **{f"WRAPAROUND_{name}": value for name, value in names.items()},
    }
    with MongoClient[dict[str, object]](mongo_url) as client:
        for name in names.values():
            client.drop_database(name)


def run(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """A module of ours as a process, until it ends by itself."""
    return subprocess.run(  # noqa: S603 - a program of ours
        [sys.executable, "-m", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_neither_service_nor_command_begins_with_another_key_under_the_same_id(
    environment: dict[str, str],
) -> None:
    first = run(environment, "services.cli", "dead-letters", "list", "plans")
    assert first.returncode == 0, first.stderr
    stray = environment | {"WRAPAROUND_KEY_ENCRYPTION_KEYS": f"one:{ANOTHER}"}

    typed = run(stray, "services.cli", "rewrap-keys")
    served = run(stray, "deploy.docker.serve")

    sentence = "The key 'one' in WRAPAROUND_KEY_ENCRYPTION_KEYS is not the one that this database"
    for ended in (typed, served):
        assert ended.returncode != 0
        assert ended.stderr.startswith(sentence)
        assert ended.stderr.count("\n") == 1
    assert ANOTHER not in served.stdout + served.stderr
