"""The services with neither metrics nor traces nor a line of log: what telemetry costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from services.chassis.logs import configure
from services.chassis.settings import read
from services.chassis.telemetry import Telemetry
from services.notifications import main as notifications
from services.plans import main as plans
from services.referrals import main as referrals


def silent(app: FastAPI, service: str) -> FastAPI:
    """The application, which says nothing once it runs."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Any]:
        async with inner(running) as state:
            configure(service, quiet=True)
            yield state

    app.router.lifespan_context = lifespan
    return app


def plans_service() -> FastAPI:
    """The plan service."""
    return silent(plans.build(read("plans"), Telemetry.off()), "plans")


def referrals_service() -> FastAPI:
    """The referral service."""
    return silent(referrals.build(read("referrals"), Telemetry.off()), "referrals")


def notifications_service() -> FastAPI:
    """The notification service."""
    return silent(notifications.build(read("notifications"), Telemetry.off()), "notifications")
