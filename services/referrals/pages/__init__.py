"""The coordinator's pages: referrals to answer, accepted ones, the Packet, our places."""

from fastapi import APIRouter

from services.chassis.live import routes as live_routes
from services.chassis.process import Process
from services.chassis.scope import Principal
from services.chassis.signed_in import principal
from services.referrals import scopes
from services.referrals.pages import lists, offers, seats
from services.referrals.pages.desk import desk
from services.referrals.queries import Queries


def routers(process: Process) -> list[APIRouter]:
    """Every page of this service."""
    queries = Queries(process.database, process.engine.vault)
    at, prefix = desk(process, queries), process.prefix

    async def may_watch(person: Principal, ids: frozenset[str]) -> frozenset[str]:
        return await queries.watchable(scopes.of_referrals(person), ids)

    live = live_routes(
        process.live,
        may_watch,
        principal,
        path=f"{prefix}/live",
        real_time=process.clocks.real,
    )
    return [
        process.sign_in_routes(),
        lists.routes(at, prefix=prefix),
        offers.routes(at, prefix=prefix),
        seats.routes(at, prefix=prefix),
        live,
    ]
