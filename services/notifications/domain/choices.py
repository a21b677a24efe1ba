"""What a contact chose: a PIN of its own, and which ways nobody may write to it."""

from dataclasses import dataclass, replace

from services.chassis.kernel import Command, Context, Decision
from services.notifications.domain.messages import Channel


@dataclass(frozen=True, kw_only=True)
class ContactChoice:
    """The choices of one contact."""

    contact_id: str
    district: str
    pin_hash: str | None = None  # argon2
    stopped: frozenset[Channel] = frozenset()


@dataclass(frozen=True, kw_only=True)
class SetPin(Command):
    """Set a PIN, hashed by whoever asks: hashing takes too long for a decision."""

    contact_id: str
    pin_hash: str


@dataclass(frozen=True, kw_only=True)
class StopChannel(Command):
    """Write no more on this channel."""

    contact_id: str
    channel: Channel


def set_pin(
    choice: ContactChoice | None, asked: SetPin, context: Context
) -> Decision[ContactChoice]:
    """The newest PIN counts."""
    return Decision(replace(_of(choice, asked.contact_id, context), pin_hash=asked.pin_hash))


def stop_channel(
    choice: ContactChoice | None, asked: StopChannel, context: Context
) -> Decision[ContactChoice]:
    """Stop messages at once; never a consent or a service."""
    found = _of(choice, asked.contact_id, context)
    return Decision(replace(found, stopped=found.stopped | {asked.channel}))


def _of(choice: ContactChoice | None, contact_id: str, context: Context) -> ContactChoice:
    return choice or ContactChoice(contact_id=contact_id, district=context.district)
