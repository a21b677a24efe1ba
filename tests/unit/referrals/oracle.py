"""Matching as plain as can be: service by service, no masks. What the fast ranking must equal."""

from collections.abc import Mapping

from schemas.referrals import RuleResult
from services.referrals.domain.directory import Offering
from services.referrals.domain.fit import points
from services.referrals.domain.index import Directory
from services.referrals.domain.matching import FIRST, NEAR_MISSES, Circumstances
from services.referrals.domain.memory import memory
from services.referrals.domain.rules import RULES, Asked
from services.referrals.domain.seats import capacity

SEATS_IN_ORDER = {"pass": 0, "unknown": 1, "stale": 1, "waitlist": 2, "full": 3, "closed": 3}
Judged = tuple[Offering, dict[str, RuleResult]]


def results(offering: Offering, asked: Asked, around: Circumstances) -> dict[str, RuleResult]:
    found = {
        rule.name: rule.judge(offering, rule.of(asked)) for rule in RULES if rule.applies(asked)
    }
    service = offering.service
    found["capacity"] = capacity(around.seats.find(service.service_id), asked.today)
    found["memory"] = memory(around.tried.get(service.service_id), asked.today)
    return {str(name): each for name, each in found.items() if name not in asked.waived}


def hard_fails(judged: Judged, asked: Asked, around: Circumstances) -> set[str]:
    offering, found = judged
    fails = {name for name, each in found.items() if each.hard and each.outcome == "fail"}
    unwanted = offering.service.organization_id in around.refused | asked.excluded
    if unwanted and "family" not in asked.waived:
        fails.add("family")
    return fails


def expected(
    directory: Directory, asked: Asked, around: Circumstances
) -> tuple[list[str], list[str], Mapping[str, int]]:
    """Ranked ids, ids of near misses, and how many each rule fails."""
    members = [
        (each, results(each, asked, around))
        for each in directory.offerings
        if asked.category in each.service.categories
    ]
    fails = {judged[0].service.service_id: hard_fails(judged, asked, around) for judged in members}

    def place(judged: Judged) -> tuple[object, ...]:
        offering, found = judged
        service = offering.service
        seats = around.seats.find(service.service_id)
        kind = capacity(seats, asked.today).code.partition(".")[2]
        is_known = SEATS_IN_ORDER[kind] in {0, 2}
        load = around.seats.load(service.service_id) if is_known else 0.0
        return (
            SEATS_IN_ORDER[kind],
            not around.covers_all and service.organization_id not in around.covered,
            -points(offering, asked, found.values()),
            load,
            service.service_id,
        )

    def unknown(judged: Judged) -> bool:
        return any(each.hard and each.outcome == "unknown" for each in judged[1].values())

    in_order = sorted(members, key=place)
    good = [each for each in in_order if not fails[each[0].service.service_id]]
    ranked = [each for each in good if not unknown(each)] + [each for each in good if unknown(each)]
    near = [each for each in in_order if len(fails[each[0].service.service_id]) == 1]
    names = {name for each in fails.values() for name in each}
    counts = {name: sum(name in each for each in fails.values()) for name in names}
    return _ids(ranked[:FIRST]), _ids(near[:NEAR_MISSES]), counts


def _ids(judged: list[Judged]) -> list[str]:
    return [each[0].service.service_id for each in judged]
