from typing import Annotated, Any

from fastapi import APIRouter, Depends

from services.chassis.accounts import Role
from services.chassis.process import Process
from services.chassis.scope import Principal
from services.chassis.signed_in import require
from services.referrals import scopes
from services.referrals.queries import Line, ListName, Queries

Partner = Annotated[Principal, Depends(require(Role.PARTNER_COORDINATOR))]


def routes(process: Process) -> APIRouter:
    """`…/api/offers?list=to_answer`: the first offers of a list, as JSON, read-only."""
    queries = Queries(process.database, process.engine.vault)
    router = APIRouter(prefix=f"{process.prefix}/api")

    @router.get("/offers", name="list_offers")
    async def offers(person: Partner, list: ListName = "to_answer") -> dict[str, Any]:
        listed = await queries.listed(scopes.of_referrals(person), list)
        return {"total": listed.total, "offers": [_offer(each) for each in listed.lines]}

    return router


def _offer(line: Line) -> dict[str, Any]:
    offer = line.offer
    return {
        "referral_id": line.referral.referral_id,
        "offer_id": offer.offer_id,
        "public_reference": line.referral.public_reference,
        "service_id": offer.service_id,
        "state": offer.state,
        "answer_by": offer.answer_by,
    }
