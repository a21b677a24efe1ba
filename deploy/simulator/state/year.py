"""When the needs of the year that ends now were written, and about whom: pure, from a seed."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from deploy.local.town.district import TIME_ZONE
from deploy.simulator.arrivals import Arrival, arrivals
from deploy.simulator.sizes import SCHOOL_DAYS, Size
from services.plans.domain.students import Student

Needs = Mapping[str, Sequence[Arrival]]  # by student


def needs_of(students: Sequence[Student], size: Size, now: datetime, seed: int) -> Needs:
    """The needs of a year that ends now, by student, as a simulation would let them come."""
    caseloads: dict[str, list[str]] = defaultdict(list)
    for each in students:
        if each.case_manager_id:
            caseloads[each.case_manager_id].append(each.student_id)
    able = [caseloads[each] for each in sorted(caseloads)]
    found: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in deque(a_year(size, now, seed), maxlen=size.needs_a_year):
        own = able[int(arrival.manager * len(able))]
        found[own[int(arrival.student * len(own))]].append(arrival)
    return found


def a_year(size: Size, now: datetime, seed: int) -> Iterator[Arrival]:
    """Needs of as many weekdays as a school year has, the last of them today."""
    first_day = now.date() - timedelta(days=SCHOOL_DAYS * 7 // 5)
    coming = arrivals(seed, first_day=first_day, zone=TIME_ZONE, needs_a_day=size.needs_a_day)
    return takewhile(lambda each: each.at < now, coming)
