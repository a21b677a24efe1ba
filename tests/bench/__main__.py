"""`make bench`: the whole flow against a naive baseline, on the same servers in one run.

Prints a table, writes a picture and the numbers to `var/bench`, and ends with one line such as
`whole flow: 31.2 × naive`. The exit code is 1 where a budget of architecture.md 8 is missed.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.local import install, places
from deploy.local.failure import said_in_one_sentence
from deploy.local.given import Given
from deploy.local.supervisor import Supervisor
from tests.bench import report
from tests.bench.flow import Run
from tests.bench.report import Results
from tests.bench.stage import NAIVE, QUIET, WHOLE, Servers, Variant, say, servers, stage

FOLDER: Final = places.VAR / "bench"
STUDENTS: Final = 1_500
FLOODS: Final = 2
NEEDS: Final = 1_500
# The baseline is slow: fewer needs take it as long, and its rate does not change with their number.
NAIVE_STUDENTS: Final = 100
NAIVE_NEEDS: Final = 150
RATES: Final = (50, 250, 500)
PACED_SECONDS: Final = 20.0
TURNS: Final[Sequence[tuple[Variant, bool]]] = (
    (WHOLE, True),
    (QUIET, False),
    (WHOLE, False),
    (QUIET, False),
    (NAIVE, False),
)
"""With and without telemetry in turns, so that a machine that slows down slows both."""


async def measure(on: Servers, folder: Path) -> Results:
    """All variants, one after the other."""
    results = Results()
    for number, (variant, is_paced) in enumerate(TURNS):
        async with stage(variant, on, folder / str(number)) as made:
            run = Run(made)
            is_naive = variant is NAIVE
            await run.warm_up(NAIVE_STUDENTS if is_naive else STUDENTS)
            for _ in range(FLOODS):
                flooded = await run.flood(NAIVE_NEEDS if is_naive else NEEDS)
                results.floods.setdefault(variant.name, []).append(flooded)
                say(variant.name, f"{flooded.rate:.0f} events/s", round(flooded.seconds * 1000))
            if is_paced:
                for rate in RATES:
                    paced = await run.paced(events_a_second=rate, seconds=PACED_SECONDS)
                    results.paced[rate] = paced
                    late = round(paced.latency(99) * report.MILLISECONDS)
                    say(variant.name, f"p99 at {rate} events/s", late)
    return results


def main() -> int:
    """Start servers, measure, say."""
    install.install(Given())
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=FOLDER) as scratch,
        Supervisor(say=say) as supervisor,
        servers(Path(scratch), supervisor) as on,
    ):
        results = asyncio.run(measure(on, Path(scratch)))
    (FOLDER / "flow.svg").write_text(report.picture(results), encoding="utf-8")
    told = report.facts(results) | {"load": os.getloadavg()[2], "processors": os.cpu_count()}
    (FOLDER / "flow.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for line in (*report.table(results), *report.verdict(results)):
        sys.stdout.write(line + "\n")
    return 1 if results.misses else 0


if __name__ == "__main__":
    with said_in_one_sentence():
        sys.exit(main())
