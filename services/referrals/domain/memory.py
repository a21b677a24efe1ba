"""What a need remembers of services that were tried, so that no one is asked in vain again.

Effect of a code: for good in this need, for some days, or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from schemas.referrals import RuleResult
from services.referrals.domain.rules import result

NO_RESPONSE: Final = "no-response"
DAYS_OUT: Final[Mapping[str, int | None]] = {  # None: until a fact of the need changes
    "no-capacity": None,
    "not-eligible-age": None,
    "not-eligible-grade": None,
    "not-eligible-residency": None,
    "not-eligible-insurance": None,
    "not-eligible-other": None,
    "service-not-offered": None,
    "outside-area": None,
    "language-unavailable": None,
    "already-enrolled": None,
    "needs-higher-level-of-care": None,
    "service-closed": None,
    "other": 60,
    "family-declined": 60,
    NO_RESPONSE: 30,
}
"""A code that is not named here keeps nothing out."""


NOT_TRIED: Final = result("memory", "pass", "pass", hard=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A service that was asked for this need, and what came of it."""

    service_id: str
    code: str
    on: date

    @property
    def until(self) -> date | None:
        """The first day on which it may be asked again; None: not for this need."""
        days = DAYS_OUT.get(self.code, 0)
        return None if days is None else self.on + timedelta(days=days)

    def is_out(self, today: date) -> bool:
        """Whether the service is passed over today."""
        until = self.until
        return until is None or today < until


def memory(tried: Tried | None, today: date) -> RuleResult:
    """The rule memory for one service, by the last time it was tried."""
    if tried is None or not tried.is_out(today):
        return NOT_TRIED
    code = NO_RESPONSE if tried.code == NO_RESPONSE else "declined"
    return result("memory", code, "fail", hard=True, date=tried.on.isoformat())
