"""Docker as a person has it at a terminal, for tests."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SERVICES = ("plans", "referrals", "notifications")
LASTING = ("kafka", "mongo", *SERVICES, "gateway")
# The first start of all on two busy cores, images built before.
UP_SECONDS = 600.0
STEP_SECONDS = 300.0


def docker(*arguments: str, seconds: float = STEP_SECONDS) -> str:
    """The standard output of one docker command; an AssertionError tells what it said."""
    program = shutil.which("docker")
    assert program, "there is no docker command"
    done = subprocess.run(  # noqa: S603 - a fixed program
        [program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    said = "\n".join([done.stdout[-4000:], done.stderr[-4000:]])
    assert done.returncode == 0, f"docker {' '.join(arguments)} gave {done.returncode}:\n{said}"
    return done.stdout


def until(holds: Callable[[], bool], *, seconds: float = 240.0, what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.5)


@dataclass(frozen=True)
class Compose:
    """One compose project with settings of its own."""

    settings: Path

    def __call__(self, *arguments: str, seconds: float = STEP_SECONDS) -> str:
        """The standard output of one compose command."""
        return docker("compose", "--env-file", str(self.settings), *arguments, seconds=seconds)

    def up(self) -> None:
        """Start what does not run, until every health check says yes."""
        self("up", "--detach", "--wait", seconds=UP_SECONDS)

    def down(self) -> None:
        """Remove everything, the data too."""
        self("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20")

    def execute(self, service: str, *command: str) -> str:
        """What a command says inside a running container."""
        return self("exec", "-T", service, *command)

    def container(self, service: str) -> dict[str, Any]:
        """All that Docker knows of a service's container, running or ended."""
        identity = self("ps", "--all", "--quiet", service).strip()
        found: list[dict[str, Any]] = json.loads(docker("inspect", identity))
        return found[0]

    def health(self, service: str) -> str:
        """What the last health checks came to: starting, healthy or unhealthy."""
        return str(self.container(service)["State"].get("Health", {}).get("Status", "none"))

    def configuration(self) -> dict[str, Any]:
        """The compose file as Docker reads it."""
        read: dict[str, Any] = json.loads(self("config", "--format", "json"))
        return read


def settings_file(path: Path, settings: Mapping[str, str]) -> Path:
    """Settings as compose reads them."""
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path


def is_stand_in(image: str) -> bool:
    """Whether an image only stands in for the official one of its name."""
    label = docker("image", "inspect", "--format", '{{index .Config.Labels "standin"}}', image)
    return label.strip() == "true"
