"""Commands of the sender: claim a message, say what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from schemas.codes import FailureCode, SuppressionCode
from schemas.envelope import Event
from schemas.notifications import MessageFailed, MessageSeen, MessageSent
from services.chassis.kernel import Command, Context, Decision
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import ASKED_FOR, Message, MessageState
from services.notifications.domain.notices import suppressed, told_of
from services.notifications.domain.pins import ContactChoice
from services.notifications.domain.quiet import TEXTS_A_DAY, is_quiet, next_morning
from services.notifications.domain.stops import Stops, address_at
from services.notifications.domain.tokens import Tokens

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
TRIES: Final = 8  # of one channel, about an hour in all
LATER: Final = frozenset({"temporary-failure", "unanswered"})
STUCK: Final = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class MessageCommand(Command):
    """What the sender asks about one message."""

    student_id: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class MarkSending(MessageCommand):
    """Take a message in hand, if it may go now; `claim` says in whose."""

    claim: str
    claimed_at: datetime  # real time, for what a crash leaves behind
    time_zone: str  # the family's school's
    texts_today: int  # to its household, urgent ones left out
    address: str | None  # where it would go, as `Tokens.address` has it; of families alone


@dataclass(frozen=True, kw_only=True)
class KeepInHand(MessageCommand):
    """A provider takes its time over it: whoever waits is no crash."""

    claim: str
    claimed_at: datetime  # real time


@dataclass(frozen=True, kw_only=True)
class MarkSent(MessageCommand):
    """A provider took it."""

    claim: str


Failure = Literal["temporary-failure", "unanswered", "permanent-failure", "technical-failure"]


@dataclass(frozen=True, kw_only=True)
class MarkFailed(MessageCommand):
    """A provider did not take it: for now, perhaps, for good, or because of us."""

    claim: str
    failure: Failure


@dataclass(frozen=True, kw_only=True)
class SweepUp(MessageCommand):
    """Give back what somebody claimed and never answered for."""

    claimed_before: datetime  # real time


@dataclass(frozen=True, kw_only=True)
class MarkSeen(MessageCommand):
    """The page of a message was opened and stepped up to."""


def mark_sending(
    mailbox: Mailbox | None, asked: MarkSending, context: Context
) -> Decision[Mailbox | None]:
    """Claim it, hold it until it may go, or end it; what cannot go now changes nothing."""
    message = mailbox.message(asked.message_id) if mailbox else None
    if mailbox is None or message is None or not _is_due(message, context.now):
        return Decision(mailbox)
    if mailbox.is_old(message):  # it was in somebody's hands when that happened
        return _ended(mailbox, message, MessageState.CANCELLED, "cancelled", context)
    if message.useful_until and context.now >= message.useful_until:
        return _ended(mailbox, message, MessageState.EXPIRED, "expired", context)
    if message.recipient == "family":
        return _to_family(mailbox, message, asked, context)
    return _claimed(mailbox, message, asked)


def _is_due(message: Message, now: datetime) -> bool:
    return message.is_waiting and message.next_at is not None and message.next_at <= now


def _to_family(
    mailbox: Mailbox, message: Message, asked: MarkSending, context: Context
) -> Decision[Mailbox | None]:
    family = context.get(FamilyCard)
    if family.contact(message.recipient_id) is None:
        return _ended(mailbox, message, MessageState.SUPPRESSED, "no-contact", context)
    here = address_at(family, message.recipient_id, message.channel, context.get(Tokens))
    if asked.address != here:
        return Decision(mailbox)  # the card came anew meanwhile: it is looked at again at once
    if _is_stopped(message, asked, context):
        return _without_this_way(mailbox, message, context)
    if wait_until := _not_before(message, asked, context.now):
        return Decision(mailbox.put_message(message.moved(MessageState.HELD, next_at=wait_until)))
    return _claimed(mailbox, message, asked)


def _is_stopped(message: Message, asked: MarkSending, context: Context) -> bool:
    if message.template in ASKED_FOR:
        return False
    if message.channel in context.get(ContactChoice).stopped:
        return True
    return asked.address is not None and asked.address in context.get(Stops).addresses


def _without_this_way(
    mailbox: Mailbox, message: Message, context: Context
) -> Decision[Mailbox | None]:
    """Go the next way, which is looked at by itself; without one nothing is sent."""
    rest = message.channels[1:]
    if not rest:
        return _ended(mailbox, message, MessageState.SUPPRESSED, "opt-out", context)
    return Decision(mailbox.put_message(replace(message, channels=rest, attempts=0)))


def _not_before(message: Message, asked: MarkSending, now: datetime) -> datetime | None:
    """The next morning, at night and when the household had its texts of the day."""
    if message.may_come_any_time:
        return None
    has_had_enough = message.channel == "sms" and asked.texts_today >= TEXTS_A_DAY
    is_full = has_had_enough and not message.is_place_gone  # nobody is to set out in vain
    must_wait = is_full or is_quiet(now, asked.time_zone)
    return next_morning(now, asked.time_zone) if must_wait else None


def _claimed(mailbox: Mailbox, message: Message, asked: MarkSending) -> Decision[Mailbox | None]:
    taken = message.moved(
        MessageState.SENDING,
        claim=asked.claim,
        claimed_at=asked.claimed_at,
        address=asked.address,
    )
    return Decision(mailbox.put_message(taken))


def keep_in_hand(
    mailbox: Mailbox | None, asked: KeepInHand, context: Context
) -> Decision[Mailbox | None]:
    """Renew a claim; whoever lost it changes nothing."""
    del context
    message = _held_by(mailbox, asked.message_id, asked.claim)
    if mailbox is None or message is None:
        return Decision(mailbox)
    return Decision(mailbox.put_message(replace(message, claimed_at=asked.claimed_at)))


def mark_sent(
    mailbox: Mailbox | None, asked: MarkSent, context: Context
) -> Decision[Mailbox | None]:
    """Note it once; whoever lost the claim to the sweeper changes nothing."""
    message = _held_by(mailbox, asked.message_id, asked.claim)
    if mailbox is None or message is None:
        return Decision(mailbox)
    sent = message.moved(MessageState.SENT, sent_at=context.now)
    said = MessageSent(**told_of(mailbox, message), at=context.now, channel=message.channel)
    return Decision(mailbox.put_message(sent), (said,))


def mark_failed(
    mailbox: Mailbox | None, asked: MarkFailed, context: Context
) -> Decision[Mailbox | None]:
    """Try again later, then the next channel, then say that nobody was reached.

    What was not answered has perhaps gone out: it is tried once more, and then no more.
    """
    message = _held_by(mailbox, asked.message_id, asked.claim)
    if mailbox is None or message is None:
        return Decision(mailbox)
    attempts = message.attempts + 1
    if asked.failure == "unanswered":
        attempts = max(attempts, TRIES - 1)
    if asked.failure in LATER and attempts < TRIES:
        at = context.now + min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
        later = message.moved(MessageState.TEMPORARY_FAILURE, next_at=at, attempts=attempts)
        return Decision(mailbox.put_message(later))
    code: FailureCode = (
        "permanent-failure" if asked.failure == "permanent-failure" else "technical-failure"
    )
    return _next_channel(mailbox, message, code, context)


def _next_channel(
    mailbox: Mailbox, message: Message, code: FailureCode, context: Context
) -> Decision[Mailbox | None]:
    said: list[Event] = [
        MessageFailed(
            **told_of(mailbox, message), at=context.now, channel=message.channel, code=code
        )
    ]
    rest = message.channels[1:]
    if rest:
        now = context.now
        after = message.moved(MessageState.QUEUED, next_at=now, channels=rest, attempts=0)
    else:
        after = message.moved(MessageState(code))
        said.append(suppressed(mailbox, message, "no-contact", context.now))
    return Decision(mailbox.put_message(after), tuple(said))


def sweep_up(mailbox: Mailbox | None, asked: SweepUp, context: Context) -> Decision[Mailbox | None]:
    """Queue it again: it has perhaps gone out, so each crash can make one more of it."""
    message = mailbox.message(asked.message_id) if mailbox else None
    is_stuck = (
        message is not None
        and message.state is MessageState.SENDING
        and message.claimed_at is not None
        and message.claimed_at < asked.claimed_before
    )
    if mailbox is None or message is None or not is_stuck:
        return Decision(mailbox)
    attempts = message.attempts + 1
    again = message.moved(MessageState.QUEUED, next_at=context.now, attempts=attempts)
    return Decision(mailbox.put_message(again))


def mark_seen(
    mailbox: Mailbox | None, asked: MarkSeen, context: Context
) -> Decision[Mailbox | None]:
    """Tell that the family has read it."""
    message = mailbox.message(asked.message_id) if mailbox else None
    if mailbox is None or message is None:
        return Decision(mailbox)
    read = message.moved(MessageState.DELIVERED)
    if read == message:
        return Decision(mailbox)
    return Decision(
        mailbox.put_message(read), (MessageSeen(**told_of(mailbox, message), at=context.now),)
    )


def _held_by(mailbox: Mailbox | None, message_id: str, claim: str) -> Message | None:
    message = mailbox.message(message_id) if mailbox else None
    if message is None or message.claim != claim:
        return None
    return message if message.state is MessageState.SENDING else None


def _ended(
    mailbox: Mailbox, message: Message, to: MessageState, code: SuppressionCode, context: Context
) -> Decision[Mailbox | None]:
    said = suppressed(mailbox, message, code, context.now)
    return Decision(mailbox.put_message(message.moved(to)), (said,))
