"""A step of the demo: brings people and partners in, and personas to sign in with.

`python -m deploy.local.story.fill`; finds settings and ROSTER, DIRECTORY, AREAS in its environment,
and in ERRORS where to write what was found on their rows. The same again changes nothing.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from deploy.local.failure import Failure, said_in_one_sentence
from deploy.local.story.sources import Filling, filling
from services.chassis.accounts import Accounts, NewAccount, Role
from services.chassis.findings import write_findings
from services.chassis.kernel import Refused
from services.chassis.process import Process
from services.chassis.settings import Settings, read
from services.plans import main as plans
from services.plans.importing import importer
from services.plans.roster.records import StaffRecord
from services.referrals import main as referrals
from services.referrals.directory.given import Records, coordinator_id
from services.referrals.importing import DirectoryImport
from services.referrals.usecases import DirectoryDesk

ERRORS: Final = "import-errors.csv"
PERSONAS: Final = 200  # of one source: what a start page can hold
TENTHS: Final = 10


async def fill(given: Filling, settings: Mapping[str, Settings] | None = None) -> None:
    """Everything through the services' own doors; without settings by those of the environment."""
    found = settings or {name: read(name) for name in ("plans", "referrals")}
    process = plans.process(found["plans"])
    try:
        await process.prepare()
        done = await importer(process).bring_in(given.people, told("students"))
        ids = (await importer(process).translation(given.people)).ids
        for member in given.people.staff:
            schools = frozenset(ids.of("school", each) for each in member.school_source_ids)
            if not schools:
                schools = frozenset(
                    ids.of("school", each.source_id) for each in given.people.roster.schools
                )
            account = of_staff(member, ids.of("staff", member.source_id), schools, done.district_id)
            await add(process.accounts, account)
        for records in given.partners:
            await bring_partners_in(records, done.district_id, found["referrals"])
            await add_coordinators(process.accounts, records, done.district_id)
    finally:
        await process.database.close()


async def bring_partners_in(records: Records, district: str, settings: Settings) -> None:
    """Organizations, services, people and places of one source."""
    process: Process = referrals.process(settings)
    try:
        await process.prepare()
        run = DirectoryImport(
            desk=DirectoryDesk(process.engine.committer),
            district=district,
            run_id=process.clocks.new_id(),
            progress=told(f"partners of {records.source}"),
        )
        await run.run(records)
    finally:
        await process.database.close()


def of_staff(
    member: StaffRecord, staff_id: str, schools: frozenset[str], district: str
) -> NewAccount:
    """A persona for a member of staff."""
    return NewAccount(
        user_id=staff_id,
        sign_in_name=member.email,
        name=f"{member.first_name} {member.surname}",
        role=Role(member.role.value),
        district=district,
        school_ids=schools,
        is_persona=True,
    )


async def add_coordinators(accounts: Accounts, records: Records, district: str) -> None:
    """Personas for coordinators: whichever partner is asked, somebody can answer for it."""
    organizations = {each.source_id: each for each in records.organizations}
    for each in records.coordinators[:PERSONAS]:
        organization = organizations[each.organization_source_id]
        account = NewAccount(
            user_id=coordinator_id(records.source, each.source_id),
            sign_in_name=each.email,
            name=f"{each.first_name} {each.surname}, {organization.name}",
            role=Role.PARTNER_COORDINATOR,
            district=district,
            organization_id=str(organization.organization_id),
            is_persona=True,
        )
        await add(accounts, account)


async def add(accounts: Accounts, account: NewAccount) -> None:
    """Add an account unless it is there."""
    with suppress(Refused):
        await accounts.add(account)


def told(what: str) -> Callable[[int, int], None]:
    """Progress, a line for each tenth."""
    tenths = 0

    def tell(done: int, of_all: int) -> None:
        nonlocal tenths
        before, tenths = tenths, done * TENTHS // of_all
        if tenths > before:
            say(f"{what}: {done:,} of {of_all:,}")

    return tell


def say(line: str) -> None:
    """A line for whoever watches; standard output is for the story's result."""
    print(f"  {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Read, say what was found, bring it in."""
    environment = os.environ
    today = date.fromisoformat(environment["TODAY"])
    given = filling(
        today,
        roster=environment.get("ROSTER", ""),
        directory=environment.get("DIRECTORY", ""),
        areas=environment.get("AREAS", ""),
    )
    for line in given.counts:
        say(line)
    write_errors(given, Path(environment.get("ERRORS", ERRORS)))
    try:
        asyncio.run(fill(given))
    except Refused as no:
        raise Failure(f"{no.message} Begin anew with FRESH=1.") from no


def write_errors(given: Filling, path: Path) -> None:
    """The remarks on files that were given, for a spreadsheet."""
    if given.reports:
        with path.open("w", encoding="utf-8", newline="") as out:
            count = write_findings(given.reports, out)
        say(f"{count} remarks stand in {path}")


if __name__ == "__main__":
    with said_in_one_sentence():
        main()
