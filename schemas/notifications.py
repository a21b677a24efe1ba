"""What the notification service tells: messages on their way, and what families answer."""

from typing import ClassVar, Final, Literal

from pydantic import AwareDatetime, Field

from schemas import topics
from schemas.codes import FailureCode, FamilyAnswer, Recipient, SuppressionCode, Template
from schemas.envelope import Event, Id, Sealed, SealedFacts

BOTH_HEAR: Final[frozenset[Template]] = frozenset({"offer", "offer-recalled"})
"""Templates of partners that families hear too, each side in words of its own."""


class MessageEvent(Event):
    """A fact of one message about a student; no text, no channel's value."""

    TOPIC: ClassVar[str] = topics.DELIVERIES
    SUBJECT: ClassVar[str] = "student_id"  # the mailbox of all messages about one student
    student_id: Id
    message_id: Id
    need_id: Id | None = None
    recipient: Recipient
    recipient_id: Id
    template: Template
    at: AwareDatetime

    @property
    def told_as(self) -> str:
        """The code of what it says: its template, unless both sides hear of it in other words."""
        is_both = self.recipient == "family" and self.template in BOTH_HEAR
        return f"{self.template}-to-family" if is_both else self.template


class MessageQueued(MessageEvent):
    """A message will be sent."""

    TYPE: ClassVar[str] = "notifications.message_queued.v1"
    channel: Literal["sms", "email"]
    locale: str
    has_link: bool | None = None  # absent: as its template says
    link_until: AwareDatetime | None = None  # absent: as long as links of its kind last


class MessageSent(MessageEvent):
    """A provider took a message."""

    TYPE: ClassVar[str] = "notifications.message_sent.v1"
    channel: Literal["sms", "email"]


class MessageFailed(MessageEvent):
    """A message could not be sent on its channel, for good."""

    TYPE: ClassVar[str] = "notifications.message_failed.v1"
    channel: Literal["sms", "email"]
    code: FailureCode


class MessageSuppressed(MessageEvent):
    """A message was not to be sent, and why."""

    TYPE: ClassVar[str] = "notifications.message_suppressed.v1"
    code: SuppressionCode


class MessageSeen(MessageEvent):
    """Its page was opened and stepped up to."""

    TYPE: ClassVar[str] = "notifications.message_seen.v1"


class AnswerFacts(SealedFacts):
    """What a family said, and how it showed who it is."""

    KIND: ClassVar[str] = "notifications.answer"
    typed_name: str | None = Field(default=None, max_length=120)
    organization_ids: tuple[Id, ...] = ()  # agreed, refused or revoked parties; none: all
    text: str | None = Field(default=None, max_length=1000)
    locale: str
    text_version: str | None = None
    step_up: str


class FamilyEvent(Event):
    """Something that happened at a family link."""

    TOPIC: ClassVar[str] = topics.ANSWERS
    SUBJECT: ClassVar[str] = "link_id"
    link_id: Id
    student_id: Id
    contact_id: Id
    need_id: Id | None = None
    at: AwareDatetime


class FamilyAnswered(FamilyEvent):
    """A family answered on its page."""

    TYPE: ClassVar[str] = "notifications.family_answered.v1"
    answer_id: Id
    kind: FamilyAnswer
    referral_id: Id | None = None
    offer_id: Id | None = None
    consent_id: Id | None = None
    sealed: Sealed[AnswerFacts]


class LinkLocked(FamilyEvent):
    """Five wrong answers ended a link."""

    TYPE: ClassVar[str] = "notifications.link_locked.v1"
