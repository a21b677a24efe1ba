"""Opening and closing the seals of events and stored states, one key look-up per batch."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from uuid_utils.compat import uuid5

from schemas.envelope import (
    Envelope,
    Event,
    Sealed,
    SealedFacts,
    headers_of,
    sealed_fields,
)
from services.chassis.kinds import Document
from services.chassis.outbox import Outgoing
from services.chassis.vault import Keyring, Vault

if TYPE_CHECKING:
    from services.chassis.wiring import Told

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=SealedFacts)
_fields = cache(sealed_fields)


class Seals:
    """Seals of one service, by the keys of the vault."""

    def __init__(self, vault: Vault, service: str) -> None:
        self._vault = vault
        self._source = service

    async def keys_for_documents(self, rows: Iterable[Document], known: Keyring) -> Keyring:
        """Keys to read stored states."""
        return await self._more(known, (p for row in rows for p in row.get("persons", ())))

    async def keys_for_events(self, events: Iterable[Event], known: Keyring) -> Keyring:
        """Keys to open events."""
        return await self._more(known, (s.person for each in events for s in _seals(each)))

    async def keys_for_persons(self, persons: Iterable[str], known: Keyring) -> Keyring:
        """Keys to store states; a person never seen gets one now."""
        return await self._more(known, persons)

    async def _more(self, known: Keyring, persons: Iterable[str]) -> Keyring:
        missing = set(persons) - known.keys.keys()
        if not missing:
            return known
        return known.and_keys(await self._vault.keyring(missing))

    def are_on(self, event: Event) -> bool:
        """Whether an event has seals to be opened."""
        return bool(_fields(type(event)))

    def opened(self, event: E, keys: Keyring) -> E:
        """The event with its facts in plain, or `Erased`."""
        return _each_seal(event, lambda seal: open_seal(seal, keys))

    def outgoing(self, told: "Told", keys: Keyring) -> Outgoing:
        """An event as it goes on its topic: sealed, with its envelope.

        Its id names the source: two services may tell of one subject because of one message.
        """
        event, message = told.event, told.message
        envelope = Envelope(
            id=str(uuid5(message.id, f"{self._source} {event.subject} event {told.number}")),
            type=event.TYPE,
            source=self._source,
            subject=event.subject,
            sequence=told.sequence,
            time=told.time,
            district=message.district,
            traceparent=message.traceparent,
        )
        closed = _each_seal(event, lambda seal: close_seal(seal, keys))
        return Outgoing(
            topic=event.TOPIC,
            key=event.key.encode(),
            value=closed.model_dump_json(exclude_none=True).encode(),
            headers=headers_of(envelope),
        )


def open_seal(seal: Sealed[Any], keys: Keyring) -> Sealed[Any]:
    """The same seal with its facts in plain, or `Erased`; what was opened stays so."""
    if seal.plain is not None:
        return seal
    return seal.opened(keys.open(seal.person, seal.facts_type().KIND, seal.box))


def close_seal(seal: Sealed[Any], keys: Keyring) -> Sealed[Any]:
    """The same seal with its bytes; bytes as received are kept."""
    if seal.box is not None or seal.plain is None:
        return seal
    return seal.model_copy(update={"box": keys.seal_facts(seal.person, seal.plain)})


def box_of(seal: Sealed[Any] | None, keys: Keyring) -> bytes | None:
    """The bytes of a seal as a store keeps them: those received, or made now."""
    return None if seal is None else close_seal(seal, keys).box


def seal_from(kind: type[Sealed[F]], person: str, box: bytes | None, keys: Keyring) -> Sealed[F]:
    """A seal from a store, opened; its bytes are kept for the next time it is stored."""
    return open_seal(kind.model_construct(person=person, box=box, plain=None), keys)


def _seals(event: Event) -> Iterable[Sealed[Any]]:
    for name in _fields(type(event)):
        value = getattr(event, name)
        yield from value if isinstance(value, tuple) else (value,) if value is not None else ()


def _each_seal(event: E, change: Any) -> E:
    names = _fields(type(event))
    if not names:
        return event
    return event.model_copy(update={name: _changed(getattr(event, name), change) for name in names})


def _changed(value: Any, change: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(change(each) for each in value)
    return None if value is None else change(value)
