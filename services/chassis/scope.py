"""Who is asking and what they may see: one rule gives the database filter and `covers`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scope:
    """Conditions that every state and document shown must meet; `None` as actor is the system.

    `within` holds, per field, the values allowed; a field that a state does not have is not
    covered. A field with several values (a list) is covered when one of them is allowed.
    """

    district: str
    actor: str | None = None
    within: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def filter(self) -> dict[str, Any]:
        """The same rule for a database query."""
        conditions: dict[str, Any] = {
            name: {"$in": sorted(allowed)} for name, allowed in self.within.items()
        }
        return {"district": self.district, **conditions}

    def covers(self, state: object) -> bool:
        """Whether this person may see a state."""
        return getattr(state, "district", None) == self.district and all(
            _meets(getattr(state, name, None), allowed) for name, allowed in self.within.items()
        )

    def only(self, *names: str) -> "Scope":
        """The same person, for a kind of state that has just these fields."""
        kept = {name: allowed for name, allowed in self.within.items() if name in names}
        return Scope(district=self.district, actor=self.actor, within=kept)

    def __hash__(self) -> int:
        return hash((self.district, self.actor, tuple(sorted(self.within))))


def _meets(value: object, allowed: frozenset[str]) -> bool:
    if isinstance(value, tuple | frozenset | list):
        return any(each in allowed for each in value)
    return value in allowed


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A person signed in, or holding a link: role, place and what they are here for."""

    user_id: str
    role: str
    district: str
    name: str = ""
    organization_id: str | None = None
    school_ids: frozenset[str] = frozenset()
    student_ids: frozenset[str] = frozenset()
    locale: str = "en"
