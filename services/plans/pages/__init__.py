"""Pages of case managers, supervisors and the privacy officer, and the start page."""

from fastapi import APIRouter

from services.chassis.live import routes as live_routes
from services.chassis.process import Process
from services.chassis.scope import Principal
from services.chassis.signed_in import require
from services.plans.pages import ledger, needs, partner_answer, standing, start, students, today
from services.plans.pages.desk import desk
from services.plans.scopes import READERS, scope_of


def routers(process: Process) -> list[APIRouter]:
    """Every page of this service."""
    at = desk(process)

    async def may_watch(person: Principal, ids: frozenset[str]) -> frozenset[str]:
        return await at.records.watchable(scope_of(person), ids)

    live = live_routes(
        process.live,
        may_watch,
        require(*READERS),
        path="/plans/live",
        real_time=process.clocks.real,
    )
    return [
        process.sign_in_routes(),
        start.routes(at),
        today.routes(at),
        students.routes(at),
        needs.routes(at),
        partner_answer.routes(at),
        ledger.routes(at),
        standing.routes(at),
        live,
    ]
