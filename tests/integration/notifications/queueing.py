"""What puts one message into the hands of the sender."""

from typing import Any

from services.chassis.vault import Keyring
from services.notifications.domain.mailbox import Mailbox
from services.notifications.repository.mailboxes import to_document
from tests.integration.notifications.running import Running
from tests.unit.notifications.builders import (
    NOON,
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


def stored_box(mailbox: Mailbox) -> dict[str, Any]:
    """A mailbox as the door stores it, without anything sealed."""
    door = {"_id": mailbox.student_id, "district": mailbox.district, "version": 1, "sequence": 0}
    return to_document(mailbox, Keyring({})) | door | {"at": NOON}
