"""The benchmark's words: a table, a picture, one JSON object, and the line that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from tests.bench.flow import Measured

MUST: Final = {"naive": 20.0, "cost": 600.0, "telemetry": 0.90}
MUST_P99: Final[Mapping[int, float]] = {50: 0.250, 250: 0.500, 500: 0.700}  # seconds by events/s
MILLISECONDS: Final = 1_000
BAR, GAP, LABEL, WIDTH = 22, 10, 190, 640


@dataclass
class Results:
    """All runs of one benchmark; floods by variant, paced runs by events a second."""

    floods: dict[str, list[Measured]] = field(default_factory=dict)
    paced: dict[int, Measured] = field(default_factory=dict)

    def rate(self, variant: str) -> float:
        """The middle rate of a variant's floods, in events a second."""
        return median(each.rate for each in self.floods[variant])

    def cost(self, variant: str) -> float:
        """The middle processor time of an event, in microseconds."""
        return median(each.cost for each in self.floods[variant])

    @property
    def times_naive(self) -> float:
        """How many times as fast as the baseline."""
        return self.rate("whole") / self.rate("naive")

    @property
    def telemetry(self) -> float:
        """The rate with metrics, traces and logs, against the one without."""
        return self.rate("whole") / self.rate("quiet")

    @property
    def misses(self) -> list[str]:
        """What is worse than the budget of architecture.md 8 allows."""
        checks = [
            (self.times_naive < MUST["naive"], f"whole flow under {MUST['naive']:g} x naive"),
            (self.cost("whole") > MUST["cost"], f"more than {MUST['cost']:g} us per event"),
            (self.telemetry < MUST["telemetry"], f"telemetry under {MUST['telemetry']:g}"),
            *(
                (run.latency(99) > MUST_P99[at], f"p99 over {MUST_P99[at]:g} s at {at} events/s")
                for at, run in self.paced.items()
            ),
        ]
        return [text for is_missed, text in checks if is_missed]


def table(results: Results) -> list[str]:
    """One line a run."""
    lines = [f"{'flood':<10}{'needs':>7}{'events/s':>10}{'us/event':>10}   by process, us/event"]
    for name, runs in results.floods.items():
        lines += [_flood_line(name, each) for each in runs]
    lines += [_asked_line(name, runs[-1]) for name, runs in results.floods.items()]
    lines.append(f"{'paced':<10}{'needs':>7}{'p50 ms':>10}{'p99 ms':>10}")
    lines += [
        f"{f'{at}/s':<10}{run.needs:>7}{run.latency(50) * MILLISECONDS:>10.0f}"
        f"{run.latency(99) * MILLISECONDS:>10.0f}"
        for at, run in results.paced.items()
    ]
    lines += [_asked_line(f"{at}/s", run) for at, run in results.paced.items()]
    return lines


def _flood_line(name: str, run: Measured) -> str:
    shares = ", ".join(f"{process} {spent:.0f}" for process, spent in run.microseconds.items())
    return f"{name:<10}{run.needs:>7}{run.rate:>10.0f}{run.cost:>10.0f}   {shares}"


def _asked_line(name: str, run: Measured) -> str:
    asked = ", ".join(f"{what} {times:.2f}" for what, times in run.asked_an_event.items())
    return f"{name:<10}of MongoDB, an event: {asked}; {run.cost:.0f} us"


def verdict(results: Results) -> list[str]:
    """What the numbers come to; the last line is the one that counts."""
    return [
        f"telemetry on against off: {results.telemetry:.2f}",
        f"processor time: {results.cost('whole'):.0f} us per event",
        *(f"MISSED: {each}" for each in results.misses),
        f"whole flow: {results.times_naive:.1f} × naive",
    ]


def facts(results: Results) -> dict[str, Any]:
    """The numbers, for a machine."""
    return {
        "times_naive": round(results.times_naive, 1),
        "telemetry": round(results.telemetry, 3),
        "cost_us": {name: round(results.cost(name)) for name in results.floods},
        "rates": {
            name: [round(each.rate) for each in runs] for name, runs in results.floods.items()
        },
        "by_process_us": {
            name: {process: round(spent) for process, spent in runs[-1].microseconds.items()}
            for name, runs in results.floods.items()
        },
        "asked_an_event": {
            name: {what: round(times, 2) for what, times in run.asked_an_event.items()}
            for name, run in [
                *((name, runs[-1]) for name, runs in results.floods.items()),
                *((f"{at}/s", run) for at, run in results.paced.items()),
            ]
        },
        "milliseconds": {
            str(at): {str(p): round(run.latency(p) * MILLISECONDS) for p in (50, 99)}
            for at, run in results.paced.items()
        },
        "missed": results.misses,
    }


def picture(results: Results) -> str:
    """Bars: rates of the variants, and p50 and p99 by rate. Plain SVG, readable in any browser."""
    rates = [(f"{name}, events/s", results.rate(name)) for name in results.floods]
    late = [
        (f"p{p} at {at}/s, ms", run.latency(p) * MILLISECONDS)
        for at, run in results.paced.items()
        for p in (50, 99)
    ]
    parts = [*_bars(rates, top=GAP), *_bars(late, top=GAP + len(rates) * (BAR + GAP) + BAR)]
    height = 2 * GAP + (len(rates) + len(late)) * (BAR + GAP) + BAR
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>'
        + "".join(parts)
        + "</svg>\n"
    )


def _bars(values: Sequence[tuple[str, float]], *, top: int) -> list[str]:
    largest = max((value for _, value in values), default=1.0)
    room = WIDTH - LABEL - 80
    made = []
    for number, (name, value) in enumerate(values):
        y, length = top + number * (BAR + GAP), max(1.0, value / largest * room)
        middle = y + BAR * 0.7
        made += [
            f'<text x="{LABEL - 8}" y="{middle:.0f}" text-anchor="end">{name}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{length:.0f}" height="{BAR}" fill="#005ea2"/>',
            f'<text x="{LABEL + length + 6:.0f}" y="{middle:.0f}">{value:,.0f}</text>',
        ]
    return made
