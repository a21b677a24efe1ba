"""When needs are written, for whom and of what kind: a pure function of seed and size."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.codes import CATEGORIES, Category

HOURS: Final = (8.0, 15.5)  # in which staff write
WEEKEND: Final = 5
# What is asked for most; all other kinds share what is left.
OFTEN: Final[dict[Category, float]] = {
    "enrich.after-school": 0.18,
    "enrich.tutoring": 0.16,
    "enrich.mentoring": 0.08,
    "counsel.individual": 0.10,
    "family.food": 0.08,
}


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One need to come."""

    number: int
    at: datetime
    manager: float  # from 0 to below 1: a place among all, and so is `student` among hers
    student: float
    category: Category


def arrivals(seed: int, *, first_day: date, zone: str, needs_a_day: float) -> Iterator[Arrival]:
    """Needs without end, in the order of their times; none on weekends."""
    number, day = 0, first_day
    while True:
        if day.weekday() < WEEKEND:
            dice = random.Random(f"{seed} {day}")
            count = round(dice.gauss(needs_a_day, needs_a_day**0.5))
            for at in sorted(dice.uniform(*HOURS) for _ in range(max(1, count))):
                number += 1
                yield Arrival(
                    number=number,
                    at=_at(day, at, zone),
                    manager=dice.random(),
                    student=dice.random(),
                    category=category(dice),
                )
        day += timedelta(days=1)


def category(dice: random.Random, kinds: Sequence[Category] = CATEGORIES) -> Category:
    """A kind of help, by how often it is asked for."""
    often = [each for each in kinds if each in OFTEN]
    rest = [each for each in kinds if each not in OFTEN]
    left = (1 - sum(OFTEN[each] for each in often)) / len(rest)
    weights = [OFTEN.get(each, left) for each in kinds]
    return dice.choices(list(kinds), weights)[0]


def _at(day: date, hour: float, zone: str) -> datetime:
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return (midnight + timedelta(hours=hour)).astimezone(UTC)
