"""What puts one message into the hands of the sender."""

from typing import Any

from tests.integration.notifications.running import Running
from tests.unit.notifications.builders import (
    a_colleague_changed,
    a_consent_asked,
    a_contact_card,
    a_family_changed,
    a_need,
    a_school_changed,
)


def by_mail(locale: str = "ht") -> Any:
    card = a_contact_card(languages=(locale,), channels=a_contact_card().channels[1:])
    return a_family_changed(("c1", card))


async def queued(service: Running, *cards: Any) -> None:
    facts = (a_school_changed(), a_colleague_changed(), *cards, a_need(), a_consent_asked())
    await service.tell(*facts)


async def state_of(service: Running, template: str = "consent-needed") -> str:
    return str((await service.message(template)).get("state"))
