"""One message on its way: its states and the moves between them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from schemas.codes import Locale, Recipient, Template

Channel = Literal["sms", "email"]


class MessageState(StrEnum):
    """Where a message is; stored as they are spelled here."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    TECHNICAL_FAILURE = "technical-failure"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


WAITING: Final = frozenset({MessageState.QUEUED, MessageState.HELD, MessageState.TEMPORARY_FAILURE})
REACHED: Final = frozenset({MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED})
_ENDS: Final = frozenset({MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.CANCELLED})
_FAILURES: Final = frozenset({MessageState.PERMANENT_FAILURE, MessageState.TECHNICAL_FAILURE})
_FROM_WAITING: Final = _ENDS | {MessageState.HELD, MessageState.SENDING}
MOVES: Final[Mapping[MessageState, frozenset[MessageState]]] = {
    MessageState.QUEUED: _FROM_WAITING,
    MessageState.HELD: _FROM_WAITING,
    MessageState.TEMPORARY_FAILURE: _FROM_WAITING,
    MessageState.SENDING: _FAILURES
    | {
        MessageState.QUEUED,  # swept up after a crash, or its next channel's turn
        MessageState.SENT,
        MessageState.DELIVERED,
        MessageState.TEMPORARY_FAILURE,
    },
    MessageState.SENT: frozenset({MessageState.DELIVERED, MessageState.PERMANENT_FAILURE}),
    **dict.fromkeys(
        (MessageState.DELIVERED, *sorted(_FAILURES), *sorted(_ENDS)), frozenset[MessageState]()
    ),
}
"""Which moves there are; a late receipt that would move a message back is none."""

LINKED: Final[Mapping[tuple[Recipient, Template], Literal["consent", "confirm"]]] = {
    ("family", "consent-needed"): "consent",
    ("family", "place-kept"): "consent",
    ("family", "consent-signed"): "consent",
    ("family", "offer"): "consent",
    ("family", "accepted"): "confirm",
}
"""The messages that carry a family link, and what the link is for."""


TO_PARTNERS: Final[frozenset[Template]] = frozenset(
    {"offer", "offer-recalled", "packet-ready", "family-answered"}
)
"""Those that go to partners, unless they are wanted for the family, in words of its own."""
OF_OFFER: Final[frozenset[Template]] = frozenset(
    {"offer", "packet-ready", "family-answered", "place-kept", "accepted"}
)
"""What is true of an offer only as long as nothing was taken back."""

OF_NEED: Final[frozenset[tuple[Recipient, Template]]] = frozenset(LINKED) - {
    ("family", "consent-signed")
}
"""What a family is asked or promised for a need; a copy of what was signed outlasts it."""

REPLIES: Final[frozenset[Template]] = frozenset({"step-up-code", "consent-signed"})
"""What answers something that the family did a moment ago: it waits for it, and is awake."""
ASKED_FOR: Final[frozenset[Template]] = frozenset({"step-up-code"})
"""What somebody asks for at that moment: a stop ends news, and not the way to what was signed."""


@dataclass(frozen=True)
class Lane:
    """What waits for each other and for nothing else: of one way, what may come any time apart."""

    is_text: bool
    is_first: bool  # urgent, or somebody waits for it


LANES: Final = tuple(Lane(text, first) for first in (True, False) for text in (True, False))


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to one person: ids, codes and times; its words are made when it is sent."""

    message_id: str
    template: Template
    version: str  # of the template's wording
    recipient: Recipient
    recipient_id: str
    locale: Locale
    channels: tuple[Channel, ...]  # those not tried yet, best first; the first is used
    state: MessageState
    queued_at: datetime
    next_at: datetime | None = None  # when it is to be looked at again; None: nothing to do
    useful_until: datetime | None = None
    is_urgent: bool = False
    need_id: str | None = None
    consent_id: str | None = None
    offer_id: str | None = None
    link_id: str | None = None
    household: str | None = None
    attempts: int = 0  # on the present channel
    claim: str | None = None  # whose hands it is in while sending
    claimed_at: datetime | None = None  # real time
    sent_at: datetime | None = None
    address: str | None = None  # where it went, as `Tokens.address` has it: a stop is about that
    traceparent: str | None = None

    @property
    def may_come_any_time(self) -> bool:
        """Whether night and the texts of the day hold it up: not what is urgent, nor a reply."""
        return self.is_urgent or self.template in REPLIES

    @property
    def lane(self) -> Lane:
        """Where it waits for its turn."""
        return Lane(self.channels[:1] == ("sms",), self.may_come_any_time)

    @property
    def is_linked(self) -> bool:
        """Whether it carries a family link of its own; a code belongs to one that was sent."""
        return (self.recipient, self.template) in LINKED and self.link_id is not None

    @property
    def is_place_gone(self) -> bool:
        """Whether it takes back what a family was told of a place."""
        return (self.recipient, self.template) == ("family", "offer-recalled")

    @property
    def may_have_come(self) -> bool:
        """Whether its reader has it, or may get it any moment."""
        return self.state in REACHED

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be sent."""
        return self.state in WAITING

    @property
    def channel(self) -> Channel:
        """The channel it goes by."""
        return self.channels[0]

    def moved(self, to: MessageState, **changes: Any) -> "Message":
        """The message in another state; a move that there is not leaves it as it is."""
        if to not in MOVES[self.state]:
            return self
        rest = {"next_at": None, "claim": None, "claimed_at": None} | changes
        return replace(self, state=to, **rest)
