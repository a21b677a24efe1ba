"""What the sender and families do in a year that is decided in memory: messages go out, links are
answered. By the notification service's own commands; nothing is handed to anybody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from uuid_utils.compat import uuid5

from deploy.local.town.district import TIME_ZONE
from deploy.simulator.state.door import MemoryDoor
from schemas.codes import LOCALES
from services.chassis.kernel import NAMESPACE
from services.notifications.domain.answers import AnswerConsent, AnswerVisit
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.links import Link
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import Message, MessageState
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.sending import MarkSending, MarkSent
from services.notifications.domain.stops import address_at
from services.notifications.domain.tokens import Tokens
from services.notifications.scopes import scope_of_link, scope_of_sender
from services.notifications.usecases import (
    ANSWER_CONSENT,
    ANSWER_VISIT,
    MARK_SENDING,
    MARK_SENT,
)

CLAIM: Final = "simulated"
Signed = Literal["consent", "refusal"]
Said = Literal["confirmation", "cannot-come", "other-time"]


def share_with_post(door: MemoryDoor, pseudonym: bytes) -> None:
    """Give the door what decisions about messages share."""
    door.shared |= {
        Policy: Policy(reviewed=frozenset(LOCALES), has_texts=True),
        Traces: Traces(),
        Tokens: Tokens(pseudonym),
    }


@dataclass(frozen=True, kw_only=True)
class Post:
    """One student's messages and links."""

    door: MemoryDoor
    student_id: str
    district: str

    def send(self, message_id: str) -> datetime | None:
        """Send a message whose time has come; gives when to look again, if it still waits."""
        message = self._message(message_id)
        if message is None or not message.is_waiting or message.next_at is None:
            return None
        if message.next_at > self.door.now:
            return message.next_at
        self.door.ask(self._claim(message), MARK_SENDING)
        taken = self._message(message_id)
        if taken is None or taken.state is not MessageState.SENDING:
            return taken.next_at if taken else None
        sent = MarkSent(
            key=self._key("sent", message_id),
            scope=scope_of_sender(self.district),
            student_id=self.student_id,
            message_id=message_id,
            claim=CLAIM,
        )
        self.door.ask(sent, MARK_SENT)
        return None

    def sign(self, consent_id: str, contact_id: str, answer: Signed) -> None:
        """Answer what a contact is asked to allow, if a link to it was written.

        Raises:
            Refused: as `domain.answers.answer_consent`.
        """
        note = self._box.consent(consent_id) if self._box else None
        link = self._link(self._linked("consent_id", consent_id, contact_id))
        if link is None or note is None:
            return
        parties = note.terms.parties if note.terms else []
        asked = AnswerConsent(
            typed_name="Somebody who may",
            organization_ids=tuple(each.organization_id for each in parties),
            **self._said_at(link, answer),
        )
        self.door.ask(asked, ANSWER_CONSENT)

    def come(self, offer_id: str, answer: Said) -> None:
        """Answer about a first visit, if a link to it was written.

        Raises:
            Refused: as `domain.answers.answer_visit`.
        """
        link = self._link(self._linked("offer_id", offer_id))
        if link is None:
            return
        asked = AnswerVisit(text="", **self._said_at(link, answer))
        self.door.ask(asked, ANSWER_VISIT)

    def _said_at(self, link: Link, answer: Signed | Said) -> dict[str, Any]:
        return {
            "key": self._key(answer, link.link_id),
            "scope": scope_of_link(link),
            "link_id": link.link_id,
            "answer": answer,
            "locale": "en",
            "step_up": "pin",
        }

    @property
    def _box(self) -> Mailbox | None:
        return self.door.find(Mailbox, self.student_id)

    def _message(self, message_id: str) -> Message | None:
        return self._box.message(message_id) if self._box else None

    def _linked(
        self, field: Literal["consent_id", "offer_id"], id: str, contact_id: str = ""
    ) -> list[Message]:
        """The messages with a link that are about something, oldest first."""
        return [
            each
            for each in (self._box.messages if self._box else ())
            if each.link_id and each.recipient == "family" and getattr(each, field) == id
            if contact_id in {"", each.recipient_id}
        ]

    def _link(self, messages: list[Message]) -> Link | None:
        """The link of the first of them that has one."""
        found = (self.door.find(Link, each.link_id) for each in messages if each.link_id)
        return next((each for each in found if each), None)

    def _claim(self, message: Message) -> MarkSending:
        family = self.door.find(FamilyCard, self.student_id)
        tokens: Tokens = self.door.shared[Tokens]
        to = None
        if message.recipient == "family" and family:
            to = address_at(family, message.recipient_id, message.channel, tokens)
        return MarkSending(
            key=self._key("sending", message.message_id),
            scope=scope_of_sender(self.district),
            student_id=self.student_id,
            message_id=message.message_id,
            claim=CLAIM,
            claimed_at=self.door.now,
            time_zone=TIME_ZONE,
            texts_today=0,
            address=to,
        )

    def _key(self, what: str, about: str) -> UUID:
        return uuid5(NAMESPACE, f"{what} {about} {self.door.now}")
