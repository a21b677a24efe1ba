"""What somebody stopped at a link: the address that it went to, whoever is said to have that."""

from typing import Any

import pytest

from deploy.checker.outside import until
from schemas.plans import Channel, StudentErased
from services.notifications.composing import Composed, Composer
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import Message
from services.notifications.domain.tokens import Tokens
from tests.integration.notifications.families import Family, ask
from tests.integration.notifications.mailboxes import mails
from tests.integration.notifications.providers import Phone
from tests.integration.notifications.running import Running, running
from tests.integration.notifications.strict_mail import Letterbox
from tests.settings import Made
from tests.unit.notifications.builders import (
    NOON,
    a_consent_asked,
    a_contact_card,
    a_family_changed,
    a_need,
)

WRONG, RIGHT = "+15550100142", "+15550100143"


def a_phone(number: str) -> Any:
    channel = Channel(kind="phone", value=number, may_text=True)
    return a_contact_card(languages=("en",), channels=(channel,))


async def leave(service: Running, address: str, page: str) -> None:
    """Tick the box of a page that ends something, and send it."""
    async with service.browser() as client:
        family = Family(client)
        await family.open(f"{address}{page}")
        await family.send(page, sure="yes")
        assert family.here.endswith("/gone")
        assert family.findings == []


async def number_is_right(service: Running) -> None:
    """The next roster names the right number, and the family's card is heard."""
    await service.tell(a_family_changed(("c1", a_phone(RIGHT))))

    async def is_heard() -> bool:
        row = await service.database.collection("families").find_one({"_id": "s1"})
        return row is not None and max(row["seen"].values()) == 2

    await until(is_heard, "the card is heard")


@pytest.mark.parametrize("corrected", ["before", "after"])
async def test_a_stranger_at_a_wrong_number_stops_that_number_alone(
    made: Made, corrected: str
) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        address = await ask(service, "en")
        if corrected == "before":
            await number_is_right(service)
        await leave(service, address, "/not-me")
        if corrected == "after":
            await number_is_right(service)
        await service.tell(a_need(need_id="n2"), a_consent_asked(need_id="n2", consent_id="k2"))

        async def is_asked() -> bool:
            return len(phone.texts) == 2

        await until(is_asked, "the family is asked at its own number")
    assert [to for to, _ in phone.texts] == [WRONG, RIGHT]


async def test_a_number_that_came_after_the_claim_is_decided_about_anew(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, compose, corrected = Phone(), Composer.composed, list[str]()
    async with running(made(clock_speed=600.0), texts=phone) as service:

        async def corrected_first(
            composer: Composer, box: Mailbox, message: Message
        ) -> Composed | None:
            if not corrected:
                corrected.append(str(message.address))
                await number_is_right(service)
            return await compose(composer, box, message)

        monkeypatch.setattr(Composer, "composed", corrected_first)
        await ask(service, "en")
        sent = await service.message("consent-needed")
    tokens = Tokens(service.settings.pseudonym)
    assert corrected == [tokens.address("d-harbor", WRONG)]
    assert (sent["attempts"], sent["address"]) == (1, tokens.address("d-harbor", RIGHT))
    assert [to for to, _ in phone.texts] == [RIGHT]


async def test_who_shares_a_number_hears_nothing_there_once_one_of_them_stopped_it(
    made: Made, mail: Letterbox
) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        await leave(service, await ask(service, "en"), "/stop")
        both = a_contact_card(languages=("en",), channels=a_contact_card().channels)
        child = {"student_id": "s2"}
        await service.tell(
            a_family_changed(("c2", both), **child),
            a_need(need_id="n2", **child),
            a_consent_asked(need_id="n2", consent_id="k2", contact_id="c2", **child),
        )
        await service.until_sent("consent-needed", "s2")
    assert [to for to, _ in phone.texts] == [WRONG]
    assert len(mails(mail.folder)) == 1


async def test_a_link_that_does_not_know_where_it_went_stops_where_its_contact_is_now(
    service: Running,
) -> None:
    address = await ask(service, "en")
    forgotten = {"$unset": {"messages.$[].address": ""}}  # as it was sent before that was kept
    await service.database.collection("mailboxes").update_one({"_id": "s1"}, forgotten)
    await leave(service, address, "/stop")
    (kept,) = await service.database.collection("stops").find({"addresses": {"$ne": []}})
    tokens = Tokens(service.settings.pseudonym)
    assert kept["addresses"] == [tokens.address("d-harbor", WRONG)]


async def test_whoever_stopped_messages_still_gets_the_code_that_they_ask_for(made: Made) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        address = await ask(service, "en")
        await leave(service, address, "/stop")
        async with service.browser() as client:
            family = Family(client)
            await family.open(f"{address}/who")
            await family.send("/who", month="3", day="14")
            assert "We sent a code to your phone" in family.text
        await service.until_sent("step-up-code")
    assert [to for to, _ in phone.texts] == [WRONG, WRONG]


async def test_no_address_stands_where_stops_are_kept_and_none_is_left_of_an_erased_child(
    service: Running,
) -> None:
    address = await ask(service, "en")
    (kept,) = await service.database.collection("stops").find({})
    assert kept["addresses"] == []  # what is relied on is stored; nothing was stopped
    assert (await service.message("consent-needed"))["address"]
    await leave(service, address, "/stop")
    (kept,) = await service.database.collection("stops").find({})
    (stopped,) = kept["addresses"]
    assert kept["_id"] == f"d-harbor {stopped[:2]}"
    await service.tell(StudentErased(student_id="s1", erased_at=NOON))

    async def is_forgotten() -> bool:
        row = await service.database.collection("mailboxes").find_one({"_id": "s1"})
        return row is not None and bool(row["is_erased"])

    await until(is_forgotten, "the child is forgotten")
    messages = await service.messages()
    assert messages
    assert not [each for each in messages if "address" in each]
    (kept,) = await service.database.collection("stops").find({})
    assert kept["addresses"] == [stopped]  # else the next roster would have us write there again
