"""What each role may see here: one rule for every list, page and command."""

from typing import Final

from services.chassis.accounts import Role
from services.chassis.scope import Principal, Scope

NOBODY: Final = frozenset[str]()


def of_referrals(person: Principal) -> Scope:
    """Referrals that the person's organization was asked for; nobody else sees any here."""
    return _scope(person, "organization_ids")


def of_directory(person: Principal) -> Scope:
    """What belongs to the person's organization in the directory."""
    return _scope(person, "organization_id")


def organization_of(person: Principal) -> str:
    """The organization that a coordinator answers for; empty for anybody else."""
    is_partner = person.role == Role.PARTNER_COORDINATOR
    return person.organization_id or "" if is_partner else ""


def _scope(person: Principal, field: str) -> Scope:
    own = organization_of(person)
    allowed = frozenset({own}) if own else NOBODY
    return Scope(district=person.district, actor=person.user_id, within={field: allowed})
