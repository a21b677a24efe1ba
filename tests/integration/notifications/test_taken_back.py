"""What a family hears and reads once a place, or what it was asked, is no more."""

from deploy.checker.outside import until
from schemas.extract import translated
from schemas.plans import NeedWithdrawn
from services.notifications.wording import PLACE_GONE
from tests.integration.notifications.families import Family, ask, find_place, outbox, step_up
from tests.integration.notifications.running import Running
from tests.unit.notifications.builders import NOON
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


async def test_at_the_link_for_a_need_that_was_withdrawn_nothing_can_be_signed(
    service: Running,
) -> None:
    address = await ask(service, "en")
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        form = next(each for each in family.forms() if each["action"].endswith("/consent"))

        await service.tell(
            NeedWithdrawn(need_id="n1", student_id="s1", code="staff-decision", withdrawn_at=NOON)
        )

        async def is_over() -> bool:
            box = await service.database.collection("mailboxes").find_one({"_id": "s1"})
            return bool(box and box["needs"][0].get("is_over"))

        await until(is_over, "the need has ended")
        given = form | {"answer": "agree", "signed": "Nadège Sampleau"}
        assert (await client.post(form["action"], data=given)).status_code == 410
        await family.open(f"{address}/page")
        assert family.seen[-1][1] == 410
    assert family.findings == []
