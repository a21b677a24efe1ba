"""`wraparound check HISTORY`: what people were told is done, against all that was written.

Starts what the simulation ran, at the time at which it ended and no faster than real time, waits
until nothing is on its way any more, and looks at databases, topics, mails and texts from outside.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from pathlib import Path

from deploy.checker.clear import in_the_clear, of_databases, of_files, of_topics
from deploy.checker.expected import Expected
from deploy.checker.history import expected, opened
from deploy.checker.invariants import findings
from deploy.checker.looks import late_looks
from deploy.checker.mails import kept_mails, mails_agree
from deploy.checker.outside import NotWithin, Outside
from deploy.checker.seats import changes_of_seats, oversold
from deploy.checker.seen import look, settled
from deploy.checker.texts import kept_texts, texts_agree
from deploy.local.story.sources import Filling
from deploy.local.supervisor import Ended
from deploy.simulator import world
from deploy.simulator.district import district
from deploy.simulator.run import where
from deploy.simulator.sizes import SIZES
from services.chassis.settings import real_time


@dataclass(frozen=True)
class Found:
    """What is wrong, and what may be but is told: looks between a family's word and its arrival."""

    violations: list[str]
    late_looks: list[timedelta] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What came of a check."""

    acts: int
    unheard: int
    found: Found

    def __str__(self) -> str:
        unheard = f" and {self.unheard:,} that nobody heard of" if self.unheard else ""
        return f"{self.acts:,} acts{unheard}, {len(self.found.violations):,} violations{self._late}"

    @property
    def _late(self) -> str:
        ages = self.found.late_looks
        if not ages:
            return ""
        longest = ages[-1].total_seconds()
        return f"; {len(ages)} looks at a Packet up to {longest:.1f} s after the family's word"


def check(path: Path) -> Verdict:
    """Compare a history with what is there.

    Raises:
        Failure: the history cannot be read, or something could not be started.
        Ended: somebody asked to end.
    """
    header, lines = opened(path)
    wanted, folder, port = expected(lines), path.parent, header.port
    with world.servers(folder, port) as (supervisor, all_of_it):
        clock = world.clock_settings(where(header, lines).at, real_time(), 1.0)
        world.start_services(supervisor, all_of_it, folder=folder, port=port, clock=clock)
        outside = world.outside_of({**all_of_it.environment, **clock})
        made = district(SIZES[header.size], header.today, header.seed)
        found = asyncio.run(compare(outside, wanted, folder, addresses_of(made)))
    return Verdict(wanted.done.total(), wanted.perhaps.total(), found)


async def compare(
    outside: Outside, wanted: Expected, folder: Path, addresses: frozenset[bytes]
) -> Found:
    """Wait until all is settled, then look."""
    try:
        await settled(outside)
        seen = await look(outside)
        everywhere = chain(
            of_databases(outside), of_topics(seen.records), of_files(folder / "logs")
        )
        violations = [
            *findings(seen, wanted),
            *mails_agree(seen.told, kept_mails(folder / "mail")),
            *texts_agree(seen.told, kept_texts(folder / "texts")),
            *in_the_clear(everywhere, addresses),
            *oversold(changes_of_seats(outside)),
        ]
        return Found(violations, late_looks(seen.told))
    except NotWithin as late:
        return Found([str(late)])
    finally:
        await outside.close()


def addresses_of(made: Filling) -> frozenset[bytes]:
    """By what families are reached, but for numbers that partners of other wards have too.

    Numbers that belong to nobody are few: every ward takes them from the same list.
    """
    families = {
        channel.value for contact in made.people.roster.contacts for channel in contact.channels
    }
    partners = {
        phone
        for records in made.partners
        for phone in (
            *(each.phone for each in records.organizations),
            *(each.phone for each in records.services),
            *(each.phone for each in records.coordinators),
        )
    }
    return frozenset(each.encode() for each in families - partners)


def main(path: Path) -> int:
    """Check, say what is wrong; 1 where anything is."""
    with suppress(Ended):
        verdict = check(path)
        for each in verdict.found.violations:
            sys.stderr.write(f"VIOLATED: {each}\n")
        sys.stdout.write(f"{verdict}\n")
        return 1 if verdict.found.violations else 0
    return 1
