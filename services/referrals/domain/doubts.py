"""What may be wrong with the copy of consents: whose is not sure, and whether it is behind."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Doubts:
    """Students whose consents are not surely known: an event about them is set aside.

    They count as without consent: nothing is offered, accepted or shown.
    """

    students: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Freshness:
    """Whether consents may have changed unheard: no Packet is shown then."""

    is_behind: bool = False
