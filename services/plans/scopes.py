"""What each role may see here: one rule for every query and every command."""

from typing import Final

from services.chassis.accounts import Role
from services.chassis.scope import Principal, Scope

WRITERS: Final = (Role.CASE_MANAGER,)
READERS: Final = (Role.CASE_MANAGER, Role.SUPERVISOR)
LEDGER_READERS: Final = (Role.CASE_MANAGER, Role.SUPERVISOR, Role.PRIVACY_OFFICER)
WHOLE_DISTRICT: Final = (Role.SUPERVISOR, Role.PRIVACY_OFFICER)
"""Roles that see every school where none is named; a case manager without a school sees none."""


def scope_of(person: Principal) -> Scope:
    """The students that somebody may see, and everything about them."""
    is_everywhere = person.role in WHOLE_DISTRICT and not person.school_ids
    if person.role == Role.PRIVACY_OFFICER or is_everywhere:
        return Scope(district=person.district, actor=person.user_id)
    within = {"school_id": person.school_ids}
    return Scope(district=person.district, actor=person.user_id, within=within)


def masks_restricted(person: Principal) -> bool:
    """Whether a restricted need shows neither its category nor its partner."""
    return person.role != Role.CASE_MANAGER


def masks_parties(person: Principal) -> bool:
    """Whether a ledger keeps back who was shown a restricted need."""
    return masks_restricted(person) and person.role != Role.PRIVACY_OFFICER
