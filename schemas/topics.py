"""Every topic: who writes it and how many partitions it has.

The partition count of a live topic never changes, for keys would move and order break; a larger
district starts with more, or moves to `.v2`. `deploy/kafka/topics.py` creates them.
"""

from dataclasses import dataclass
from typing import Final

PARTITIONS: Final = 12


@dataclass(frozen=True)
class Topic:
    """One Kafka topic; its only producer is the service that its name begins with."""

    name: str
    partitions: int = PARTITIONS

    @property
    def producer(self) -> str:
        """The service that alone writes to it."""
        return self.name.partition(".")[0]


NEEDS: Final = "plans.needs.v1"
CONSENTS: Final = "plans.consents.v1"
PEOPLE: Final = "plans.people.v1"
REFERRALS: Final = "referrals.referrals.v1"
DIRECTORY: Final = "referrals.directory.v1"
DELIVERIES: Final = "notifications.deliveries.v1"
ANSWERS: Final = "notifications.answers.v1"


def dead_letters(service: str) -> str:
    """The topic of operators' copies of what a service could not handle."""
    return f"{service}.dead-letters"


TOPICS: Final = tuple(
    Topic(name) for name in (NEEDS, CONSENTS, PEOPLE, REFERRALS, DIRECTORY, DELIVERIES, ANSWERS)
) + tuple(Topic(dead_letters(name), 1) for name in ("plans", "referrals", "notifications"))
