"""**What people do**, drawn from the seed and from what they act on: the same again, the same fate.

Of all offers 65 % are accepted, 15 % declined, 20 % never answered.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeVar

T = TypeVar("T", bound=str)
Answer = Literal["accept", "decline", "silence"]
Signature = Literal["agree", "refuse", "silence", "not-me", "stop"]
Coming = Literal["yes", "no", "other", "silence", "stop"]

PARTNERS: Final[dict[Answer, float]] = {"accept": 0.65, "decline": 0.15, "silence": 0.20}
SIGNATURES: Final[dict[Signature, float]] = {
    "agree": 0.72,
    "refuse": 0.08,
    "silence": 0.17,
    "not-me": 0.01,
    "stop": 0.02,
}
COMING: Final[dict[Coming, float]] = {
    "yes": 0.62,
    "no": 0.06,
    "other": 0.08,
    "silence": 0.23,
    "stop": 0.01,
}
CONTRADICTS: Final = 0.05  # say yes, and then no
LATE: Final = 0.10  # come back to what was answered by time
REVOKES: Final = 0.06  # of those who signed
WITHDRAWS: Final = 0.03  # of needs
PHONES: Final = 0.05  # of offers that a case manager records an answer for
HOURS: Final = (0.2, 30.0)  # until somebody gets round to it


@dataclass(frozen=True)
class Fate:
    """Draws what somebody does about something: `about` names person and thing."""

    seed: int

    def dice(self, *about: str) -> random.Random:
        """The dice of one decision."""
        return random.Random(f"{self.seed} {' '.join(about)}")

    def answer(self, offer_id: str) -> Answer:
        """What a partner says to an offer."""
        return _one(self.dice("answer", offer_id), PARTNERS)

    def signature(self, link: str) -> Signature:
        """What a family does about what it is asked."""
        return _one(self.dice("signature", link), SIGNATURES)

    def coming(self, link: str) -> Coming:
        """What a family says to a place."""
        return _one(self.dice("coming", link), COMING)

    def does(self, share: float, what: str, *about: str) -> bool:
        """Whether somebody is one of those who do something."""
        return self.dice(what, *about).random() < share

    def waits(self, *about: str) -> timedelta:
        """How long it takes somebody to get round to something, most often not long."""
        shortest, longest = HOURS
        dice = self.dice("waits", *about)
        return timedelta(hours=min(longest, shortest + dice.expovariate(1 / 6)))


def _one(dice: random.Random, shares: dict[T, float]) -> T:
    return dice.choices(list(shares), list(shares.values()))[0]
