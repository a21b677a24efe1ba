"""What is known of a message that somebody reads."""

from deploy.checker.outside import until
from schemas import topics
from tests.integration.notifications.families import Family, ask, find_place, step_up
from tests.integration.notifications.running import Running

SEEN = "notifications.message_seen.v1"


async def test_a_second_message_that_is_read_in_an_open_session_is_noted_as_read(
    service: Running,
) -> None:
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, await ask(service))
        place = await find_place(service)
        assert (await service.message("accepted"))["state"] == "sent"
        await family.open(place)
        assert family.here == f"{place}/page"  # nobody was asked who they are again
        assert (await service.message("accepted"))["state"] == "delivered"
        await family.open(place)
    assert family.findings == []

    async def each_is_told_once() -> bool:
        return (await service.told(topics.DELIVERIES)).count(SEEN) == 2

    await until(each_is_told_once, "both are told as read")


async def test_a_message_whose_page_nobody_stepped_up_to_is_not_read(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        family = Family(client)
        for page in ("", "/who", "/pin", "/page"):
            await family.open(f"{address}{page}")
    assert (await service.message("consent-needed"))["state"] == "sent"
