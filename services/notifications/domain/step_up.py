"""Showing that one is who a link is for: the child's birthday and a code, later a PIN.

Comparing happens before the decision, in constant time; here are the rules
of what may be compared with what, and the message that carries a code.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schemas.codes import LINK_ENDED, Template
from schemas.envelope import Erased
from services.chassis.kernel import Command, Context, Decision, Refused
from services.notifications.domain.cards import FamilyCard, channels_of, spoken
from services.notifications.domain.mailbox import ConsentNote, Mailbox
from services.notifications.domain.messages import Message, MessageState
from services.notifications.domain.notices import queued
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.queueing import VERSION, link_id_of

CODE_LASTS: Final = timedelta(minutes=15)
CODES_AT_ONCE: Final = 3  # within the time that one lasts
PIN: Final = re.compile(r"\d{4,6}", re.ASCII)
EASY_PINS: Final = frozenset({"0123", "1234", "12345", "123456", "4321", "54321", "654321"})


def typed_digits(text: str) -> str:
    """Digits as they are compared: keyboards of other scripts type others."""
    plain = (str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
    return "".join(plain).strip()


@dataclass(frozen=True, kw_only=True)
class IssueCode(Command):
    """Send six digits the way the message of a link went."""

    student_id: str
    contact_id: str
    message_id: str  # the message that carried the link


def issue_code(mailbox: Mailbox | None, asked: IssueCode, context: Context) -> Decision[Mailbox]:
    """Queue a code at once, by night too: somebody is waiting for it.

    Raises:
        Refused: `link_ended`: nobody to send it to any more.
    """
    card = context.get(FamilyCard).contact(asked.contact_id)
    before = mailbox.message(asked.message_id) if mailbox else None
    channels = channels_of(card, has_texts=context.get(Policy).has_texts) if card else ()
    if mailbox is None or card is None or before is None or not channels:
        raise Refused(*LINK_ENDED)
    if len(recent_codes(mailbox, before.link_id, context.now)) >= CODES_AT_ONCE:
        return Decision(mailbox)
    # The same way the link went: whoever holds the link holds that channel.
    same_way = tuple(each for each in channels if each == before.channel) or channels
    message = Message(
        message_id=context.id("step-up-code"),
        template="step-up-code",
        version=VERSION,
        recipient="family",
        recipient_id=asked.contact_id,
        locale=spoken(card.languages),
        channels=same_way[:1],
        state=MessageState.QUEUED,
        queued_at=context.now,
        next_at=context.now,
        useful_until=context.now + CODE_LASTS,
        is_urgent=True,
        link_id=before.link_id,
        household=card.household or asked.contact_id,
        traceparent=context.get(Traces).of(context.message_id),
    )
    return Decision(mailbox.put_message(message), (queued(mailbox, message),))


@dataclass(frozen=True, kw_only=True)
class SendAgain(Command):
    """Send the message of a link anew, with a new link, to the channel on file."""

    student_id: str
    contact_id: str
    message_id: str


def send_again(
    mailbox: Mailbox | None, asked: SendAgain, context: Context
) -> Decision[Mailbox | None]:
    """Queue the same news once more, if it still is one; at most once while one waits or a day.

    What was signed meanwhile is not asked for again: the new link leads to the copy of it. A place
    that was taken back is not told of again; where it was kept, the permission is asked for alone.
    """
    before = mailbox.message(asked.message_id) if mailbox else None
    is_for_somebody = context.get(FamilyCard).contact(asked.contact_id) is not None
    if mailbox is None or before is None or not is_for_somebody:
        return Decision(mailbox)
    again = _anew(before, _template_now(mailbox, before), context)
    if not _is_worth_it(mailbox, before, again):
        return Decision(mailbox)
    return Decision(mailbox.put_message(again), (queued(mailbox, again),))


def _template_now(mailbox: Mailbox, before: Message) -> Template:
    consent = mailbox.consent(before.consent_id)
    if consent and consent.state == "given":
        return "consent-signed"
    is_lost = before.template == "place-kept" and _is_recalled(mailbox, before)
    return "consent-needed" if is_lost else before.template


def _is_recalled(mailbox: Mailbox, message: Message) -> bool:
    offer = mailbox.offer(message.offer_id)
    return offer is not None and offer.is_recalled


def _anew(before: Message, template: Template, context: Context) -> Message:
    message_id = context.id(template)
    return replace(
        before,
        message_id=message_id,
        template=template,
        version=VERSION,
        link_id=link_id_of(message_id),
        state=MessageState.QUEUED,
        queued_at=context.now,
        next_at=context.now,
        useful_until=context.now + timedelta(days=7),
        attempts=0,
        claim=None,
        claimed_at=None,
        sent_at=None,
        address=None,
        traceparent=context.get(Traces).of(context.message_id),
    )


def _is_worth_it(mailbox: Mailbox, before: Message, again: Message) -> bool:
    now = again.queued_at
    lately = [
        each
        for each in mailbox.messages
        if _news_of(each) == _news_of(again)
        and each.queued_at > now - timedelta(days=1)
        and each.message_id != before.message_id
    ]
    consent = mailbox.consent(before.consent_id)
    is_gone = again.template == "accepted" and _is_recalled(mailbox, again)
    is_over = mailbox.is_erased or is_gone or (consent is not None and _is_over(consent, now))
    return not is_over and not lately and bool(before.channels)


def _news_of(message: Message) -> tuple[str, str, str | None]:
    return message.template, message.recipient_id, message.consent_id


def _is_over(consent: ConsentNote, now: datetime) -> bool:
    """Whether nothing is to be done about it any more; what was given can be taken back."""
    has_run_out = consent.state == "asked" and now > consent.open_until
    return has_run_out or consent.state in {"refused", "revoked"}


def recent_codes(mailbox: Mailbox, link_id: str | None, now: datetime) -> list[Message]:
    """The codes of a link that are still good, newest last."""
    return [
        each
        for each in mailbox.messages
        if each.template == "step-up-code"
        and each.link_id == link_id
        and each.queued_at > now - CODE_LASTS
    ]


def is_birthday(family: FamilyCard, month: int, day: int) -> bool:
    """Whether the student was born on that day of the year; an unknown birthday matches nothing."""
    card = family.student.facts if family.student else None
    if card is None or isinstance(card, Erased) or not (card.birth_month and card.birth_day):
        return False
    return (card.birth_month, card.birth_day) == (month, day)


def is_code(given: str, right: str) -> bool:
    """Whether somebody typed the code, with or without spaces."""
    typed = re.sub(r"\s", "", given)
    return hmac.compare_digest(typed.encode(), right.encode())


def is_fit_for_pin(given: str) -> bool:
    """Whether these are four to six digits that are not the first ones anybody tries."""
    return bool(PIN.fullmatch(given)) and given not in EASY_PINS and len(set(given)) > 1
