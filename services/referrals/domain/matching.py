"""Ranking a need: which services may be offered, in which order, and why the others not.

Masks shut services out and sort the rest; reasons are only put into words for those that people
read: the ten first and up to twenty near misses. Told in docs/explanation/matching.md.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from schemas.codes import Verdict
from schemas.referrals import RuleResult
from services.referrals.domain.directory import Offering
from services.referrals.domain.fit import levels
from services.referrals.domain.index import CategoryIndex, Directory, positions
from services.referrals.domain.memory import Tried, memory
from services.referrals.domain.rules import Asked, result, rules_for
from services.referrals.domain.seat_book import SeatBook
from services.referrals.domain.seats import Seats, capacity

FIRST: Final = 10
NEAR_MISSES: Final = 20


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What bears on a match beside the directory: seats, consent, what was tried."""

    seats: SeatBook
    covered: frozenset[str] = frozenset()  # organizations that a consent names
    covers_all: bool = False  # a standing permission covers whoever offers this
    refused: frozenset[str] = frozenset()  # organizations that the family does not want
    tried: Mapping[str, Tried] = field(default_factory=dict)  # the last time, by service


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One service with its verdict and a reason per rule."""

    offering: Offering
    verdict: Verdict
    results: tuple[RuleResult, ...]
    seats: Seats | None
    free_seats: int | None  # None: unknown or stale

    @property
    def has_free_seat(self) -> bool:
        """Whether a place may be held: of a list longer than its places, none."""
        return (self.free_seats or 0) > 0

    @property
    def waitlist_only(self) -> bool:
        """Whether it is full and has a waiting list."""
        return any(each.code == "capacity.waitlist" for each in self.results)


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """A match run: the first in order, near misses, and of all others one bit per rule."""

    considered: int
    eligible: int
    possible: int
    ranked: tuple[Ranked, ...]
    near_misses: tuple[Ranked, ...]
    failed_by_rule: Mapping[str, int]
    fails: Mapping[str, int]  # masks over the category's services by id
    unknowns: Mapping[str, int]


def rank(directory: Directory, asked: Asked, around: Circumstances) -> Ranking:
    """All services of the need's category, ranked."""
    return _Run(directory.category(asked.category), asked, around).ranking()


def judge(
    directory: Directory, service_id: str, asked: Asked, around: Circumstances
) -> Ranked | None:
    """One service as a match run sees it now; None if it left the directory."""
    offering = directory.by_service.get(service_id)
    if offering is None or asked.category not in offering.service.categories:
        return None
    alone = CategoryIndex((offering,))
    return _Run(alone, asked, around).reasoned(0)


class _Run:
    """One need against one category."""

    def __init__(self, index: CategoryIndex, asked: Asked, around: Circumstances) -> None:
        self._index = index
        self._asked = asked
        self._around = around
        self._classes = around.seats.classes(index, asked.today)
        self._columns = [index.column(rule, rule.of(asked)) for rule in rules_for(asked)]

    def ranking(self) -> Ranking:
        hard = self._hard_fails()
        failed, exactly_one = _counted(hard.values())
        unknown = 0
        for column in self._columns:
            unknown |= column.unknowns if column.hard else 0
        good = self._index.everything & ~failed
        eligible, possible = good & ~unknown, good & unknown
        order = self._order()
        ranked = _taken(order, (eligible, possible), FIRST, self._spread)
        near = _taken(order, (exactly_one,), NEAR_MISSES, self._spread)
        return Ranking(
            considered=len(self._index.offerings),
            eligible=eligible.bit_count(),
            possible=possible.bit_count(),
            ranked=tuple(self.reasoned(each) for each in ranked),
            near_misses=tuple(self.reasoned(each) for each in near),
            failed_by_rule={name: n for name, each in hard.items() if (n := each.bit_count())},
            fails=hard,
            unknowns={c.results[0].rule: c.unknowns for c in self._columns if c.unknowns},
        )

    def _hard_fails(self) -> dict[str, int]:
        index, around, today = self._index, self._around, self._asked.today
        fails: dict[str, int] = {
            c.results[0].rule: c.fails for c in self._columns if c.results and c.hard
        }
        out = (each.service_id for each in around.tried.values() if each.is_out(today))
        more = {
            "capacity": self._classes.shut,
            "family": index.of_organizations(around.refused | self._asked.excluded),
            "memory": index.of_services(out),
        }
        return {**fails, **{k: v for k, v in more.items() if k not in self._asked.waived}}

    def _order(self) -> list[tuple[int, bool]]:
        """Masks best first; True: within it services with fewer open offers come first."""
        around, everything = self._around, self._index.everything
        named = self._index.of_organizations(around.covered)
        covered = everything if around.covers_all else named
        by_fit = levels(self._index, self._asked, self._columns)
        seats = self._classes
        by_seat = [(seats.free, True), (seats.unknown, False), (seats.queue, True)]
        by_seat.append((seats.shut, False))
        return [
            (of_seat & of_consent & of_fit, by_load)
            for of_seat, by_load in by_seat
            for of_consent in (covered, everything & ~covered)
            for of_fit in by_fit
        ]

    def _spread(self, mask: int) -> Iterator[int]:
        """Positions with fewest open offers per place first, then by service id."""
        yield from positions(mask & ~self._classes.busy)
        offerings, load = self._index.offerings, self._around.seats.load
        busy = positions(mask & self._classes.busy)
        yield from sorted(busy, key=lambda n: (load(offerings[n].service.service_id), n))

    def reasoned(self, place: int) -> Ranked:
        """One service with all its reasons."""
        offering = self._index.offerings[place]
        seats = self._around.seats.find(offering.service.service_id)
        results = (*(c.results[place] for c in self._columns), *self._own(offering, seats))
        return Ranked(
            offering=offering,
            verdict=verdict_of(results),
            results=results,
            seats=seats,
            free_seats=seats.known_free(self._asked.today) if seats else None,
        )

    def _own(self, offering: Offering, seats: Seats | None) -> tuple[RuleResult, ...]:
        service, around, today = offering.service, self._around, self._asked.today
        unwanted = service.organization_id in around.refused | self._asked.excluded
        covered = around.covers_all or service.organization_id in around.covered
        found = (
            capacity(seats, today),
            _FAMILY[not unwanted],
            memory(around.tried.get(service.service_id), today),
            _CONSENT[covered],
        )
        return tuple(each for each in found if each.rule not in self._asked.waived)


_FAMILY: Final = {
    True: result("family", "pass", "pass", hard=True),
    False: result("family", "fail", "fail", hard=True),
}
_CONSENT: Final = {
    True: result("consent", "pass", "pass", hard=False),
    False: result("consent", "needed", "fail", hard=False),
}


def verdict_of(results: Iterable[RuleResult]) -> Verdict:
    """Any hard fail: not eligible; else any hard unknown: possible; else eligible."""
    outcomes = {each.outcome for each in results if each.hard}
    if "fail" in outcomes:
        return "not-eligible"
    return "possible" if "unknown" in outcomes else "eligible"


def _counted(fails: Iterable[int]) -> tuple[int, int]:
    """Which positions fail at all, and which fail exactly once."""
    once = twice = 0
    for each in fails:
        twice |= once & each
        once |= each
    return once, once & ~twice


def _taken(
    order: Sequence[tuple[int, bool]],
    wanted: Sequence[int],
    limit: int,
    spread: Callable[[int], Iterator[int]],
) -> list[int]:
    found: list[int] = []
    for of_verdict in wanted:
        for mask, by_load in order:
            if not (both := mask & of_verdict):
                continue
            for place in spread(both) if by_load else positions(both):
                found.append(place)
                if len(found) == limit:
                    return found
    return found
