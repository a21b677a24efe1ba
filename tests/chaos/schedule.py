"""Which fault comes when: a pure function of a seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

PAUSES_SECONDS: Final = (0.2, 2.0)  # between two faults, from … to
SERVICES: Final = ("plans", "referrals", "notifications")


@dataclass(frozen=True, kw_only=True)
class Strike:
    """One fault to come. `dice` decides whatever else the fault leaves open."""

    number: int
    kind: str
    service: str  # whom it befalls, where it befalls one
    pause: float  # seconds before it
    dice: random.Random


def schedule(seed: int, kinds: Sequence[str]) -> Iterator[Strike]:
    """Faults without end; every kind comes once before any comes again."""
    dice = random.Random(seed)
    number = 0
    while True:
        for kind in dice.sample(list(kinds), len(kinds)):
            number += 1
            yield Strike(
                number=number,
                kind=kind,
                service=dice.choice(SERVICES),
                pause=dice.uniform(*PAUSES_SECONDS),
                dice=random.Random(f"{seed} {number}"),
            )
