"""A message in words, in its reader's language, made when it is sent and kept nowhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from schemas.codes import Locale
from schemas.plans import StaffCard
from services.chassis import dates
from services.chassis.contact_points import shown_phone
from services.chassis.languages import isolated
from services.notifications.domain.cards import address_of
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import Message
from services.notifications.domain.tokens import Tokens
from services.notifications.queries import Queries, Surroundings
from services.notifications.segments import fitted
from services.notifications.wording import (
    CALL,
    CALL_NAMELESS,
    HELLO,
    HELLO_FAMILY,
    NEVER,
    SCHOOL,
    WORDS,
    YOUR_CHILD,
    Words,
    words_to_family,
)

NAMES: Final = ("school", "staff", "child")  # what a text message may cut short
PARTNERS_LIST: Final = "/referrals/"
Say = Callable[[str, str], str]  # (locale, English) -> the words in that language


@dataclass(frozen=True, kw_only=True)
class Composed:
    """What goes out."""

    to: str
    locale: Locale
    subject: str
    lines: tuple[str, ...]
    text: str
    act: str = ""
    link: str | None = None
    closing: tuple[str, ...] = ()


class Composer:
    """Makes messages from cards, notes and wording."""

    def __init__(self, queries: Queries, tokens: Tokens, say: Say, public_url: str) -> None:
        self._queries = queries
        self._tokens = tokens
        self._say = say
        self._public_url = public_url.rstrip("/")

    async def composed(self, mailbox: Mailbox, message: Message) -> Composed | None:
        """The message in words; None when its reader cannot be reached any more."""
        if message.recipient == "partner":
            return await self._to_partner(mailbox, message)
        around = await self._queries.around(mailbox.student_id, mailbox.district)
        card = around.family.contact(message.recipient_id)
        to = address_of(card, message.channel) if card else None
        if card is None or to is None:
            return None
        values = self._values(mailbox, message, around)
        consent = mailbox.consent(message.consent_id)
        words = words_to_family(
            message.template,
            is_standing=bool(consent and consent.is_standing),
            is_signer=consent is None or consent.contact_id == message.recipient_id,
        )
        return self._filled(message, to, values, words)

    async def _to_partner(self, mailbox: Mailbox, message: Message) -> Composed | None:
        offer = mailbox.offer(message.offer_id)
        if offer is None or offer.facts is None:
            return None
        organization_id = offer.facts.organization_id
        known = await self._queries.coordinators(organization_id, mailbox.district)
        card = dict(known.reachable()).get(message.recipient_id) if known else None
        if card is None or card.email is None:
            return None
        around = await self._queries.around(mailbox.student_id, mailbox.district)
        values = {
            "name": card.name,
            "reference": offer.public_reference,
            "day": _day(offer.answer_by, message.locale, around.zone),
            "link": f"{self._public_url}{PARTNERS_LIST}",
        }
        return self._filled(message, card.email, values, WORDS[message.template])

    def _values(self, mailbox: Mailbox, message: Message, around: Surroundings) -> dict[str, str]:
        offer = mailbox.offer(message.offer_id)
        caller = caller_of(around)
        token = self._tokens.token(message.link_id) if message.link_id else ""
        return {
            "school": around.school.name if around.school else self._say(message.locale, SCHOOL),
            "child": around.family.first_name or self._say(message.locale, YOUR_CHILD),
            "staff": caller.name,
            "phone": isolated(caller.shown, message.locale),
            "link": f"{self._public_url}/f/{token}" if message.is_linked else "",
            "code": self._tokens.code(message.message_id),
            "day": _day(offer.kept_until if offer else None, message.locale, around.zone),
        }

    def _filled(
        self, message: Message, to: str, values: Mapping[str, str], words: Words
    ) -> Composed:
        locale = message.locale

        def say(english: str) -> str:
            return self._say(locale, english) % values

        hello = HELLO if message.recipient == "partner" else HELLO_FAMILY
        text = fitted(self._say(locale, words.text), values, shorten=NAMES) if words.text else ""
        return Composed(
            to=to,
            locale=locale,
            subject=say(words.subject),
            lines=(say(hello), *(say(each) for each in words.lines)),
            text=" ".join(text.split()),
            act=say(words.act) if words.act else "",
            link=values["link"] or None if words.act else None,
            closing=tuple(say(each) for each in _closing(message, values)),
        )


def _closing(message: Message, values: Mapping[str, str]) -> tuple[str, ...]:
    if message.recipient == "partner":
        return ()
    calls = CALL if values["staff"] else CALL_NAMELESS
    return (*((calls,) if values["phone"] else ()), NEVER)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whom a family may call; empty where nobody is known."""

    name: str = ""
    phone: str = ""  # as in a tel: link
    shown: str = ""  # as people write it


def caller_of(around: Surroundings) -> Caller:
    """The case manager with a work phone, else with the school's."""
    card = around.case_manager.sealed.facts if around.case_manager else None
    staff = card if isinstance(card, StaffCard) else None
    phone = (staff.work_phone if staff else None) or (
        around.school.phone if around.school else None
    )
    name = staff.name if staff else around.school.name if around.school else ""
    return Caller(name=name, phone=phone or "", shown=shown_phone(phone or ""))


def _day(at: datetime | None, locale: Locale, zone: str) -> str:
    return dates.day(at.astimezone(ZoneInfo(zone)).date(), locale, "day") if at else ""
