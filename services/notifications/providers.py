"""What the decisions of a batch share."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.batch import Provider
from services.chassis.messages import Message
from services.chassis.mongo import Session
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.tokens import Tokens


class Fixed:
    """The same for every batch."""

    def __init__(self, value: Any) -> None:
        self._value = value

    async def load(self, session: Session, messages: Sequence[Message]) -> Any:
        """The value."""
        del session, messages
        return self._value

    async def save(self, session: Session, value: Any) -> None:
        """Nothing changed."""


class TracesOfBatch:
    """The trace of each message."""

    async def load(self, session: Session, messages: Sequence[Message]) -> Traces:
        """By message id."""
        del session
        return Traces({each.id: each.traceparent for each in messages})

    async def save(self, session: Session, value: Any) -> None:
        """Nothing changed."""


def providers(policy: Policy, tokens: Tokens) -> Mapping[type, Provider]:
    """Everything that a row of this service `needs`."""
    return {Policy: Fixed(policy), Tokens: Fixed(tokens), Traces: TracesOfBatch()}
