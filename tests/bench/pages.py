"""How long pages take in a district of a size with a year of needs behind it.

Each is asked for over HTTP on a connection that stays open, one at a time, and read to its end, so
that a figure holds the whole answer of the service and almost nothing beside.
Budget: the work list with 26,000 students and 200,000 needs, p95 100 ms.
"""

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from pymongo import MongoClient

from deploy.local import parts
from deploy.local.parts import Service
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.supervisor import Supervisor
from deploy.simulator.sizes import Size
from deploy.simulator.state.fill import Written, fill
from deploy.simulator.world import clock_settings, settings_of
from services.chassis.accounts import Role
from services.chassis.settings import real_time
from tests.bench.figures import Budget, Figure, figure
from tests.bench.plan import Plan
from tests.bench.stage import Servers, create_topics, drop, environment, say
from tests.bench.writers import Unwelcome, signed_in

WORK_LIST_MUST: Final = Budget(limit=100.0)
MILLISECONDS: Final = 1_000
SEED: Final = 7
WARM_UP: Final = 20
PEOPLE: Final = 25  # who look, of each role
PAGES: Final[Mapping[str, Budget | None]] = {
    "work list of a case manager": WORK_LIST_MUST,
    "work list of the whole district": WORK_LIST_MUST,
    "students of a case manager": None,
    "page of a student": None,
    "offers of a partner to answer": None,
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """Somebody who is signed in, and what they look at."""

    port: int
    path: str
    cookie: str


def figures(size: Size, name: str, on: Servers, folder: Path, *, plan: Plan) -> Iterator[Figure]:
    """The pages of a district of a size."""
    ports = {row.name: free_port() for row in parts.SERVICES}
    settings = environment(on, folder, "pages.", ports["plans"])
    try:
        written = fill(size, settings_of(settings), today=real_time(), seed=SEED, say=told)
        yield figure(f"state {name}", "needs written", "needs", [written.needs])
        yield figure(
            f"state {name}", "documents", "documents/s", [written.documents / written.seconds]
        )
        yield figure(f"state {name}", "to write it", "s", [written.seconds])
        with standing(on, folder, settings, ports, written):
            yield from _looked_at(name, on.mongo.url, ports, plan)
    finally:
        drop(on.mongo.url)


@contextmanager
def standing(
    on: Servers, folder: Path, settings: Mapping[str, str], ports: Mapping[str, int], at: Written
) -> Iterator[None]:
    """The services run, at the time at which the state was written."""
    create_topics(on, "pages.")
    clock = clock_settings(at.now, real_time(), 1.0)
    services = [
        Service(
            row,
            port=ports[row.name],
            log=folder / "pages" / f"{row.name}.log",
            environment={**settings, **clock},
        )
        for row in parts.SERVICES
    ]
    with Supervisor(say=say) as supervisor:
        supervisor.start(services)
        yield


def _looked_at(name: str, mongo_url: str, ports: Mapping[str, int], plan: Plan) -> Iterator[Figure]:
    for what, looks in looks_at(mongo_url, ports).items():
        for each in looks[:WARM_UP]:
            seconds(each)
        runs = [
            [seconds(looks[n % len(looks)]) * MILLISECONDS for n in range(plan.page_visits)]
            for _ in range(plan.repetitions)
        ]
        for percent, must in ((50, None), (95, PAGES[what])):
            found = [quantiles(run, n=100)[percent - 1] for run in runs]
            yield figure(f"pages {name}", f"{what}, p{percent}", "ms", found, must)


def looks_at(mongo_url: str, ports: Mapping[str, int]) -> dict[str, list[Look]]:
    """Who looks at what: those who have most to look at."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        busy = _busiest(client, "plans", "needs", "$case_manager_id", {"open": True})
        asked = _busiest(
            client, "referrals", "referrals", "$to_answer", {"to_answer.0": {"$exists": True}}
        )
        accounts = client["platform"]["accounts"]
        supervisors = [row["_id"] for row in accounts.find({"role": Role.SUPERVISOR.value})]
        coordinators = [
            row["_id"] for row in accounts.find({"organization_id": {"$in": asked}}, {"_id": 1})
        ]
        students = {
            each: [
                row["_id"] for row in client["plans"]["students"].find({"case_manager_id": each})
            ]
            for each in busy
        }
    plans, referrals = ports["plans"], ports["referrals"]
    managers = {each: signed_in(plans, each) for each in busy}
    everywhere = [signed_in(plans, each) for each in supervisors[:PEOPLE]]
    partners = [signed_in(plans, each) for each in coordinators[:PEOPLE]]
    return {
        "work list of a case manager": [
            Look(port=plans, path="/plans/", cookie=each) for each in managers.values()
        ],
        "work list of the whole district": [
            Look(port=plans, path="/plans/", cookie=each) for each in everywhere
        ],
        "students of a case manager": [
            Look(port=plans, path="/plans/students", cookie=each) for each in managers.values()
        ],
        "page of a student": [
            Look(port=plans, path=f"/plans/students/{student}", cookie=cookie)
            for manager, cookie in managers.items()
            for student in students[manager][:10]
        ],
        "offers of a partner to answer": [
            Look(port=referrals, path="/referrals/", cookie=each) for each in partners
        ],
    }


def _busiest(
    client: MongoClient[dict[str, Any]], database: str, name: str, by: str, which: dict[str, Any]
) -> list[str]:
    """Those of whom there is most, first."""
    found = client[database][name].aggregate(
        [
            {"$match": which},
            {"$unwind": by},
            {"$group": {"_id": by, "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": PEOPLE},
        ]
    )
    return [row["_id"] for row in found if row["_id"]]


_connections: dict[int, http.client.HTTPConnection] = {}


def seconds(look: Look) -> float:
    """How long one page takes, from the request to the last byte of its answer."""
    connection = _connections.setdefault(look.port, http.client.HTTPConnection(LOOPBACK, look.port))
    began = time.perf_counter()
    connection.request("GET", look.path, headers={"Cookie": look.cookie, "Accept": "text/html"})
    answer = connection.getresponse()
    answer.read()
    taken = time.perf_counter() - began
    if answer.status != http.client.OK:
        raise Unwelcome(f"{look.path}: {answer.status}")
    return taken


def told(line: str) -> None:
    """Progress of the writing."""
    say("state", line, 0)
