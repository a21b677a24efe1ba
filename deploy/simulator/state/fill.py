"""A district of a size with a year of needs, written straight into the collections.

Nothing goes over Kafka and no service runs: their databases are as if all of it had gone through
them, and every message had been taken by a provider that tells nothing more of it.
"""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing import get_context
from typing import Any, Final, cast

from deploy.local.story.fill import add, add_coordinators, of_staff
from deploy.local.story.sources import Filling
from deploy.simulator.district import district
from deploy.simulator.fate import Fate
from deploy.simulator.sizes import Size
from deploy.simulator.state.databases import Databases, databases
from deploy.simulator.state.door import MemoryDoor
from deploy.simulator.state.post import share_with_post
from deploy.simulator.state.shared import share
from deploy.simulator.state.stories import Story
from deploy.simulator.state.writing import AGGREGATES, parts, persons
from deploy.simulator.state.year import Needs, needs_of
from services.chassis.collector import collect_seldom
from services.chassis.settings import Settings
from services.chassis.vault import Keyring
from services.notifications.domain.links import Link
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.pins import ContactChoice
from services.notifications.domain.stops import Stops
from services.notifications.handlers import TABLES as NOTIFICATIONS
from services.plans.domain.cases import Case
from services.plans.domain.consents import ConsentBook
from services.plans.domain.ledger import Entry
from services.plans.domain.needs import Need
from services.plans.domain.students import Student
from services.plans.domain.timeline import Timeline
from services.plans.handlers import TABLES as PLANS
from services.plans.importing import importer
from services.plans.pseudonyms import Pseudonyms
from services.referrals.directory.given import Records
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.referral import Referral
from services.referrals.domain.seat_book import SeatBook
from services.referrals.domain.seats import LARGEST, Change, Seats
from services.referrals.handlers import TABLES as REFERRALS
from services.referrals.importing import DirectoryImport
from services.referrals.providers import EDITIONS, Edition
from services.referrals.usecases import DirectoryDesk

OF_A_STUDENT: Final = (
    *(Need, Case, Timeline, ConsentBook, Entry),
    *(Referral, ConsentCopy),
    *(Mailbox, Link, ContactChoice, Stops),
)
STUDENTS_TOGETHER: Final = 25  # each event is looked for among all that they have
SAID_EVERY: Final = 200
FIRST_HOUR: Final = time_of_day(11)  # UTC: early morning in town
YEAR: Final = timedelta(days=366)
Say = Callable[[str], None]
Told = tuple[int, Mapping[str, Change]]  # documents written, and what became of places
_INHERITED: dict[str, Any] = {}  # by the processes that tell stories


@dataclass(frozen=True, kw_only=True)
class Written:
    """What stands in the collections, and what time it is there."""

    district_id: str
    now: datetime
    students: int
    needs: int
    documents: int
    seconds: float


@dataclass(kw_only=True)
class Filler:
    """Fills the databases of plans and referrals; its parts run in processes of their own."""

    settings: Mapping[str, Settings]
    seed: int
    say: Say
    size: Size
    door: MemoryDoor
    made: Filling
    now: datetime
    district: str
    documents: int = 0

    async def bring_in(self) -> None:
        """People and partners, by the services' own imports at a door in memory; and accounts."""
        async with databases(self.settings) as at:
            await at.prepare()
            door = self.door
            door.shared[Edition] = Edition(defaultdict(lambda: self.district))
            share_with_post(door, self.settings["notifications"].pseudonym)
            await replace(importer(at.plans), door=door).bring_in(self.made.people)
            for records in self.made.partners:
                run = DirectoryImport(
                    desk=DirectoryDesk(cast("Any", door)),
                    district=self.district,
                    run_id=at.plans.clocks.new_id(),
                )
                await run.run(roomy(records))
            door.look()
            share(door, self.district, version=1, ledger=self.settings["plans"].ledger)
            await self._write_people(at)
            await self._add_accounts(at)

    async def _write_people(self, at: Databases) -> None:
        """Seats come last, for every story takes or frees some."""
        held = [each for each in self.door.changed(self.door.kinds) if each.kind.state is not Seats]
        for number, some in enumerate(parts(held, AGGREGATES)):
            await at.writer.write(some, await at.keys(persons(some)))
            done = min(len(held), (number + 1) * AGGREGATES)
            self.say(f"people and partners: {done:,} of {len(held):,}")
        editions = at.referrals.database.collection(EDITIONS)
        await editions.insert_missing([{"_id": self.district, "version": 1}])
        self.documents += at.writer.written

    async def _add_accounts(self, at: Databases) -> None:
        accounts, people = at.plans.accounts, self.made.people
        ids = (await importer(at.plans).translation(people)).ids
        everywhere = frozenset(ids.of("school", each.source_id) for each in people.roster.schools)
        for member in people.staff:
            own = frozenset(ids.of("school", each) for each in member.school_source_ids)
            staff_id = ids.of("staff", member.source_id)
            await add(accounts, of_staff(member, staff_id, own or everywhere, self.district))
        for records in self.made.partners:
            await add_coordinators(accounts, records, self.district)

    async def tell(self, students: Sequence[Student], needs: Needs) -> Told:
        """A year of these students, written; gives how many documents, and what became of seats."""
        fate = Fate(self.seed)
        done = 0
        async with databases(self.settings) as at:
            for some in parts(students, STUDENTS_TOGETHER):
                who = {each.student_id for each in some}
                who |= {contact.contact_id for each in some for contact in each.contacts}
                self.door.keys = await at.keys(who)
                for student in some:
                    own = needs.get(student.student_id, [])
                    Story(door=self.door, fate=fate, student=student, ends=self.now).play(own)
                told = self.door.changed(OF_A_STUDENT)
                others = await at.keys(persons(told) - who)
                keys = self.door.keys.and_keys(others)
                await at.writer.write(told, keys)
                self.door.forget(OF_A_STUDENT)
                done += len(some)
                if done % SAID_EVERY == 0 or done == len(students):
                    self.say(f"a year of {done:,} of {len(students):,} students")
            book: SeatBook = self.door.shared[SeatBook]
            return at.writer.written, book.changes

    async def write_seats(self, changes: Sequence[Mapping[str, Change]]) -> None:
        """The places of all services, as all stories together left them."""
        for each in changes:
            for service_id, change in each.items():
                seats = self.door.find(Seats, service_id)
                assert seats is not None  # noqa: S101 - only those that are there have moved
                moved = replace(
                    seats, held=seats.held + change.held, taken=seats.taken + change.taken
                )
                self.door.put(moved, service_id)
        async with databases(self.settings) as at:
            await at.writer.write(self.door.changed([Seats]), Keyring({}))
            self.documents += at.writer.written


def roomy(records: Records) -> Records:
    """The same partners with places for everybody, so that no need of the year goes without."""
    return replace(records, seats=[replace(each, maximum=LARGEST) for each in records.seats])


def fill(
    size: Size,
    settings: Mapping[str, Settings],
    *,
    today: datetime,
    seed: int,
    say: Say,
    processes: int | None = None,
) -> Written:
    """A district of a size in empty databases; a process for each processor, if not said otherwise.

    No event loop may run where this is called.
    """
    began = time.monotonic()
    made = district(size, today.date(), seed)
    now = datetime.combine(made.clock_start or today.date(), FIRST_HOUR, UTC)
    ids = Pseudonyms(settings["plans"].pseudonym, made.people.roster.district.source_id)
    filler = Filler(
        settings=settings,
        seed=seed,
        say=say,
        size=size,
        door=MemoryDoor((PLANS, REFERRALS, NOTIFICATIONS), ids.district_id, now - YEAR),
        made=made,
        now=now,
        district=ids.district_id,
    )
    asyncio.run(filler.bring_in())
    students = filler.door.all(Student)
    needs = needs_of(students, size, now, seed)
    told = in_processes(filler, students, needs, processes or os.cpu_count() or 1)
    asyncio.run(filler.write_seats([changes for _, changes in told]))
    return Written(
        district_id=filler.district,
        now=now,
        students=len(students),
        needs=sum(len(each) for each in needs.values()),
        documents=filler.documents + sum(documents for documents, _ in told),
        seconds=time.monotonic() - began,
    )


def in_processes(
    filler: Filler, students: Sequence[Student], needs: Needs, processes: int
) -> list[Told]:
    """Each process tells of a share of the students; it inherits all that the filler holds."""
    if processes == 1:
        return [asyncio.run(filler.tell(students, needs))]
    collect_seldom()
    _INHERITED.update(filler=filler, students=students, needs=needs)
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        return list(pool.map(_tell_share, range(processes), [processes] * processes))


def _tell_share(number: int, of: int) -> Told:
    filler: Filler = _INHERITED["filler"]
    return asyncio.run(filler.tell(_INHERITED["students"][number::of], _INHERITED["needs"]))
