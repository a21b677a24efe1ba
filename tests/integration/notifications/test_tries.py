"""Guesses at a link, sent by somebody who chooses what stands in a form's hidden field."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import pytest

from services.notifications.domain.links import TRIES
from tests.integration.notifications.families import Family, ask, demo_answer, step_up
from tests.integration.notifications.running import Running

SAME: Final = {"key": "00000000-0000-4000-8000-000000000007"}


def guesses(page: str) -> Iterator[dict[str, str]]:
    """Wrong answers, each another one; right are 14 March, 8264 and hardly so low a code."""
    for number in range(1, TRIES + 1):
        yield {"/who": {"month": "1", "day": str(number)}}.get(
            page, {page.removeprefix("/"): f"00000{number}"[-6:]}
        )


async def the_link(service: Running) -> dict[str, Any]:
    return (await service.database.collection("links").find({}))[0]


async def at(service: Running, family: Family, page: str) -> str:
    """Bring somebody to a page of a new link; gives the link's address."""
    address = await ask(service, "en")
    if page == "/pin":
        async with service.browser() as another:
            await step_up(Family(another), address)
    await family.open(f"{address}{'/who' if page == '/code' else page}")
    if page == "/code":
        await family.send("/who", month="3", day="14")
    assert family.here == f"{address}{page}"
    return address


@pytest.mark.parametrize("page", ["/who", "/code", "/pin"])
async def test_five_guesses_end_a_link_whatever_key_they_are_sent_with(
    service: Running, page: str
) -> None:
    async with service.browser() as client:
        family = Family(client)
        await at(service, family, page)
        told = [(await family.send(page, **SAME, **guess)).status_code for guess in guesses(page)]
    assert told == [422] * (TRIES - 1) + [410]
    assert (await the_link(service))["locked_at"] is not None


@pytest.mark.parametrize(
    ("page", "onward"), [("/who", "/code"), ("/code", "/new-pin"), ("/pin", "/page")]
)
async def test_whoever_goes_back_and_corrects_a_wrong_answer_gets_on(
    service: Running, page: str, onward: str
) -> None:
    async with service.browser() as client:
        family = Family(client)
        address = await at(service, family, page)
        right = {"/who": {"month": "3", "day": "14"}, "/pin": {"pin": "8264"}}.get(page) or {
            "code": demo_answer(family)
        }
        await family.send(page, **SAME, **next(guesses(page)))
        assert family.seen[-1][1] == 422
        await family.send(page, **SAME, **right)
    assert family.here == f"{address}{onward}"
    assert family.findings == []


@pytest.mark.parametrize("page", ["/who", "/code", "/pin"])
async def test_a_wrong_answer_that_is_sent_twice_is_one_try(service: Running, page: str) -> None:
    async with service.browser() as client:
        family = Family(client)
        await at(service, family, page)
        form = next(each for each in family.forms() if each["action"].endswith(page))
        guess = form | next(guesses(page))
        presses = [client.post(form["action"], data=guess) for _ in range(2)]
        assert {each.status_code for each in await asyncio.gather(*presses)} == {422}
        assert (await client.post(form["action"], data=guess)).status_code == 422
    assert (await the_link(service))["wrong"] == 1
