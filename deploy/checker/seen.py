"""Everything that the services have written, read once, when nothing is on its way any more."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.checker.expected import link_name
from deploy.checker.outside import Outside, until
from deploy.checker.told import TABLES, Told, all_records, as_told, read_to
from services.chassis.dead_letters import DISCARDED, ROWS, TICKS
from services.chassis.kernel import Tick
from services.chassis.messages import tick_id
from services.chassis.settings import business_clock
from services.chassis.vault import Vault
from services.notifications.domain.sending import STUCK
from services.notifications.domain.tokens import Tokens
from services.notifications.sender import SWEEP_EVERY
from services.plans.domain.consents import ConsentBook
from services.plans.domain.ledger import Entry, LedgerKey
from services.plans.queries.auditing import check_all
from services.plans.queries.reading import Reading
from services.plans.repository.consents import BOOKS, ENTRIES

Rows = Sequence[dict[str, Any]]
SETTLE_SECONDS: Final = (STUCK + SWEEP_EVERY).total_seconds() + 30.0  # after a kill in mid-send
BETWEEN_LOOKS_SECONDS: Final = 0.3  # each reads a lot, and keeps the services from their work
ON_THE_WAY: Final = ("queued", "sending", "temporary-failure")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All that a world has written, read once."""

    told: list[Told]  # each event once, in the order of its first appearance
    twice: list[str]  # repeats that differ from the first
    rows: dict[str, Rows]  # by "service collection"
    books: Sequence[ConsentBook]
    entries: Sequence[Entry]
    faulty_ledgers: list[str]
    records: Sequence[Any] = ()  # all that stands on topics, as Kafka gives it
    links: Mapping[str, str] = field(default_factory=dict)  # by id, as people who have them say

    def named(self, name: Any) -> str:
        """What people know something by."""
        return self.links.get(name, str(name))

    def of(self, *facts: str) -> list[Told]:
        """Events that say one of these facts."""
        return [each for each in self.told if each.fact in facts]


READ: Final = (
    "plans needs",
    "plans cases",
    "referrals referrals",
    "referrals seats",
    "referrals consents",
    "notifications mailboxes",
    *(f"{service} {each}" for service in TABLES for each in ("outbox", "parked", "inbox")),
)


async def settled(outside: Outside) -> None:
    """Wait until nothing is on its way any more, and no clock that ran out is left."""
    before: list[int] = []

    async def is_quiet() -> bool:
        total, lag = await read_to(outside)
        waiting = sum([len(await outside.rows(each, "outbox")) for each in TABLES])
        messages = await outside.rows("notifications", "mailboxes")
        moving = [m for row in messages for m in row["messages"] if m["state"] in ON_THE_WAY]
        if lag or waiting or moving or [each async for each in overdue(outside)]:
            before.clear()
            return False
        was_so = before == [total]  # what was handled in between has led to nothing more
        before[:] = [total]
        return was_so

    what = "all is sent, handled and told, and no clock overdue"
    await until(is_quiet, what, SETTLE_SECONDS, pause=BETWEEN_LOOKS_SECONDS)


async def overdue(outside: Outside) -> AsyncIterator[Tick]:
    """Clocks that have run out without effect; not those that a person is to look at."""
    for service, tables in TABLES.items():
        now = business_clock(outside.settings[service])()
        aside = {
            row["offset"]
            for name in (ROWS, DISCARDED)
            for row in await outside.rows(service, name, topic=TICKS)
        }
        collections = {kind.state: kind.collection for kind in tables.kinds}
        for kind in {collections[clock.kind] for clock in tables.clocks}:
            for row in await outside.rows(service, kind, due_at={"$lte": now}):
                for name, at in row["clocks"].items():
                    tick = Tick(kind=kind, subject=row["_id"], name=name, at=at)
                    if at <= now and tick_id(tick).hex not in aside:
                        yield tick


async def look(outside: Outside) -> Seen:
    """Read everything."""
    settings = outside.settings["plans"]
    plans = outside.database("plans")
    vault = Vault(plans.beside(settings.platform_database), settings.keks, lambda: 0.0)
    reading, key = Reading(plans, vault), LedgerKey(settings.ledger)
    books = await reading.opened(BOOKS, await outside.rows("plans", BOOKS.collection))
    entries = await reading.opened(ENTRIES, await outside.rows("plans", ENTRIES.collection))
    checked = [each async for each in check_all(plans, vault, key)]
    records = await all_records(outside)
    told, twice = first_of_each(as_told(outside, records))
    tokens = Tokens(settings.pseudonym)
    links = {each.value["link_id"] for each in told if each.fact == "family_answered"}
    return Seen(
        told=told,
        twice=twice,
        records=records,
        rows={each: await outside.rows(*each.split()) for each in READ},
        links={each: link_name(tokens.token(each)) for each in links},
        books=books,
        entries=entries,
        faulty_ledgers=[
            f"ledger of {each.student_id}: {fault.what} at {fault.number}"
            for each in checked
            for fault in each.faults
        ],
    )


def first_of_each(records: Iterable[Told]) -> tuple[list[Told], list[str]]:
    """Each event once; a crash may repeat a record, but never with other words."""
    first: dict[str, Told] = {}
    twice = []
    for each in records:
        if first.setdefault(each.id, each) != each:
            twice.append(f"{each.type} {each.id} was told again, differently")
    return list(first.values()), twice
