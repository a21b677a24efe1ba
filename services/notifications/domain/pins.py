"""What a contact chose at a link: a PIN of its own."""

from dataclasses import dataclass, replace

from services.chassis.kernel import Command, Context, Decision
from services.notifications.domain.messages import Channel


@dataclass(frozen=True, kw_only=True)
class ContactChoice:
    """The choices of one contact."""

    contact_id: str
    district: str
    pin_hash: str | None = None  # argon2
    stopped: frozenset[Channel] = frozenset()  # from before stops were kept by address: only read


@dataclass(frozen=True, kw_only=True)
class SetPin(Command):
    """Set a PIN, hashed by whoever asks: hashing takes too long for a decision."""

    contact_id: str
    pin_hash: str


def set_pin(
    choice: ContactChoice | None, asked: SetPin, context: Context
) -> Decision[ContactChoice]:
    """The newest PIN counts."""
    found = choice or ContactChoice(contact_id=asked.contact_id, district=context.district)
    return Decision(replace(found, pin_hash=asked.pin_hash))
