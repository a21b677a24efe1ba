"""A sender that dies between a provider's yes and the note of it, and the one that follows."""

from collections.abc import Callable
from datetime import timedelta

from deploy.checker.outside import until
from deploy.checker.texts import kept_texts
from schemas import topics
from services.chassis.settings import real_time
from services.notifications.domain.sending import STUCK
from services.notifications.http_texts import HttpTexts
from services.notifications.smtp import Smtp
from tests.integration.notifications.gateways import At
from tests.integration.notifications.mailboxes import mails
from tests.integration.notifications.providers import Died, DyingTexts, Unreliable
from tests.integration.notifications.queueing import by_mail, queued, state_of
from tests.integration.notifications.running import Running, running
from tests.integration.notifications.strict_mail import Letterbox
from tests.settings import Made
from tests.unit.notifications.builders import a_family_changed


def die() -> None:
    raise Died


async def left_in_hand(service: Running, went_out: Callable[[], bool]) -> None:
    """Wait until one went out and nobody noted it; then two minutes are over."""

    async def is_in_hand() -> bool:
        return went_out() and await state_of(service) == "sending"

    await until(is_in_hand, "it went out and nobody noted it")
    long_ago = real_time() - STUCK - timedelta(seconds=1)
    change = {"claimed_at": long_ago, "messages.$[].claimed_at": long_ago}
    box = service.database.collection("mailboxes")
    await box.update_one({"_id": "s1"}, {"$set": change})


async def test_a_crash_between_sending_and_noting_it_sends_one_double_at_most(
    made: Made, mail: Letterbox
) -> None:
    dying = Unreliable(Smtp("127.0.0.1", mail.port), after=die)
    async with running(made(), mails=dying) as service:
        await queued(service, by_mail())
        await left_in_hand(service, lambda: bool(dying.taken))

    async with running(made()) as service:
        sent = await service.until_sent("consent-needed")

        async def is_told() -> bool:
            said = await service.told(topics.DELIVERIES)
            return said.count("notifications.message_sent.v1") == 1

        await until(is_told, "it is told as sent, once")
    arrived = mails(mail.folder)
    assert len(arrived) == 2
    assert len({str(each["Message-ID"]) for each in arrived}) == 1
    assert sent["attempts"] == 1


async def test_a_crash_between_handing_over_a_text_and_noting_it_doubles_none(
    made: Made, sms: At
) -> None:
    settings = made(sms_url=sms.url, sms_token=sms.token)
    dying = DyingTexts(HttpTexts(sms.url, settings.sms_token))
    async with running(settings, texts=dying) as service:
        await queued(service, a_family_changed())
        await left_in_hand(service, lambda: bool(dying.taken))

    again = DyingTexts(HttpTexts(sms.url, settings.sms_token), dies=False)
    async with running(settings, texts=again) as service:
        sent = await service.until_sent("consent-needed")
    assert again.taken == dying.taken == [sent["message_id"]]  # handed over twice
    assert [*kept_texts(sms.folder)] == [sent["message_id"]]
