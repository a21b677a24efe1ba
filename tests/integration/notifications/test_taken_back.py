"""What a family hears and reads once a place is no more."""

from deploy.checker.outside import until
from schemas.extract import translated
from services.notifications.wording import PLACE_GONE
from tests.integration.notifications.families import Family, find_place, outbox, step_up
from tests.integration.notifications.running import Running
from tests.unit.notifications.test_taken_back import recalled


async def test_a_family_that_was_told_of_a_place_hears_that_it_is_gone(service: Running) -> None:
    address = await find_place(service, "ht")

    await service.tell(recalled(), recalled())

    async def is_sent() -> bool:
        found = [m for m in await service.messages() if m["template"] == "offer-recalled"]
        sent = {m["recipient"] for m in found if m["state"] == "sent"}
        return sent == {"family", "partner"} and len(found) == 2

    await until(is_sent, "both sides hear of it")
    said = translated("ht")[PLACE_GONE.text].partition("%(staff)s")[0]
    text = said % {"school": "Harbor Elementary", "child": "Lovely"}
    assert text.strip() in await outbox(service)
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        gone = "This place is no longer free"
        assert family.headline == translated("ht")[gone]
    assert family.findings == []
