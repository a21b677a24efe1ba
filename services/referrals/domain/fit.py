"""How well services fit, in tenths of a point: a partition of masks, best first.

Interests 30, distance 20, language 20, past outcome 10, schedule overlap 10,
first response 10. Distance, past outcome and first response are not known yet and give everyone
half; so they are left out here.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from schemas.codes import Outcome
from schemas.referrals import RuleResult
from services.referrals.domain.directory import Offering
from services.referrals.domain.index import CategoryIndex, Column
from services.referrals.domain.rules import Asked

INTERESTS: Final = 300
LANGUAGE: Final = 200
SCHEDULE: Final = 100
HALVES: Final = 2
Level = tuple[int, int]  # points, mask


def points(offering: Offering, asked: Asked, results: Iterable[RuleResult]) -> int:
    """The points of one service."""
    outcomes = {each.rule: each.outcome for each in results}
    return (
        _of_interests(offering.service.interests, asked.interests)
        + _of_outcome(outcomes.get("languages"), LANGUAGE)
        + _of_outcome(outcomes.get("schedule"), SCHEDULE)
    )


def _of_interests(offered: Sequence[str], wanted: Sequence[str]) -> int:
    if not wanted or not offered:
        return INTERESTS // HALVES
    return INTERESTS * sum(each in offered for each in wanted) // len(wanted)


def _of_outcome(outcome: Outcome | None, most: int) -> int:
    return {"pass": most, "fail": 0}.get(outcome or "unknown", most // HALVES)


def levels(index: CategoryIndex, asked: Asked, columns: Sequence[Column]) -> list[int]:
    """Masks that together hold every service once, most points first; the same as `points`."""
    found: dict[int, int] = {0: index.everything}
    parts = [_interest_levels(index, asked.interests)]
    for rule, most in (("languages", LANGUAGE), ("schedule", SCHEDULE)):
        column = next((c for c in columns if c.results and c.results[0].rule == rule), None)
        parts.append(_outcome_levels(index, column, most))
    for part in parts:
        found = _crossed(found, part)
    return [found[each] for each in sorted(found, reverse=True)]


def _crossed(found: dict[int, int], part: Sequence[Level]) -> dict[int, int]:
    crossed: dict[int, int] = {}
    for before, mask in found.items():
        for more, own in part:
            if both := mask & own:
                crossed[before + more] = crossed.get(before + more, 0) | both
    return crossed


def _interest_levels(index: CategoryIndex, wanted: Sequence[str]) -> list[Level]:
    named = index.of_any_interest()
    half = INTERESTS // HALVES
    if not wanted:
        return [(half, index.everything)]
    counts = [named] + [0] * len(wanted)  # by how many of the wanted interests a service has
    for each in wanted:
        has = index.of_interest(each)
        for n in range(len(wanted), 0, -1):
            counts[n] = (counts[n] & ~has) | (counts[n - 1] & has)
        counts[0] &= ~has
    hits = [(INTERESTS * n // len(wanted), mask) for n, mask in enumerate(counts)]
    return [(half, index.everything & ~named), *hits]


def _outcome_levels(index: CategoryIndex, column: Column | None, most: int) -> list[Level]:
    if column is None:
        return [(most // HALVES, index.everything)]
    passes = index.everything & ~column.fails & ~column.unknowns
    return [(most, passes), (most // HALVES, column.unknowns), (0, column.fails)]
