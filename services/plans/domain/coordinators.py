"""Coordinators of partners by name, for the ledger: a copy of their cards."""

from dataclasses import dataclass

from schemas.envelope import Erased, Sealed
from schemas.referrals import CoordinatorCard, CoordinatorCardChanged
from services.chassis.kernel import Context, Decision


@dataclass(frozen=True, kw_only=True)
class Coordinator:
    """Somebody who answers for an organization."""

    coordinator_id: str
    district: str
    organization_id: str = ""
    card: Sealed[CoordinatorCard] | None = None

    @property
    def name(self) -> str:
        """The name, if it is known and not erased."""
        facts = self.card.facts if self.card else None
        return "" if facts is None or isinstance(facts, Erased) else facts.name


def blank(coordinator_id: str, district: str) -> Coordinator:
    """Somebody of whom nothing was heard yet."""
    return Coordinator(coordinator_id=coordinator_id, district=district)


def copy(
    before: Coordinator | None, said: CoordinatorCardChanged, context: Context
) -> Decision[Coordinator]:
    """Keep the newest card."""
    del before
    return Decision(
        Coordinator(
            coordinator_id=said.coordinator_id,
            district=context.district,
            organization_id=said.organization_id,
            card=said.sealed,
        )
    )
