"""The plan service, put together. Run it with `uvicorn services.plans.main:create --factory`."""

from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from fastapi import FastAPI

from services.chassis.mongo import Database
from services.chassis.process import Process, application_of
from services.chassis.settings import Settings, read_or_exit
from services.chassis.telemetry import Telemetry
from services.chassis.wiring import Provider
from services.plans.handlers import TABLES
from services.plans.pages import routers
from services.plans.repository.providers import providers

SERVICE = "plans"


def process(settings: Settings, telemetry: Telemetry | None = None) -> Process:
    """One process of the service, without its pages; nothing is started yet."""

    def given(database: Database) -> Mapping[type, Provider]:
        return providers(database, settings.ledger, monotonic)

    return Process(settings, TABLES, Path(__file__).parent, providers=given, telemetry=telemetry)


def build(settings: Settings, telemetry: Telemetry | None = None) -> FastAPI:
    """The application with its pages; engine and live pages run in its lifespan."""
    made = process(settings, telemetry)
    return application_of(made, "Wraparound plans", routers(made))


def create() -> FastAPI:
    """The application from the environment."""
    return build(read_or_exit(SERVICE))
