"""A terminal with the environment of an operator: commands in processes of their own."""

import asyncio
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.topics import PARTITIONS
from services.chassis.keys import demo_key
from tests.servers import Databases
from tests.settings import create_topics
from tests.typing_in import run

AWAY_SECONDS = 60.0


@dataclass(frozen=True)
class Terminal:
    """Where somebody types."""

    environment: dict[str, str]
    folder: Path

    def types(self, *words: str, answers: Sequence[str] = (), **settings: str) -> "Said":
        """Run one command to its end."""
        code, out, errors = run(
            "services.cli",
            words,
            typed="".join(f"{each}\n" for each in answers),
            environment={**self.environment, **settings},
            folder=self.folder,
            seconds=AWAY_SECONDS,
        )
        return Said(code, " ".join(out.split()), errors)

    def imports(self, roster: Path, *words: str) -> "Said":
        """Bring in the roster of a district on the East Coast."""
        zone = ("--time-zone", "America/New_York")
        return self.types("roster", "import", str(roster), *zone, *words)


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    errors: str

    def refuses(self, *words: str) -> None:
        """It said one sentence with these words, ended with a code, and showed no traceback."""
        assert self.code == 2, self
        assert "Traceback" not in self.out + self.errors
        assert self.errors.strip().count("\n") == 0, self.errors
        assert self.errors.strip().endswith("."), self.errors
        for word in words:
            assert word in self.errors, self.errors


@pytest.fixture(scope="module")
def topics(kafka_servers: str) -> str:
    """Topics as a district has them; gives what their names begin with."""
    unique = f"cli-{secrets.token_hex(6)}"
    asyncio.run(create_topics(kafka_servers, unique, partitions=PARTITIONS))
    return f"{unique}."


@pytest.fixture
def environment(
    kafka_servers: str, mongo_url: str, topics: str, databases: Databases
) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 - as a terminal has it
        "COLUMNS": "200",
        "KAFKA_SERVERS": kafka_servers,
        "MONGO_URL": mongo_url,
        "WRAPAROUND_DATABASE": databases("plans"),
        "WRAPAROUND_PLATFORM_DATABASE": databases("platform"),
        "WRAPAROUND_TOPIC_PREFIX": topics,
        "WRAPAROUND_PUBLIC_URL": "http://127.0.0.1:8000",
        "WRAPAROUND_DEMO": "true",
        "WRAPAROUND_KEY_ENCRYPTION_KEYS": f"one:{demo_key('key-encryption')}",
        "WRAPAROUND_PSEUDONYM_KEY": demo_key("pseudonym"),
        "WRAPAROUND_SEARCH_KEY": demo_key("search"),
        "WRAPAROUND_LEDGER_KEY": demo_key("ledger"),
    }


@pytest.fixture
def terminal(environment: dict[str, str], tmp_path: Path) -> Terminal:
    return Terminal(environment, tmp_path)
