import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from deploy.checker.outside import until
from deploy.checker.texts import kept_texts
from deploy.local.ports import free_port
from deploy.local.process import wait_until_ready
from deploy.local.servers import Mail, Mongo
from schemas import topics
from schemas.plans import StudentErased
from services.chassis.kernel import Outage
from services.chassis.telemetry import Telemetry
from services.notifications.composing import Composed, Composer
from services.notifications.delivery import Never, NotNow
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import Message
from services.notifications.domain.sending import MarkSending
from services.notifications.queries import AT_ONCE
from services.notifications.smtp import Smtp
from services.notifications.usecases import Sending
from tests.certificates import certificate
from tests.integration.notifications.families import Family, ask
from tests.integration.notifications.gateways import At
from tests.integration.notifications.mailboxes import mails
from tests.integration.notifications.providers import Phone, Slow, Unreliable
from tests.integration.notifications.queueing import by_mail, queued, state_of, stored_box
from tests.integration.notifications.running import DEADLINE_SECONDS, Running, running
from tests.integration.notifications.strict_mail import PASSWORD, USER, Letterbox, mail_server
from tests.servers import running as running_process
from tests.settings import Made
from tests.unit.notifications.builders import (
    NOON,
    a_consent_asked,
    a_contact_card,
    a_coordinator_changed,
    a_family_changed,
    a_mailbox,
    a_message,
    a_need,
    a_school_changed,
    an_offer_made,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_whoever_is_told_to_end_notes_first_what_is_in_hand(
    made: Made, mail: Letterbox
) -> None:
    slow = Slow(Smtp("127.0.0.1", mail.port))
    async with running(made(), mails=slow) as service:
        await queued(service, by_mail())
        async with asyncio.timeout(DEADLINE_SECONDS):
            await slow.is_asked.wait()
        asyncio.get_running_loop().call_later(0.5, slow.may_send.set)

    async with running(made()) as service:
        assert await state_of(service) == "sent"
    assert len(mails(mail.folder)) == 1


async def test_what_a_provider_took_is_noted_when_the_database_is_back(
    own_mongo: Mongo, made: Made, mail: Letterbox
) -> None:
    settings = made(mongo_url=own_mongo.url, databases=None)
    provider = Unreliable(Smtp("127.0.0.1", mail.port), after=own_mongo.kill)
    async with running(settings, mails=provider) as service:
        await queued(service, by_mail())

        async def is_taken() -> bool:
            return bool(provider.taken)

        await until(is_taken, "the mail went out, and the database was gone")
        async with service.browser() as client:  # whoever asks later than the sender, is told
            assert (await client.get("/notifications/outbox")).status_code == 503
        own_mongo.start()
        await asyncio.to_thread(wait_until_ready, own_mongo, seconds=DEADLINE_SECONDS)
        await service.until_sent("consent-needed")

    assert len(mails(mail.folder)) == 1


async def test_a_claim_that_was_taken_unheard_is_not_left_to_the_sweeper(
    made: Made, mail: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, read = Sending.claim, Composer.composed
    unheard = [Outage(), Outage()]

    async def claim_and_hear_nothing(sending: Sending, asked: MarkSending) -> bool:
        taken = await claim(sending, asked)
        if len(unheard) == 2:
            raise unheard.pop()
        return taken

    async def read_in_vain(composer: Composer, box: Mailbox, message: Message) -> Composed | None:
        if unheard:
            raise unheard.pop()
        return await read(composer, box, message)

    monkeypatch.setattr(Sending, "claim", claim_and_hear_nothing)
    monkeypatch.setattr(Composer, "composed", read_in_vain)
    async with running(made()) as service:
        await queued(service, by_mail())
        await service.until_sent("consent-needed")

    assert not unheard
    assert len(mails(mail.folder)) == 1


async def test_a_text_that_is_refused_for_good_goes_as_a_mail(made: Made, mail: Letterbox) -> None:
    phone = Phone(failures=[Never])
    async with running(made(), texts=phone) as service:
        await queued(service, a_family_changed())
        await service.until_sent("consent-needed")

        async def is_told() -> bool:
            return "notifications.message_failed.v1" in await service.told(topics.DELIVERIES)

        await until(is_told, "the text is told as failed")
    assert phone.texts == []
    assert len(mails(mail.folder)) == 1


async def test_a_provider_that_is_away_is_asked_again_later(made: Made) -> None:
    phone = Phone(failures=[NotNow])
    async with running(made(clock_speed=600.0), texts=phone) as service:
        await queued(service, a_family_changed())
        sent = await service.until_sent("consent-needed")
    assert [to for to, _ in phone.texts] == ["+15550100142"]
    assert sent["attempts"] == 1


async def test_a_mail_server_that_comes_back_gets_the_mail(made: Made, tmp_path: Path) -> None:
    port = free_port()
    settings = made(smtp_port=port, clock_speed=600.0)
    async with running(settings) as service:
        await queued(service, by_mail())

        async def has_failed() -> bool:
            return await state_of(service) == "temporary-failure"

        await until(has_failed, "nobody answers")
        with running_process(Mail(tmp_path / "late", port=port)) as late:
            await service.until_sent("consent-needed")
            assert len(mails(late.folder)) == 1


async def test_the_service_signs_in_to_its_mail_server_over_tls(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with mail_server(tmp_path / "strict", pem, security="starttls") as port:
        login = {"smtp_security": "starttls", "smtp_user": USER, "smtp_password": PASSWORD}
        async with running(made(smtp_port=port, **login)) as service:
            await queued(service, by_mail())
            await service.until_sent("consent-needed")
    assert len(mails(tmp_path / "strict")) == 1


async def test_the_service_hands_texts_to_the_gateway_that_its_settings_name(
    made: Made, sms: At
) -> None:
    settings = made(sms_url=sms.url, sms_token=sms.token)
    async with running(settings) as service:
        await queued(service, a_family_changed())
        sent = await service.until_sent("consent-needed")
    assert [*kept_texts(sms.folder)] == [sent["message_id"]]


async def test_who_ends_lets_go_of_the_gateway(made: Made) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        await queued(service, a_family_changed())
        await service.until_sent("consent-needed")
        assert not phone.is_closed
    assert phone.is_closed


async def test_at_night_nothing_goes_out_until_the_morning(made: Made) -> None:
    phone = Phone()
    settings = made(clock_start=NOON + timedelta(hours=10))
    async with running(settings, texts=phone) as service:
        await queued(service, a_family_changed())

        async def is_held() -> bool:
            return await state_of(service) == "held"

        await until(is_held, "it waits for the morning")
        assert phone.texts == []
        assert (await service.message("consent-needed"))["next_at"].hour == 13  # 08:00 there


async def test_a_fourth_text_of_a_day_waits_across_the_children_of_a_household(made: Made) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        await service.tell(a_school_changed())
        for number in range(1, 5):
            child = {"student_id": f"s{number}"}
            await service.tell(
                a_family_changed(**child),
                a_need(need_id=f"n{number}", **child),
                a_consent_asked(need_id=f"n{number}", consent_id=f"k{number}", **child),
            )

        async def are_settled() -> bool:
            rows = await service.database.collection("mailboxes").find({})
            states = sorted(each["state"] for row in rows for each in row["messages"])
            return states == ["held", "sent", "sent", "sent"]

        await until(are_settled, "three went, one waits")
    assert len(phone.texts) == 3


async def test_what_somebody_stopped_goes_another_way(made: Made, mail: Letterbox) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        address = await ask(service)
        async with service.browser() as client:
            family = Family(client)
            await family.open(f"{address}/stop")
            await family.send("/stop", sure="yes")
        await service.tell(a_consent_asked(consent_id="k2"))

        async def went_by_mail() -> bool:
            return len(mails(mail.folder)) == 1

        await until(went_by_mail, "the next one is a mail")
    assert len(phone.texts) == 1


async def test_outside_the_demo_nobody_signs_by_a_draft_and_nothing_is_kept(
    made: Made, mail: Letterbox
) -> None:
    settings = made(demo=False)
    async with running(settings) as service:
        await queued(service, by_mail("ht"))

        async def is_by_hand() -> bool:
            return await state_of(service) == "suppressed"

        await until(is_by_hand, "staff is to read it out")
        english = a_contact_card(languages=("en",), channels=a_contact_card().channels)
        families = service.database.collection("families")
        before = await families.find_one({"_id": "s1"})
        await service.tell(a_family_changed(("c1", english)))

        async def is_heard() -> bool:  # the two come by different topics
            row = await families.find_one({"_id": "s1"})
            return before is not None and row is not None and row["seen"] != before["seen"]

        await until(is_heard, "the card is heard")
        await service.tell(a_consent_asked(consent_id="k2"))
        await service.until_sent("consent-needed")
        async with service.browser() as client:
            assert (await client.get("/notifications/outbox")).status_code == 404
        assert await service.database.collection("letters").count({}) == 0
    assert [str(each["To"]) for each in mails(mail.folder)] == ["nadege@families.example"]


async def test_an_erased_student_ends_links_and_messages(service: Running) -> None:
    address = await ask(service)
    await service.tell(StudentErased(student_id="s1", erased_at=NOON))

    async def is_revoked() -> bool:
        return await service.database.collection("links").count({"open": False}) == 1

    await until(is_revoked, "the link ended")
    async with service.browser() as client:
        assert (await client.get(address)).status_code == 410
    await service.tell(a_family_changed(), a_consent_asked(consent_id="k2"))
    await service.tell(a_family_changed(student_id="s2"), a_need(student_id="s2"))
    assert len(await service.messages()) == 1
    assert await service.parked() == 0


async def test_sending_stands_in_the_trace_that_the_message_came_from(made: Made) -> None:
    spans = InMemorySpanExporter()
    telemetry = Telemetry("notifications", exporter=spans)
    async with running(made(), telemetry=telemetry) as service:
        await queued(service, a_family_changed())
        await service.until_sent("consent-needed")
    providers = [each for each in spans.get_finished_spans() if each.name == "provider"]
    assert [f"{each.context.trace_id:032x}" for each in providers if each.context] == [TRACE]


async def test_a_text_says_who_what_and_where_and_no_surname(made: Made) -> None:
    phone = Phone()
    async with running(made(), texts=phone) as service:
        await queued(service, a_family_changed())
        await service.until_sent("consent-needed")
    ((_, text),) = phone.texts
    for part in ("Harbor Elementary", "Lovely", "Sam Placeholder", "(555) 010-0111", "/f/"):
        assert part in text
    for secret in ("Sampleau", "Tide Pool", "Homework", "devwa"):
        assert secret not in text


async def test_messages_whose_links_are_not_open_yet_hold_up_no_others(service: Running) -> None:
    early = {"queued_at": NOON - timedelta(hours=1), "next_at": NOON - timedelta(hours=1)}
    closed = a_message(message_id="m1", link_id="l9", **early)
    bare = a_message(message_id="m2", template="place-lost", **early)
    boxes = [a_mailbox(closed, student_id=f"late{number}") for number in range(AT_ONCE)]
    mixed = a_mailbox(closed, bare, student_id="mixed")
    rows = service.database.collection("mailboxes")
    await rows.insert_many([stored_box(each) for each in (*boxes, mixed)])
    await service.tell(a_coordinator_changed(), an_offer_made())
    await service.until_sent("offer")

    async def is_tried() -> bool:
        return bool((await service.message("place-lost", "mixed"))["state"] != "queued")

    await until(is_tried, "what needs no link goes, though another of the same child waits for one")
    states = [(await service.messages(each.student_id))[0]["state"] for each in (*boxes, mixed)]
    assert set(states) == {"queued"}


async def test_a_sender_that_a_bug_broke_off_begins_anew_and_sends(service: Running) -> None:
    boxes = service.database.collection("mailboxes")
    with capture_logs() as lines:
        await boxes.insert_many(
            [{"_id": "s9", "next_at": NOON, "messages": [{"next_at": NOON}]}]  # and no shape
        )

        async def is_broken_off() -> bool:
            return "engine.broke_off" in {each["event"] for each in lines}

        await until(is_broken_off, "a mailbox that nobody can read")
    await boxes.delete_many({"_id": "s9"})
    await queued(service, a_family_changed())
    assert (await service.until_sent("consent-needed"))["channels"][0] == "sms"
