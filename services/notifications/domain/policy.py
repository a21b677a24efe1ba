"""What every decision here is told beside its message: what may be used, and whose trace it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from schemas.codes import Locale


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What this installation can and may do."""

    reviewed: frozenset[Locale]  # languages whose wording of consents somebody reviewed
    has_texts: bool  # whether text messages can be sent at all


@dataclass(frozen=True)
class Traces:
    """The trace of each message of a batch, for what is sent because of it later."""

    by_message: Mapping[UUID, str | None] = field(default_factory=dict)

    def of(self, message_id: UUID) -> str | None:
        """Its trace as it is stored and sent, if there is one."""
        return self.by_message.get(message_id)
