"""What a mailbox forgets: it is no archive, and every event that it hears costs what it holds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.notifications.domain.mailbox import Mailbox, NeedNote
from services.notifications.domain.messages import Message, MessageState

KEPT_AFTER_END: Final = timedelta(days=60)  # of a need: every link to it has ended by then
LONGEST_KEPT: Final = 100  # messages of one student that are over


def tidied(mailbox: Mailbox, now: datetime) -> Mailbox:
    """Without needs that ended long ago and all that was told of them, nor the oldest messages.

    A standing permission belongs to no need, and stays.
    """
    ended = {each.need_id for each in mailbox.needs if _is_long_over(mailbox, each, now)}
    return _without_oldest(_without(mailbox, ended) if ended else mailbox)


def _is_long_over(mailbox: Mailbox, need: NeedNote, now: datetime) -> bool:
    told = [each for each in mailbox.messages if each.need_id == need.need_id]
    if not need.is_over or any(_is_open(each) for each in told) or _has_visit(mailbox, need, now):
        return False
    times = [each.queued_at for each in told] + ([need.over_at] if need.over_at else [])
    return all(each < now - KEPT_AFTER_END for each in times)


def _has_visit(mailbox: Mailbox, need: NeedNote, now: datetime) -> bool:
    """Whether a first date is to come: a link to it is valid until then, even of what has ended."""
    own = (each for each in mailbox.offers if each.need_id == need.need_id)
    return any(each.visit_over_at(now) for each in own)


def _without(mailbox: Mailbox, needs: set[str]) -> Mailbox:
    return replace(
        mailbox,
        needs=tuple(each for each in mailbox.needs if each.need_id not in needs),
        consents=tuple(each for each in mailbox.consents if each.need_id not in needs),
        offers=tuple(each for each in mailbox.offers if each.need_id not in needs),
        messages=tuple(each for each in mailbox.messages if each.need_id not in needs),
    )


def _without_oldest(mailbox: Mailbox) -> Mailbox:
    over = [each for each in mailbox.messages if not _is_open(each)]
    if len(over) <= LONGEST_KEPT:
        return mailbox
    dropped = {each.message_id for each in _oldest(over)[: len(over) - LONGEST_KEPT]}
    kept = tuple(each for each in mailbox.messages if each.message_id not in dropped)
    return replace(mailbox, messages=kept)


def _is_open(message: Message) -> bool:
    return message.is_waiting or message.state is MessageState.SENDING


def _oldest(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda each: each.queued_at)
