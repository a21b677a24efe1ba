"""What goes on beside a provider that takes its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.checker.outside import until
from services.chassis.mongo import connect
from services.chassis.vault import Vault
from services.notifications import sender
from services.notifications.domain.messages import LANES
from services.notifications.domain.tokens import Tokens
from services.notifications.queries import Queries
from services.notifications.smtp import Smtp
from services.notifications.turns import TOGETHER, Turns
from tests.integration.notifications.families import Family
from tests.integration.notifications.mailboxes import mails
from tests.integration.notifications.providers import Hanging, Phone
from tests.integration.notifications.queueing import by_mail, queued, state_of, stored_box
from tests.integration.notifications.running import Running, running
from tests.integration.notifications.strict_mail import Letterbox
from tests.settings import Made
from tests.unit.notifications.builders import (
    NOON,
    a_consent_asked,
    a_family_changed,
    a_mailbox,
    a_message,
    a_need,
)


@asynccontextmanager
async def hanging(made: Made, mail: Letterbox) -> AsyncIterator[tuple[Any, Phone]]:
    """A service with texts, whose mail server has one request for a signature in hand and hangs."""
    slow, phone = Hanging(Smtp("127.0.0.1", mail.port)), Phone()
    async with running(made(), mails=slow, texts=phone) as service:
        await queued(service, by_mail("en"))

        async def is_in_hand() -> bool:
            return slow.held == 1

        await until(is_in_hand, "the mail server has it")
        yield service, phone
        slow.is_over.set()
        await service.until_sent("consent-needed")


async def asked_to_sign(service: Running, number: int, card: Any) -> None:
    """Ask the family of another child for a signature."""
    child = {"student_id": f"s{number}"}
    need_id = f"n{number}"
    await service.tell(
        card.model_copy(update=child),
        a_need(need_id=need_id, **child),
        a_consent_asked(need_id=need_id, consent_id=f"k{number}", **child),
    )


async def test_mails_that_hang_hold_up_neither_texts_nor_a_code_by_mail(
    made: Made, mail: Letterbox
) -> None:
    async with hanging(made, mail) as (service, phone):
        for number in range(2, TOGETHER + 3):
            await asked_to_sign(service, number, by_mail("en"))
        await asked_to_sign(service, 99, a_family_changed())
        await service.until_sent("consent-needed", "s99")
        assert len(phone.texts) == 1

        link_id = (await service.message("consent-needed"))["link_id"]
        async with service.browser() as client:
            family = Family(client)
            await family.open(f"/f/{Tokens(service.settings.pseudonym).token(link_id)}/who")
            await family.send("/who", month="3", day="14")
        await service.until_sent("step-up-code")
        assert len(mails(mail.folder)) == 1


async def lease_of(service: Running) -> datetime:
    row = await service.database.collection("leases").find_one({"_id": "sender"})
    assert row is not None
    found: datetime = row["expires"]
    return found


async def test_whoever_waits_for_a_mail_server_keeps_its_lease(made: Made, mail: Letterbox) -> None:
    async with hanging(made, mail) as (service, _):
        first = await lease_of(service)

        async def is_renewed() -> bool:
            return await lease_of(service) > first

        await until(is_renewed, "the lease is renewed")


async def test_what_a_slow_mail_server_has_in_hand_is_not_swept_up(
    made: Made, mail: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = timedelta(seconds=3)
    monkeypatch.setattr(sender, "STUCK", stuck)
    monkeypatch.setattr(sender, "SWEEP_EVERY", stuck / 10)
    monkeypatch.setattr(sender, "RENEW_SECONDS", stuck.total_seconds() / 10)
    async with hanging(made, mail) as (service, _):
        before = (await service.message("consent-needed"))["claimed_at"]

        async def is_still_in_hand() -> bool:
            return bool((await service.message("consent-needed"))["claimed_at"] > before + stuck)

        await until(is_still_in_hand, "a sweeper would have had it by now")
        assert await state_of(service) == "sending"
    assert len(mails(mail.folder)) == 1


async def test_what_befalls_one_message_is_told_and_cuts_off_no_other() -> None:
    turns, may_end, done = Turns(), asyncio.Event(), list[str]()

    async def broken() -> None:
        raise ValueError

    async def waiting() -> None:
        await may_end.wait()
        done.append("the other")

    assert turns.begin(a_message(message_id="m1", household=None), broken)
    assert turns.begin(a_message(message_id="m2", household=None), waiting)
    assert not turns.begin(a_message(message_id="m2", household=None), waiting)  # it has its turn

    async def is_told() -> bool:
        try:
            turns.settle()
        except ValueError:
            return True
        return False

    await until(is_told, "what befell the first is told")
    asyncio.get_running_loop().call_soon(may_end.set)
    await turns.finish()
    assert done == ["the other"]


async def test_a_household_has_one_text_in_hand_and_any_number_that_it_waits_for() -> None:
    turns = Turns()

    async def nothing() -> None:
        return

    def text(name: str, **more: Any) -> bool:
        return turns.begin(a_message(message_id=name, **more), nothing)

    assert text("first")
    assert not text("second")
    assert text("of another house", household="h2")
    assert text("a code", template="step-up-code")
    assert text("by mail", channels=("email",))

    async def is_next() -> bool:
        turns.settle()
        return text("second")

    await until(is_next, "the first was sent")
    await turns.finish()


async def test_each_message_is_due_in_its_own_lane_alone(made: Made) -> None:
    settings = made()
    database = connect(settings.mongo_url.get_secret_value(), settings.own_database)
    messages = [
        a_message(message_id="text", template="place-lost"),
        a_message(message_id="mail", template="place-lost", channels=("email",)),
        a_message(message_id="urgent text", template="place-lost", is_urgent=True),
        a_message(message_id="urgent mail", is_urgent=True, channels=("email",)),
        a_message(message_id="code", template="step-up-code", is_urgent=True),
        a_message(message_id="copy", template="consent-signed", channels=("email", "sms")),
        a_message(message_id="later", next_at=NOON + timedelta(seconds=1)),
    ]
    boxes = [a_mailbox(each, student_id=each.message_id) for each in messages]
    try:
        await database.collection("mailboxes").insert_many([stored_box(each) for each in boxes])
        queries = Queries(database, Vault(database, settings.keks, lambda: 0.0))
        found = {
            lane: {each.message_id for _, each in await queries.due(NOON, [lane])} for lane in LANES
        }
        all_of_them = [each.message_id for _, each in await queries.due(NOON, LANES)]
    finally:
        await database.close()

    assert found == {
        lane: {each.message_id for each in messages[:-1] if each.lane == lane} for lane in LANES
    }
    assert [len(found[lane]) for lane in LANES] == [2, 2, 1, 1]
    assert sorted(all_of_them) == sorted(each.message_id for each in messages[:-1])
