"""The whole way of a need, measured: how many events a second, at what cost, how late.

The families have given a standing permission and offers go out by rule, so a need over HTTP leads
to need_identified, referral_opened, candidates_ranked, offer_made and the messages to partner and
family, and nobody is asked to sign. An event is one record, published and handled by all its
consumers.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Final
from uuid import UUID

from services.plans.usecases import need_id_of
from tests.bench.database import counted, since
from tests.bench.load import Need, Site, need
from tests.bench.processor import Meter
from tests.bench.stage import Stage
from tests.bench.topics import Seen

REST_SECONDS: Final = 1.5  # without a new record: the flow has ended
LONGEST_SECONDS: Final = 300.0
EVENTS_PER_NEED: Final = 6.6  # about: most partners have two people to be written to


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run. Times in seconds; `processors` are processor seconds by process."""

    needs: int
    events: int
    seconds: float
    processors: dict[str, float]
    latencies: tuple[float, ...]  # from a need's answer to both messages committed
    told: frozenset[str]  # the needs of which both sides were written to
    asked: dict[str, int]  # of MongoDB: documents, requests, transactions
    busy: int = 0  # needs that were not taken because too much waited
    lost: int = 0  # needs that were taken, and not both sides were written to

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def microseconds(self) -> dict[str, float]:
        """Processor time for one event, by process."""
        return {name: spent / self.events * 1e6 for name, spent in self.processors.items()}

    @property
    def cost(self) -> float:
        """Processor microseconds of all processes for one event."""
        return sum(self.microseconds.values())

    @property
    def asked_an_event(self) -> dict[str, float]:
        """What one event asked of MongoDB."""
        return {name: times / self.events for name, times in self.asked.items()}

    def latency(self, percent: int) -> float:
        """Seconds at a percentile."""
        return quantiles(self.latencies, n=100)[percent - 1]


class Run:
    """Runs on one stage; each need is written once."""

    def __init__(self, on: Stage) -> None:
        self._stage = on
        self._writers = on.writers
        self._written = 0

    async def warm_up(self, students: int) -> None:
        """One need for each of some students; whose family nobody can write to is left out."""
        self._writers = self._writers[:students]
        told = (await self.flood(students)).told
        heard = [need_id_of(_key(number)) in told for number in range(students)]
        self._writers = [
            each for each, is_heard in zip(self._writers, heard, strict=True) if is_heard
        ]

    async def flood(self, needs: int) -> Measured:
        """As fast as they are answered."""
        return await self._measured(self.needs(needs), a_second=None)

    async def paced(
        self, *, events_a_second: float, seconds: float, may_be_busy: bool = False
    ) -> Measured:
        """At a steady rate."""
        a_second = events_a_second / EVENTS_PER_NEED
        needs = self.needs(round(a_second * seconds))
        return await self._measured(needs, a_second=a_second, may_be_busy=may_be_busy)

    def needs(self, count: int) -> list[Need]:
        """Needs that were not written yet."""
        first, self._written = self._written, self._written + count
        return [
            need(number, _key(number), self._writers[number % len(self._writers)])
            for number in range(first, first + count)
        ]

    async def _measured(
        self, needs: Sequence[Need], *, a_second: float | None, may_be_busy: bool = False
    ) -> Measured:
        stage = self._stage
        start = await stage.topics.ends()
        site = Site(stage.services["plans"].ports[0], may_be_busy=may_be_busy)
        async with site.open():
            asked = counted(stage.servers.mongo.url)
            meter = Meter(stage.pids)
            began = time.time()
            if a_second is None:
                await site.flood(needs)
            else:
                await site.paced(needs, a_second=a_second)
            end = await stage.topics.at_rest(seconds=REST_SECONDS, at_most=LONGEST_SECONDS)
            spent = meter.spent()
            asked = since(asked, counted(stage.servers.mongo.url))
        return measured(site, began, spent, asked, await stage.topics.read(start, end))


def measured(
    site: Site, began: float, spent: dict[str, float], asked: dict[str, int], seen: Seen
) -> Measured:
    """What a run shows, once its records were read."""
    told = seen.partner.keys() & seen.family.keys()
    both = {each: max(seen.partner[each], seen.family[each]) for each in told}
    return Measured(
        needs=len(site.answered),
        events=seen.events,
        seconds=seen.last - began,
        processors=spent,
        latencies=tuple(max(both[each] - site.answered[each], 0.0) for each in both),
        told=frozenset(told),
        asked=asked,
        busy=len(site.busy),
        lost=len(site.answered.keys() - told),
    )


def _key(number: int) -> UUID:
    """The key of the n-th form of a run."""
    return UUID(int=number + 1)
