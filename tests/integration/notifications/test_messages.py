from datetime import UTC, datetime

from deploy.checker.outside import until
from schemas import topics
from tests.integration.notifications.families import ask, outbox
from tests.integration.notifications.mailboxes import mails, words
from tests.integration.notifications.running import Running
from tests.integration.notifications.strict_mail import Letterbox
from tests.unit.notifications.builders import (
    a_colleague_changed,
    a_consent_asked,
    a_contact_card,
    a_coordinator_changed,
    a_family_changed,
    a_need,
    a_school_changed,
    an_offer_made,
)


async def test_an_event_becomes_one_mail_in_the_readers_language(
    service: Running, mail: Letterbox
) -> None:
    family = a_family_changed(("c1", a_contact_card(channels=a_contact_card().channels[1:])))
    await service.tell(a_school_changed(), a_colleague_changed(), family, a_need())
    await service.tell(a_consent_asked(), times=3)
    await service.tell(a_coordinator_changed(), an_offer_made())

    await service.until_sent("consent-needed")
    await service.until_sent("offer")
    arrived = {str(each["To"]): each for each in mails(mail.folder)}
    assert len(mails(mail.folder)) == 2
    to_family = arrived["nadege@families.example"]
    assert to_family["Content-Language"] == "ht"
    assert f"{service.settings.public_url}/f/" in words(to_family)
    for unsaid in ("Tide Pool", "Sampleau", "Nadège"):
        assert unsaid not in words(to_family) + str(to_family["Subject"])
    assert "R-7KQ2-M4" in str(arrived["robin@tidepool.example"]["Subject"])
    assert await service.parked() == 0


async def test_a_partner_reads_the_day_that_it_is_where_the_school_is(
    service: Running, mail: Letterbox
) -> None:
    at = datetime(2026, 12, 2, 3, tzinfo=UTC)  # the 1st in New York, the 2nd in Guam
    await service.tell(a_school_changed(time_zone="Pacific/Guam"), a_family_changed(), a_need())
    await service.tell(a_coordinator_changed(), an_offer_made(answer_by=at))

    await service.until_sent("offer")
    (to_partner,) = [
        each for each in mails(mail.folder) if str(each["To"]) == "robin@tidepool.example"
    ]
    assert "December 2" in str(to_partner["Subject"])


async def test_what_was_sent_is_told(service: Running) -> None:
    await service.tell(a_school_changed(), a_family_changed(), a_need(), a_consent_asked())
    await service.until_sent("consent-needed")

    async def is_told() -> bool:
        said = await service.told(topics.DELIVERIES)
        return said == ["notifications.message_queued.v1", "notifications.message_sent.v1"]

    await until(is_told, "queued and sent are told")


async def test_a_phone_number_keeps_its_order_in_a_text_that_reads_from_the_right(
    service: Running,
) -> None:
    await ask(service, "ar")
    assert "\u200e(555) 010-0111\u200e" in await outbox(service)
