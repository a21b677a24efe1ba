"""The referral service put together: `uvicorn services.referrals.main:create --factory`."""

from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.chassis.process import Process, application_of
from services.chassis.settings import Settings, read_or_exit, real_time
from services.chassis.telemetry import Telemetry
from services.referrals import api, pages
from services.referrals.handlers import TABLES
from services.referrals.providers import providers

SERVICE = "referrals"


def process(settings: Settings, telemetry: Telemetry | None = None) -> Process:
    """One process of the service, without its pages; nothing is started yet."""
    return Process(
        settings,
        TABLES,
        Path(__file__).parent,
        providers=lambda database: providers(database, real_time),
        telemetry=telemetry,
    )


def build(settings: Settings, telemetry: Telemetry | None = None) -> FastAPI:
    """The application with its pages; engine and live pages run in its lifespan."""
    made = process(settings, telemetry)
    return application_of(made, "Wraparound referrals", routers(made))


def routers(process: Process) -> list[APIRouter]:
    """Pages and JSON."""
    return [*pages.routers(process), api.routes(process)]


def create() -> FastAPI:
    """The application from the environment."""
    return build(read_or_exit(SERVICE))
