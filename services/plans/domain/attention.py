"""What of a need waits for its case manager, and in which order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

Matter = Literal[
    "act-refused",
    "wrong-person",
    "link-locked",
    "cannot-come",
    "other-time",
    "declined",
    "expired",
    "withheld",
    "consent-refused",
    "consent-withdrawn",
    "recalled",
    "consent-missing",
    "unmet",
    "choose",
]
"""The most pressing first."""
MATTERS: Final[tuple[Matter, ...]] = get_args(Matter)
Source = Literal["act", "partner", "family", "permission"]
"""Where it comes from: each has one topic, so that its own facts arrive in order.

`permission`: the link of a standing one, which is tied to no need.
"""
NOTHING: Final = 1_000  # the rank of a need that waits for nobody; an index holds it


@dataclass(frozen=True, kw_only=True)
class Raised:
    """Something waits for the case manager since then."""

    matter: Matter
    at: datetime


def rank(raised: Raised | None, *, is_urgent: bool) -> int:
    """The place in the work list: urgent needs before all others, lowest first."""
    if raised is None:
        return NOTHING
    return MATTERS.index(raised.matter) + (0 if is_urgent else len(MATTERS))


def worst(raised: tuple[Raised | None, ...]) -> Raised | None:
    """The most pressing of what was raised."""
    found = [each for each in raised if each is not None]
    return min(found, key=lambda each: (MATTERS.index(each.matter), each.at), default=None)
