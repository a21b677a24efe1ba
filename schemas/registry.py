"""Every event type by its name on the wire."""

from collections.abc import Iterator, Mapping
from typing import Final

from schemas import notifications, plans, referrals
from schemas.envelope import Event, SealedFacts, sealed_fields


def _declared() -> Iterator[type[Event]]:
    for module in (plans, referrals, notifications):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Event) and "TYPE" in vars(value):
                yield value


EVENTS: Final[Mapping[str, type[Event]]] = {event.TYPE: event for event in _declared()}


def facts_of(event: type[Event]) -> dict[str, type[SealedFacts]]:
    """The sealed parts of an event, by field."""
    return sealed_fields(event)
