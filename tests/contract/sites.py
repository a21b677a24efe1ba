"""The three applications as they are served, and who each of their addresses is for."""

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from fastapi import FastAPI

from services.chassis.settings import Settings
from services.chassis.signed_in import principal
from services.chassis.telemetry import Telemetry
from services.notifications import main as notifications
from services.notifications.pages.visits import Visits
from services.plans import main as plans
from services.referrals import main as referrals
from tests.settings import settings_of

ANYBODY: Final = "anybody"
NOWHERE: Final = "mongodb://127.0.0.1:9/?replicaSet=rs0"
BUILDS: Final[dict[str, Callable[[Settings, Telemetry], FastAPI]]] = {
    "plans": plans.build,
    "referrals": referrals.build,
    "notifications": notifications.build,
}
GUARDS: Final[dict[Any, str]] = {
    principal: "signed in",
    Visits.here: "link",
    Visits.inside: "stepped up",
    Visits.at_place: "stepped up",
}


@cache
def site(service: str) -> FastAPI:
    """An application that nothing is behind: its addresses can be looked at."""
    settings = settings_of(service, kafka_servers="nowhere:9", mongo_url=NOWHERE, unique="its")
    return BUILDS[service](settings, Telemetry.off())


def routes_of(app: FastAPI) -> Iterator[Any]:
    """Every route of an application."""
    for route in app.routes:
        yield from _flat(route)


def _flat(route: Any) -> Iterator[Any]:
    if not hasattr(route, "effective_candidates"):  # an included router has them
        yield route
        return
    for each in route.effective_candidates():
        yield from _flat(each)


def addresses(app: FastAPI) -> dict[str, str]:
    """Method and path of each route, with who may come there."""
    return {
        f"{method} {route.path}": who(route)
        for route in routes_of(app)
        for method in getattr(route, "methods", None) or ()
    }


def who(route: Any) -> str:
    """Whom the dependencies of a route let pass: roles, or the weakest of the other guards."""
    calls = [each.call for each in _dependencies(route.dependant)]
    for call in calls:
        if roles := inspect.getclosurevars(call).nonlocals.get("roles"):
            return " ".join(sorted(roles))
    found = [GUARDS.get(getattr(call, "__func__", call)) for call in calls]
    return next((each for each in found if each), ANYBODY)


def _dependencies(dependant: Any) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each
        yield from _dependencies(each)
