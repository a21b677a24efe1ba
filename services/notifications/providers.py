"""What the decisions of a batch share."""

from collections.abc import Mapping, Sequence

from services.chassis.messages import Message
from services.chassis.mongo import Session
from services.chassis.wiring import Fixed, Provider, ReadOnly
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.tokens import Tokens


class TracesOfBatch(ReadOnly):
    """The trace of each message."""

    async def load(self, session: Session, messages: Sequence[Message]) -> Traces:
        """By message id."""
        del session
        return Traces({each.id: each.traceparent for each in messages})


def providers(policy: Policy, tokens: Tokens) -> Mapping[type, Provider]:
    """Everything that a row of this service `needs`."""
    return {Policy: Fixed(policy), Tokens: Fixed(tokens), Traces: TracesOfBatch()}
