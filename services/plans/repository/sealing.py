"""Sealed values of a copy: stored as they were received, opened when they are read."""

from typing import Any, TypeVar

from schemas.envelope import Sealed, SealedFacts
from services.chassis.vault import Keyring

F = TypeVar("F", bound=SealedFacts)


def box_of(seal: Sealed[F] | None, keys: Keyring) -> bytes | None:
    """The bytes of a seal: those received, or made now."""
    if seal is None:
        return None
    if seal.box is not None or seal.plain is None:
        return seal.box
    return keys.seal_facts(seal.person, seal.plain)


def seal_from(kind: type[F], person: str, box: bytes | None, keys: Keyring) -> Sealed[F]:
    """A seal with its bytes and what they say."""
    made: Any = Sealed[kind]  # type: ignore[valid-type]
    opened = keys.open_facts(person, kind, box)
    seal: Sealed[F] = made(person=person).model_copy(update={"box": box, "plain": opened})
    return seal
