"""Where the processor's time of each service goes in a flood, room by room.

A sample belongs to the room of the innermost frame that has one. The stacks of each service are
kept in `var/bench`, in the form that flame graphs are drawn from.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.bench.figures import Figure, figure
from tests.bench.flow import Run
from tests.bench.plan import Plan
from tests.bench.sampled import SAID
from tests.bench.stage import Scene, Servers, Variant, stage

SAMPLED: Final = Variant("sampled", "tests.bench.sampled")
ROOMS: Final = {  # the first that fits a frame's file
    "database driver": r"/(pymongo|motor|bson|gridfs)/",
    "Kafka client": r"/(aiokafka|faststream|fast_depends)/",
    "telemetry": r"/(opentelemetry|prometheus_client|structlog)/|chassis/(telemetry|logs)\.py",
    "seals and keys": r"chassis/(seals|vault)\.py|/cryptography/",
    "HTTP and pages": r"/(uvicorn/protocols|starlette|fastapi|python_multipart|jinja2)/"
    r"|chassis/(web|faults|edge|rendering|signed_in|sessions|probes|live)\.py|services/\w+/pages/",
    "decisions": r"services/\w+/domain/|chassis/(days|deciding)\.py",
    "states read and written": r"services/\w+/(repository|queries)|chassis/(working|kinds)\.py",
    "events read and written": r"/schemas/|/pydantic|chassis/messages\.py",
    "door, relay, consumer": r"/services/",
}
REST: Final = "event loop and the rest"
Samples = Sequence[tuple[Sequence[str], int]]  # stacks, outermost frame first, and how often


async def measure(plan: Plan, on: Servers, folder: Path, keep_in: Path) -> list[Figure]:
    """A warm-up and a flood under the sampler; its cost is not the flow's, its shares are."""
    place = folder / "profile"
    async with stage(SAMPLED, on, place, Scene.town(plan.families)) as made:
        run = Run(made)
        await run.warm_up(plan.students)
        await run.flood(plan.needs)
        logs = {row.name: place / SAMPLED.name / f"{row.name}.log" for row in SAMPLED.rows}
    found: list[Figure] = []
    for service, log in logs.items():
        samples = said_in(log.read_text(encoding="utf-8"))
        (keep_in / f"{service}.stacks").write_text("\n".join(folded(samples)), encoding="utf-8")
        found += shares(service, samples)
    return found


def said_in(log: str) -> Samples:
    """The samples that a service told in its log."""
    line = next(each for each in log.splitlines() if each.startswith(SAID))
    return [(stack, times) for stack, times in json.loads(line.removeprefix(SAID))]


def shares(service: str, samples: Samples) -> Iterator[Figure]:
    """The share of each room, the largest first."""
    rooms: Counter[str] = Counter()
    for stack, times in samples:
        rooms[room_of(stack)] += times
    for room, times in rooms.most_common():
        yield figure(f"profile of {service}", room, "%", [100 * times / rooms.total()])


def room_of(stack: Sequence[str]) -> str:
    """The room of a stack."""
    for frame in reversed(stack):
        for room, pattern in ROOMS.items():
            if re.search(pattern, frame):
                return room
    return REST


def folded(samples: Samples) -> Iterator[str]:
    """Lines of `frame;frame;frame times`, with files as they are called in a repository."""
    for stack, times in samples:
        yield ";".join(_short(frame) for frame in stack) + f" {times}"


def _short(frame: str) -> str:
    return re.sub(r"^.*/(site-packages|python3\.\d+)/", "", frame)
