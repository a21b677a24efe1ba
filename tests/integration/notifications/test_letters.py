"""The demo's page of every mail and text, where there are more than one page shows."""

import re
from datetime import timedelta

from services.chassis.vault import Vault
from services.notifications.pages.outbox import AT_ONCE
from services.notifications.repository.letters import Letter, LetterFacts, Letters
from tests.integration.notifications.running import Running
from tests.unit.notifications.builders import NOON

OLDER = 3


async def test_every_mail_stands_on_one_of_the_pages_and_the_newest_first(
    service: Running,
) -> None:
    database, settings = service.database, service.settings
    vault = Vault(database.beside(settings.platform_database), settings.keks, lambda: 0.0)
    letters = Letters(database, vault)
    for number in range(AT_ONCE + OLDER):
        facts = LetterFacts(to="+16175550199", subject="", text=f"Number {number}.")
        letter = Letter(
            message_id=f"m{number}",
            at=NOON + timedelta(minutes=number // 2),  # two at a time: their order must hold
            channel="sms",
            locale="en",
            recipient="family",
            facts=facts,
        )
        await letters.add(letter, "c1")

    async with service.browser() as client:
        first, second = [
            (await client.get(f"/notifications/outbox?page={page}")).text for page in (0, 1)
        ]

    shown = [
        [int(each) for each in re.findall(r"Number (\d+)\.", page)] for page in (first, second)
    ]
    assert [len(each) for each in shown] == [AT_ONCE, OLDER]
    assert sorted(shown[0] + shown[1]) == [*range(AT_ONCE + OLDER)]
    assert shown[1] == [3, 0, 1]  # 2 came with 3, and stands before it: on the page before
    assert "/notifications/outbox?page=1" in first
    assert "/notifications/outbox?page=0" in second
    assert "/notifications/outbox?page=2" not in second
