"""The whole system in Docker: `make compose-test`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.docker.new_secrets import make
from deploy.local.demo import Options, time_of
from deploy.local.ports import free_port
from services.chassis.settings import real_time
from tests.compose.docker import Compose, docker, is_stand_in, settings_file

BUILD_SECONDS = 1800.0
IMAGES = pytest.StashKey[list[str]]()


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Runs only where it is named: it needs Docker and takes minutes."""
    return None if any("tests/compose" in argument for argument in config.args) else True


@pytest.fixture(scope="session")
def daemon() -> None:
    """A Docker that answers."""
    try:
        docker("info")
    except AssertionError:
        pytest.exit("Docker does not answer: start it, or run `make test`, which needs none.", 1)


@pytest.fixture(scope="session")
def secrets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Secrets of this run alone."""
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    make(folder)
    return folder


@pytest.fixture(scope="module")
def system(daemon: None, secrets_folder: Path, pytestconfig: pytest.Config) -> Iterator[Compose]:
    """docker-compose.yml as it is, all of it healthy."""
    settings = {
        "COMPOSE_PROJECT_NAME": "wraparound-test",
        "GATEWAY_PORT": str(free_port()),
        "WRAPAROUND_PUBLIC_URL": "https://wraparound.invalid",
        "WRAPAROUND_SMTP_HOST": "mail.invalid",
        "WRAPAROUND_SMTP_SECURITY": "starttls",
        "WRAPAROUND_SECRETS": str(secrets_folder),
    }
    file = settings_file(secrets_folder.parent / "system.env", settings)
    yield from running(Compose(file), pytestconfig)


@pytest.fixture(scope="module")
def demo(daemon: None, secrets_folder: Path, pytestconfig: pytest.Config) -> Iterator[Compose]:
    """The same with deploy/docker/compose.test.yml over it."""
    port = str(free_port())
    settings = {
        "COMPOSE_PROJECT_NAME": "wraparound-test-demo",
        "COMPOSE_FILE": "docker-compose.yml:deploy/docker/compose.test.yml",
        "GATEWAY_PORT": port,
        "WRAPAROUND_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WRAPAROUND_SMTP_HOST": "127.0.0.1",
        "WRAPAROUND_SMTP_PORT": "2525",
        "WRAPAROUND_SMTP_SECURITY": "none",
        "WRAPAROUND_SECRETS": str(secrets_folder),
        **time_of(Options(folder=secrets_folder), real_time()),
    }
    file = settings_file(secrets_folder.parent / "demo.env", settings)
    yield from running(Compose(file), pytestconfig)


def running(compose: Compose, config: pytest.Config) -> Iterator[Compose]:
    """Built and up, and gone afterwards with all its data."""
    compose("build", seconds=BUILD_SECONDS)
    config.stash.setdefault(IMAGES, []).extend(compose("config", "--images").split())
    try:
        compose.up()
        yield compose
    finally:
        compose.down()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Call the result what it is."""
    used = config.stash.get(IMAGES, [])
    images = sorted(set(used))
    stand_ins = [image for image in images if is_stand_in(image)]
    if stand_ins:
        terminalreporter.write_line(
            f"ran with stand-in images, no proof for the official ones: {', '.join(stand_ins)}"
        )
    elif images:
        terminalreporter.write_line(f"ran with the images {', '.join(images)}")
