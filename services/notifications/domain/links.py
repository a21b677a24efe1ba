"""A family link: one purpose, five wrong tries, revocable; only the hash of its token is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from schemas.codes import LINK_ENDED, LINK_LOCKED, LINK_UNKNOWN, STEP_UP_NEEDED, FamilyAnswer
from schemas.notifications import LinkLocked, MessageQueued
from schemas.plans import StudentErased
from services.chassis.kernel import Command, Context, Decision, Refused
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.messages import LINKED
from services.notifications.domain.queueing import link_id_of
from services.notifications.domain.tokens import Tokens

Purpose = Literal["consent", "confirm"]
Proof = Literal["code", "pin"]
TRIES: Final = 5
VALID: Final[dict[Purpose, timedelta]] = {
    "consent": timedelta(days=14),
    "confirm": timedelta(days=30),  # where no first date is known
}
KNOCK_LASTS: Final = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Link:
    """What one message's link allows, and what was done with it."""

    link_id: str
    district: str
    student_id: str
    contact_id: str
    message_id: str  # the message that carries it
    need_id: str | None
    purpose: Purpose
    token_hash: str
    valid_until: datetime
    wrong: int = 0  # answers that did not match
    knocked_until: datetime | None = None  # the birthday was right; now the code is asked
    locked_at: datetime | None = None
    revoked_at: datetime | None = None
    answer: FamilyAnswer | None = None
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it was neither locked nor revoked; it may still be too old."""
        return self.locked_at is None and self.revoked_at is None

    def is_usable(self, now: datetime, family: FamilyCard) -> bool:
        """Whether it may be stepped up to now; whoever may hear nothing has no pages either."""
        is_for_somebody = family.contact(self.contact_id) is not None
        return self.is_open and now < self.valid_until and is_for_somebody


@dataclass(frozen=True, kw_only=True)
class LinkCommand(Command):
    """What somebody does at a link."""

    link_id: str


@dataclass(frozen=True, kw_only=True)
class Knock(LinkCommand):
    """Month and day of birth of the student; whether they match was looked up before."""

    is_right: bool


@dataclass(frozen=True, kw_only=True)
class EnterCode(LinkCommand):
    """The code that was sent; whether it matches was looked up before."""

    is_right: bool


@dataclass(frozen=True, kw_only=True)
class EnterPin(LinkCommand):
    """The contact's own PIN; whether it matches was looked up before."""

    is_right: bool


def links_of(said: MessageQueued) -> Iterable[str]:
    """The id of the link that a message carries, if it carries one."""
    is_linked = (said.recipient, said.template) in LINKED and said.has_link is not False
    return [link_id_of(said.message_id)] if is_linked else []


def open_link(link: Link | None, said: MessageQueued, context: Context) -> Decision[Link]:
    """Open the link of a message; the sender waits for it."""
    if link is not None:
        return Decision(link)
    purpose = LINKED[said.recipient, said.template]
    link_id = link_id_of(said.message_id)
    return Decision(
        Link(
            link_id=link_id,
            district=context.district,
            student_id=said.student_id,
            contact_id=said.recipient_id,
            message_id=said.message_id,
            need_id=said.need_id,
            purpose=purpose,
            token_hash=context.get(Tokens).hash_of(link_id),
            valid_until=said.link_until or said.at + VALID[purpose],
        )
    )


def revoke(link: Link, said: StudentErased, context: Context) -> Decision[Link]:
    """End the link of an erased student."""
    del said
    return Decision(replace(link, revoked_at=context.now))


def knock(link: Link | None, asked: Knock, context: Context) -> Decision[Link]:
    """Let a code be asked for once the birthday is right.

    Raises:
        Refused: as `usable`.
    """
    found = usable(link, context)
    if not asked.is_right:
        return _wrong(found, context)
    return Decision(replace(found, knocked_until=context.now + KNOCK_LASTS))


def enter_code(link: Link | None, asked: EnterCode, context: Context) -> Decision[Link]:
    """Take a code, after the birthday.

    Raises:
        Refused: `step_up_needed`; as `usable`.
    """
    found = usable(link, context)
    if found.knocked_until is None or context.now >= found.knocked_until:
        raise Refused(*STEP_UP_NEEDED)
    return (
        Decision(replace(found, knocked_until=None)) if asked.is_right else _wrong(found, context)
    )


def enter_pin(link: Link | None, asked: EnterPin, context: Context) -> Decision[Link]:
    """Take a PIN.

    Raises:
        Refused: as `usable`.
    """
    found = usable(link, context)
    return Decision(found) if asked.is_right else _wrong(found, context)


def usable(link: Link | None, context: Context) -> Link:
    """The link, if anything may be done with it.

    Raises:
        Refused: `link_unknown`, `link_locked`, `link_ended`.
    """
    if link is None:
        raise Refused(*LINK_UNKNOWN)
    if link.locked_at is not None:
        raise Refused(*LINK_LOCKED)
    if not link.is_usable(context.now, context.get(FamilyCard)):
        raise Refused(*LINK_ENDED)
    return link


def _wrong(link: Link, context: Context) -> Decision[Link]:
    """One more wrong answer; the fifth ends the link, and the school is told."""
    wrong = link.wrong + 1
    if wrong < TRIES:
        return Decision(replace(link, wrong=wrong))
    locked = LinkLocked(
        link_id=link.link_id,
        student_id=link.student_id,
        contact_id=link.contact_id,
        need_id=link.need_id,
        at=context.now,
    )
    return Decision(replace(link, wrong=wrong, locked_at=context.now), (locked,))
