"""What is told of messages: that one will be sent, or is not to be, and why."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from schemas.codes import SuppressionCode
from schemas.envelope import Event
from schemas.notifications import MessageQueued, MessageSuppressed
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import LINKED, Message, MessageState


def queued(mailbox: Mailbox, message: Message) -> MessageQueued:
    """Tell that a message will be sent."""
    is_bare = (message.recipient, message.template) in LINKED and not message.is_linked
    return MessageQueued(
        **told_of(mailbox, message),
        at=message.queued_at,
        channel=message.channel,
        locale=message.locale,
        has_link=False if is_bare else None,
        link_until=_link_until(mailbox, message),
    )


def _link_until(mailbox: Mailbox, message: Message) -> datetime | None:
    """When a link to a place ends with its first date; None: it has the life of its kind."""
    offer = mailbox.offer(message.offer_id)
    is_to_place = LINKED.get((message.recipient, message.template)) == "confirm"
    return offer.visit_over_at(message.queued_at) if offer and is_to_place else None


def suppressed(
    mailbox: Mailbox, message: Message, code: SuppressionCode, at: datetime
) -> MessageSuppressed:
    """Tell that a message is not to be sent, and why."""
    return MessageSuppressed(**told_of(mailbox, message), at=at, code=code)


def told_of(mailbox: Mailbox, message: Message) -> dict[str, Any]:
    """Which message it is, about whom and to whom."""
    return {
        "student_id": mailbox.student_id,
        "message_id": message.message_id,
        "need_id": message.need_id,
        "recipient": message.recipient,
        "recipient_id": message.recipient_id,
        "template": message.template,
    }


def cancelled(
    mailbox: Mailbox, messages: Iterable[Message], at: datetime
) -> tuple[Mailbox, tuple[Event, ...]]:
    """Without those of the messages that still wait to be sent."""
    events: list[Event] = []
    for each in messages:
        if each.is_waiting:
            mailbox = mailbox.put_message(each.moved(MessageState.CANCELLED))
            events.append(suppressed(mailbox, each, "cancelled", at))
    return mailbox, tuple(events)
