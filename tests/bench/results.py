"""What the runs of the flow come to: figures with the budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.figures import Budget, Figure, figure, in_pairs
from tests.bench.flow import Measured
from tests.bench.processor import Held

NAIVE_MUST: Final = Budget(limit=20.0, is_floor=True)
COST_MUST: Final = Budget(limit=600.0)
TELEMETRY_MUST: Final = Budget(limit=0.90, is_floor=True)
P99_MUST: Final[Mapping[int, Budget]] = {  # milliseconds by events a second
    50: Budget(limit=250.0),
    250: Budget(limit=500.0),
    500: Budget(limit=700.0),
}
MILLISECONDS: Final = 1_000
WHOLE, QUIET, BARE, NAIVE = "whole", "quiet", "bare", "naive"
FLOW, LATENCY, COST, DATABASE = "flow", "latency", "processor time", "of MongoDB"
MEMORY, START = "memory", "start-up"


@dataclass
class Results:
    """All runs; floods by variant, paced runs by events a second, in the order of time."""

    floods: dict[str, list[Measured]] = field(default_factory=dict)
    paced: dict[int, list[Measured]] = field(default_factory=dict)
    started: dict[str, list[float]] = field(default_factory=dict)  # seconds by process
    held: dict[str, list[Held]] = field(default_factory=dict)  # memory by process, whole flow

    def rates(self, variant: str) -> list[float]:
        """Events a second of a variant's floods."""
        return [each.rate for each in self.floods[variant]]

    def figures(self) -> list[Figure]:
        """All that was measured."""
        return [
            *self._rates(),
            *self._latencies(),
            *self._costs(),
            *self._asked(),
            *self._memory(),
            *(figure(START, name, "s", taken) for name, taken in self.started.items()),
        ]

    def _rates(self) -> list[Figure]:
        ratios = [
            figure(FLOW, f"{WHOLE} against {other}", "times", self._against(other), budget)
            for other, budget in ((NAIVE, NAIVE_MUST), (BARE, None), (QUIET, TELEMETRY_MUST))
            if {WHOLE, other} <= self.floods.keys()
        ]
        floods = [
            figure(FLOW, f"{name}, flood", "events/s", self.rates(name)) for name in self.floods
        ]
        return [*floods, *ratios]

    def _against(self, other: str) -> tuple[float, ...]:
        return in_pairs(self.rates(WHOLE), self.rates(other))

    def _latencies(self) -> list[Figure]:
        return [
            figure(
                LATENCY,
                f"p{percent} at {at} events/s",
                "ms",
                [each.latency(percent) * MILLISECONDS for each in runs],
                P99_MUST.get(at) if percent == 99 else None,
            )
            for at, runs in self.paced.items()
            for percent in (50, 99)
        ]

    def _costs(self) -> list[Figure]:
        found = []
        for name, runs in self._runs():
            must = COST_MUST if name == WHOLE else None
            found.append(figure(COST, name, "us/event", [each.cost for each in runs], must))
            found += [
                figure(COST, f"{name}: {process}", "us/event", spent)
                for process, spent in _by_name([each.microseconds for each in runs]).items()
            ]
        return found

    def _asked(self) -> list[Figure]:
        return [
            figure(DATABASE, f"{name}: {what}", "an event", times)
            for name, runs in self._runs()
            for what, times in _by_name([each.asked_an_event for each in runs]).items()
        ]

    def _runs(self) -> list[tuple[str, list[Measured]]]:
        return [*self.floods.items(), *((f"{at}/s", runs) for at, runs in self.paced.items())]

    def _memory(self) -> list[Figure]:
        return [
            figure(MEMORY, f"{name}, {when}", "MiB", [getattr(each, of) for each in held])
            for name, held in self.held.items()
            for when, of in (("at rest", "now"), ("at most", "peak"))
        ]


def _by_name(runs: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {name: [each[name] for each in runs] for name in runs[0]}
