"""What deploy gives the services, against what they read."""

import re
from typing import Final

import pytest

from services.chassis.environment import environment_name
from services.chassis.settings import Settings
from tests.contract.sources import ROOT

KNOWN: Final = {
    environment_name(name, field): field for name, field in Settings.model_fields.items()
}
OF_COMPOSE: Final = {"WRAPAROUND_SECRETS"}  # where the files of the secrets are
GIVEN: Final = re.compile(
    r"(?:WRAPAROUND|CLOCK)_[A-Z_]+|MONGO_(?:URL|DRIVER)(?:_FILE)?"
    r"|KAFKA_(?:SERVERS|SECURITY|SASL_MECHANISM|USERNAME|PASSWORD|CA_FILE)(?:_FILE)?"
)
FILES: Final = (
    "docker-compose.yml",
    "deploy/docker/compose.test.yml",
    "deploy/docker/demo.env",
    "deploy/local/parts.py",
    "deploy/local/demo.py",
    "docs/how-to/docker-compose.md",
    "docs/how-to/keys.md",
    "docs/how-to/managed-servers.md",
    "docs/how-to/mail-and-texts.md",
)


def given_in(name: str) -> set[str]:
    """The settings that a file names."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = GIVEN.findall(text)
    return {each if each in KNOWN else each.removesuffix("_FILE") for each in found}


@pytest.mark.parametrize("name", FILES)
def test_what_deploy_gives_is_a_setting(name: str) -> None:
    assert given_in(name) - KNOWN.keys() <= OF_COMPOSE


@pytest.mark.parametrize("name", ["docker-compose.yml", "docs/reference/settings.md"])
def test_what_a_service_will_not_start_without_is_given_and_listed(name: str) -> None:
    needed = {each for each, field in KNOWN.items() if field.is_required()}
    listed = given_in(name) | {"WRAPAROUND_SERVICE"}  # each process's own name
    assert needed - listed == set()


def test_every_setting_has_its_row() -> None:
    assert given_in("docs/reference/settings.md") | {"WRAPAROUND_SERVICE"} == KNOWN.keys()


@pytest.mark.parametrize("name", ["docker-compose", "keys", "mail-and-texts", "managed-servers"])
def test_what_the_guides_tell_to_set_compose_passes_on(name: str) -> None:
    told = given_in(f"docs/how-to/{name}.md") - OF_COMPOSE
    assert told - given_in("docker-compose.yml") == set()
