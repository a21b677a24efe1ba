"""What people were told is done, and what may have been done without their hearing of it. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

# The events that only somebody's act makes, each with the field that says which act it was.
OF_PEOPLE: Final = {
    "need_identified": ("need_id",),
    "need_withdrawn": ("need_id",),
    "partner_chosen": ("need_id", "offer_id"),
    "partner_act_recorded": ("offer_id",),
    "offer_accepted": ("offer_id",),
    "offer_declined": ("offer_id",),
    "packet_viewed": ("offer_id",),
    "consent_given": ("need_id",),
    "consent_refused": ("need_id",),
    "family_answered": ("link_id", "kind"),
}
Act = tuple[str, str]  # a fact, and of what


def link_name(token: str) -> str:
    """What stands for a family's link, which itself would open it."""
    return sha256(token.encode()).hexdigest()[:16]


@dataclass
class Expected:
    """How often each act must have had its effect: `done` at least, with `perhaps` at most."""

    facts: frozenset[str] = frozenset(OF_PEOPLE)  # of which it is complete
    done: Counter[Act] = field(default_factory=Counter)
    perhaps: Counter[Act] = field(default_factory=Counter)

    def is_done(self, fact: str, name: str) -> None:
        """Somebody read that it is done."""
        self.done[fact, name] += 1

    def may_be_done(self, fact: str, name: str, times: int = 1) -> None:
        """Somebody asked for it and heard nothing, or it may follow from something else."""
        self.perhaps[fact, name] += times

    def of(self, fact: str) -> list[str]:
        """What was done of one fact, in the order in which people heard it."""
        return [name for (each, name), _ in self.done.items() if each == fact]

    def wrong(self, happened: Counter[Act]) -> Iterator[str]:
        """What happened too often or too seldom."""
        for act in sorted({*self.done, *self.perhaps, *happened}):
            if act[0] not in self.facts:
                continue
            least, times = self.done[act], happened[act]
            most = least + self.perhaps[act]
            if not least <= times <= most:
                wanted = str(least) if least == most else f"{least} to {most}"
                yield f"{act[0]} of {act[1]} happened {times} times, not {wanted}"
