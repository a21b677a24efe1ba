import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.checker.outside import until
from schemas import topics
from schemas.envelope import seal_of
from schemas.extract import translated
from schemas.plans import SignedFacts
from tests.integration.notifications.families import (
    Family,
    answered,
    ask,
    find_place,
    link_in_outbox,
    step_up,
)
from tests.integration.notifications.running import Running
from tests.unit.notifications.builders import (
    NOON,
    a_consent_asked,
    a_consent_given,
    a_contact_card,
    a_family_changed,
    a_need,
    some_terms,
)

LOCALES = ("en", "es", "pt", "ht", "kea", "ar")
MAY_WE = "May we talk to these partners?"


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_family_reads_and_signs_in_its_language(service: Running, locale: str) -> None:
    address = await ask(service, locale)
    async with service.browser() as client:
        family = Family(client)
        await family.open(address)
        assert "Lovely" not in family.text
        await step_up(family, address)
        assert family.headline == translated(locale).get(MAY_WE, MAY_WE)
        assert "Lovely" in family.text
        assert "Tide Pool" in family.text
        html = family.page().all("html")[0].attributes
        assert (html["lang"], html["dir"]) == (locale, "rtl" if locale == "ar" else "ltr")
        await family.send("/consent", answer="agree", signed="Nadège Sampleau")
        await answered(service, "consent")
        assert translated(locale).get("Thank you", "Thank you") == family.headline
        await family.send("/revoke")
        await answered(service, "revocation")
    assert family.findings == []
    assert {status for _, status in family.seen} == {200}


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_family_sees_its_place_and_asks_for_another_time(
    service: Running, locale: str
) -> None:
    address = await find_place(service, locale)
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        assert "12 Quay Street" in family.text
        calendar = await client.get(f"{address}/calendar.ics")
        assert "SUMMARY:Homework Club" in calendar.text
        assert "DTSTART:20261130T200000Z" in calendar.text
        await family.send("/answer", answer="other")
        await family.send("/other-time", day1="2", part1="evening")
        await answered(service, "other-time")
        assert family.here.endswith("/page")
    assert family.findings == []


async def test_a_form_that_lacks_something_says_what_and_keeps_the_rest(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}/who")
        await family.send("/who", month="3", day="99")
        assert family.seen[-1][1] == 422
        assert 'value="99"' in family.html
        await step_up(family, address)
        await family.send("/consent", answer="agree", signed="  ")
        assert family.seen[-1][1] == 422
    assert family.findings == []
    link: dict[str, Any] = (await service.database.collection("links").find({}))[0]
    assert link["wrong"] == 0
    assert link["answer"] is None


async def test_what_was_signed_names_those_alone_that_were_agreed_to(service: Running) -> None:
    address = await ask(service, "en")
    agreed = some_terms(parties=some_terms().parties[1:])
    signed = SignedFacts(
        terms=agreed, typed_name="Nadège Sampleau", locale="en", step_up="code", left_out=("o1",)
    )
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        assert "Tide Pool" in family.text
        given = {"answer": "agree", "signed": "Nadège Sampleau", "organization_ids": "o2"}
        await family.send("/consent", **given)
        assert family.headline == "Thank you"
        assert "Tide Pool" not in family.text
        await service.tell(a_consent_given(sealed=seal_of("s1", signed)))
        await service.until_sent("consent-signed")
        await family.open(f"{await link_in_outbox(service)}/page")
        assert "Lantern House" in family.text
        assert "Tide Pool" not in family.text
    assert family.findings == []


async def test_later_the_pin_alone_opens_the_page(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        await step_up(Family(client), address)
    async with service.browser() as client:
        family = Family(client)
        await family.open(address)
        assert any(href.endswith("/pin") for href in family.links())
        await family.open(f"{address}/pin")
        await family.send("/pin", pin="0000")
        assert family.seen[-1][1] == 422
        await family.send("/pin", pin="8264")
        assert family.here.endswith("/page")
    assert family.findings == []


async def test_five_wrong_answers_end_the_link_and_say_whom_to_call(
    service: Running,
) -> None:
    address = await ask(service, "en")
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}/who")
        for _ in range(4):
            await family.send("/who", month="1", day="2")
            assert family.seen[-1][1] == 422
        await family.send("/who", month="1", day="2")
        assert family.seen[-1][1] == 410
        assert "Please call the school." in family.text
        await family.open(f"{address}/who")
        assert family.seen[-1][1] == 410
    assert family.findings == []


async def test_a_link_that_is_wrong_gives_one_plain_page_with_one_button(service: Running) -> None:
    async with service.browser() as client:
        family = Family(client)
        await family.open("/f/AAAAAAAAAAAAAAAAAAAAAA")
        assert family.seen[-1][1] == 404
        assert [a for a in family.links() if a.endswith("/again")]
        await family.open("/f/AAAAAAAAAAAAAAAAAAAAAA/page")
        assert family.seen[-1][1] == 404
        await family.open("/f/AAAAAAAAAAAAAAAAAAAAAA/again")
        await family.send("/again", sure="yes")
        assert family.seen[-1][1] == 200
    assert family.findings == []


async def test_nothing_behind_a_link_is_shown_without_step_up(service: Running) -> None:
    address = await find_place(service)
    async with service.browser() as client:
        family = Family(client)
        for page in ("/page", "/other-time", "/calendar.ics", "/new-pin"):
            response = await family.open(f"{address}{page}")
            assert "Tide Pool" not in response.text
            assert "Lovely" not in response.text
            assert family.here == address
        key = {"key": "00000000-0000-4000-8000-000000000001", "answer": "yes"}
        await client.post(f"{address}/answer", data=key)
        links = await service.database.collection("links").find({"answer": {"$ne": None}})
        assert links == []


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(ask, id="to a permission"),
        pytest.param(find_place, id="to a place"),
    ],
)
async def test_a_scanner_that_posts_every_form_changes_nothing(
    service: Running, link: Callable[[Running], Awaitable[str]]
) -> None:
    address = await link(service)

    async def all_is_over() -> bool:
        boxes = await service.database.collection("mailboxes").find({})
        states = {message["state"] for box in boxes for message in box["messages"]}
        waiting = await service.database.collection("outbox").count({})
        return not waiting and not states & {"queued", "sending"}

    await until(all_is_over, "nothing waits to be sent or told")
    before = await snapshot(service)
    async with service.browser() as client:
        scanner, todo, done = Family(client), [address], set[str]()
        while todo:
            page = todo.pop()
            if page in done or not page.startswith(address):
                continue
            done.add(page)
            await scanner.open(page)
            assert scanner.page().all("script") == []  # there is nothing that one could run
            todo += [href.split("?")[0] for href in scanner.links()]
            for form in scanner.forms():
                await client.post(form["action"], data=form)
            todo += [form["action"] for form in scanner.forms()]
    assert {f"{address}/who", f"{address}/not-me", f"{address}/stop"} <= done
    assert await snapshot(service) == before


async def snapshot(service: Running) -> list[Any]:
    names = ("mailboxes", "links", "choices", "stops", "outbox")
    found = [await service.database.collection(name).find({}) for name in names]
    return [{k: v for k, v in row.items() if k != "version"} for rows in found for row in rows]


async def test_stop_ends_messages_on_that_way_and_says_so_once(service: Running) -> None:
    address = await ask(service, "en")
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}/stop")
        await family.send("/stop", sure="yes")
        assert family.here.endswith("/gone")
        assert family.findings == []
    (stops,) = await service.database.collection("stops").find({"addresses": {"$ne": []}})
    assert stops["addresses"] == [(await service.message("consent-needed"))["address"]]


async def test_having_stepped_up_opens_no_other_persons_link(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        other = {"student_id": "s2"}
        card = a_contact_card(household="h2", languages=("en",))
        await service.tell(
            a_family_changed(("c2", card), **other),
            a_need(need_id="n2", **other),
            a_consent_asked(need_id="n2", consent_id="k2", contact_id="c2", **other),
        )
        await service.until_sent("consent-needed", "s2")
        theirs = await link_in_outbox(service)
        assert theirs != address
        await family.open(f"{theirs}/page")
        assert family.here == theirs
        assert "Lovely" not in family.text


async def test_a_double_press_signs_once(service: Running) -> None:
    address = await ask(service)
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, address)
        form = next(each for each in family.forms() if each["action"].endswith("/consent"))
        given = form | {"answer": "agree", "signed": "Nadège Sampleau"}
        presses = [client.post(form["action"], data=given) for _ in range(3)]
        assert {each.status_code for each in await asyncio.gather(*presses)} == {303}

    async def is_told() -> bool:
        said = await service.told(topics.ANSWERS)
        return said == ["notifications.family_answered.v1"]

    await until(is_told, "one answer is told")


async def test_a_link_that_is_too_old_sends_a_new_one_to_whoever_ticks_the_box(
    service: Running,
) -> None:
    address = await ask(service)
    links = service.database.collection("links")
    await links.update_many({}, {"$set": {"valid_until": NOON}})
    async with service.browser() as client:
        family = Family(client)
        await family.open(address)
        assert family.seen[-1][1] == 410
        await family.open(f"{address}/again")
        await family.send("/again")
        assert family.seen[-1][1] == 422
        assert len(await service.messages()) == 1
        await family.open(f"{address}/again")
        await family.send("/again", sure="yes")

        async def is_new() -> bool:
            return (await link_in_outbox(service)) != address

        await until(is_new, "a new link is sent")
        await family.open(await link_in_outbox(service))
        assert family.seen[-1][1] == 200
    assert family.findings == []


@pytest.mark.parametrize("barred", [True, False], ids=["barred", "named no more"])
async def test_a_contact_whom_custody_bars_finds_every_page_ended(
    service: Running,
    barred: bool,  # noqa: FBT001
) -> None:
    consent = await ask(service, "en")
    place = await find_place(service, "en")
    others = ("c2", a_contact_card(household="h2"))
    him = ("c1", a_contact_card(languages=("en",), barred=True))
    async with service.browser() as client:
        family = Family(client)
        await step_up(family, consent)
        assert "Tide Pool" in family.text
        await service.tell(a_family_changed(*((him,) if barred else ()), others))

        async def is_heard() -> bool:
            row = await service.database.collection("families").find_one({"_id": "s1"})
            return row is not None and row["contacts"][-1]["person"] == "c2"

        await until(is_heard, "the card is heard")
        for page in ("", "/page", "/who", "/code", "/pin", "/new-pin", "/not-me", "/stop"):
            assert (await family.open(f"{consent}{page}")).status_code == 410
            assert "Lovely" not in family.text
        for page in ("/page", "/calendar.ics", "/other-time"):
            assert (await family.open(f"{place}{page}")).status_code == 410
            assert "Tide Pool" not in family.text
        key = {"key": "00000000-0000-4000-8000-000000000001", "answer": "yes", "sure": "yes"}
        for act in (f"{consent}/revoke", f"{consent}/stop", f"{place}/answer"):
            assert (await client.post(act, data=key)).status_code == 410
        await client.post(f"{consent}/again", data=key)
    assert family.findings == []
    assert await service.database.collection("links").count({"answer": {"$ne": None}}) == 0

    async def partner_is_told() -> bool:
        return "p1" in {each["recipient_id"] for each in await service.messages()}

    await until(partner_is_told, "the partner is told of the place")
    assert {each["recipient_id"] for each in await service.messages()} == {"c1", "p1"}
    assert not [each for each in await service.messages() if each["state"] == "suppressed"]
