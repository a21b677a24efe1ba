"""Services of one category as bits: per rule value one mask of those it shuts out.

Built once per version of the directory and kept in the process; position n of every mask is the
n-th service by id. Why bits: docs/explanation/matching.md.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.codes import Category
from schemas.referrals import RuleResult
from services.referrals.domain.directory import Offering
from services.referrals.domain.rules import StaticRule

COLUMNS_KEPT: Final = 512  # of one category; each holds a reference per service


@dataclass(frozen=True, slots=True)
class Column:
    """One rule with one value over all services of a category; `results` by position."""

    fails: int
    unknowns: int
    hard: bool
    results: tuple[RuleResult, ...]


def positions(mask: int) -> Iterator[int]:
    """The positions of a mask, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@dataclass(eq=False)
class CategoryIndex:
    """The services of one category, by id."""

    offerings: tuple[Offering, ...]
    places: dict[str, int] = field(init=False)
    _columns: dict[tuple[str, Hashable], Column] = field(default_factory=dict)
    _by_organization: dict[str, int] = field(default_factory=dict)
    _by_interest: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {each.service.service_id: n for n, each in enumerate(self.offerings)}
        for place, each in enumerate(self.offerings):
            _mark(self._by_organization, each.service.organization_id, place)
            for interest in each.service.interests:
                _mark(self._by_interest, interest, place)

    @property
    def everything(self) -> int:
        """All positions."""
        return (1 << len(self.offerings)) - 1

    def of_organizations(self, ids: Iterable[str]) -> int:
        """The positions of all services of some organizations."""
        return _united(self._by_organization, ids)

    def of_interest(self, interest: str) -> int:
        """The positions of services that serve an interest."""
        return self._by_interest.get(interest, 0)

    def of_any_interest(self) -> int:
        """The positions of services that name any interest."""
        return _united(self._by_interest, self._by_interest)

    def of_services(self, ids: Iterable[str]) -> int:
        """The positions of some services, as far as they are here."""
        mask = 0
        for each in ids:
            if (place := self.places.get(each)) is not None:
                mask |= 1 << place
        return mask

    def where(self, holds: Callable[[str], bool]) -> int:
        """The positions of services of which something holds."""
        return self.of_services(each for each in self.places if holds(each))

    def column(self, rule: StaticRule, value: Hashable) -> Column:
        """What a rule with a value says of every service; worked out once."""
        key = (rule.name, value)
        found = self._columns.get(key)
        if found is None:
            if len(self._columns) >= COLUMNS_KEPT:
                self._columns.clear()
            found = self._columns[key] = self._judged(rule, value)
        return found

    def _judged(self, rule: StaticRule, value: Hashable) -> Column:
        results: list[RuleResult] = []
        fails = unknowns = 0
        for place, offering in enumerate(self.offerings):
            said = rule.judge(offering, value)
            fails |= (said.outcome == "fail") << place
            unknowns |= (said.outcome == "unknown") << place
            results.append(said)
        hard = bool(results) and results[0].hard
        return Column(fails, unknowns, hard, tuple(results))


def _mark(masks: dict[str, int], key: str, place: int) -> None:
    masks[key] = masks.get(key, 0) | 1 << place


def _united(masks: Mapping[str, int], keys: Iterable[str]) -> int:
    mask = 0
    for key in keys:
        mask |= masks.get(key, 0)
    return mask


@dataclass(eq=False)
class Directory:
    """All services of a district in one version; categories are indexed when first asked for."""

    version: int
    offerings: tuple[Offering, ...] = ()
    by_service: dict[str, Offering] = field(init=False)
    _categories: dict[str, CategoryIndex] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_service = {each.service.service_id: each for each in self.offerings}

    def category(self, wanted: Category) -> CategoryIndex:
        """The services of a category."""
        found = self._categories.get(wanted)
        if found is None:
            members = tuple(each for each in self.offerings if wanted in each.service.categories)
            found = self._categories[wanted] = CategoryIndex(members)
        return found


@dataclass(frozen=True)
class Directories:
    """The directories of the districts that a batch is about."""

    by_district: Mapping[str, Directory]

    def of(self, district: str) -> Directory:
        """A district's directory, empty where nothing was imported."""
        return self.by_district.get(district) or Directory(0)
