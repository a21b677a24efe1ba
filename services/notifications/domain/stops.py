"""Stopped addresses: where nobody may write to any more, whoever has them."""

from dataclasses import dataclass, replace

from services.chassis.kernel import Command, Context, Decision
from services.notifications.domain.cards import FamilyCard, address_of
from services.notifications.domain.messages import Channel
from services.notifications.domain.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class Stops:
    """Those of a district's stopped addresses that begin alike, each as `Tokens.address` has it.

    An address is stopped, not a person: whoever has it next is left alone, all who share it hear
    nothing there, and a number that was put right is a new one. They are kept together by their
    beginning, because what is relied on is stored even when it is empty: so an address that nobody
    stopped leaves no trace.
    """

    stops_id: str
    district: str
    addresses: frozenset[str] = frozenset()


def stops_id_of(district: str, address: str) -> str:
    """Where an address stands if it was stopped: one of 256 places of its district."""
    return f"{district} {address[:2]}"


def address_at(family: FamilyCard, contact_id: str, channel: Channel, tokens: Tokens) -> str | None:
    """What stands for the address of a contact; None: it has none there, or may hear nothing."""
    card = family.contact(contact_id)
    to = address_of(card, channel) if card else None
    return tokens.address(family.district, to) if to else None


@dataclass(frozen=True, kw_only=True)
class StopAddress(Command):
    """Write no more to this address, whoever it is taken to belong to."""

    address: str  # as `Tokens.address` has it


def stop_address(stops: Stops | None, asked: StopAddress, context: Context) -> Decision[Stops]:
    """Stop messages at once; never a consent or a service."""
    found = stops or Stops(stops_id=context.subject, district=context.district)
    return Decision(replace(found, addresses=found.addresses | {asked.address}))
