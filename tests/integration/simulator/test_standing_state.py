"""A state written without any service is what the services would have stored."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import pytest

from deploy.simulator.sizes import Size
from deploy.simulator.state.databases import Databases, databases
from deploy.simulator.state.fill import Written, fill
from services.chassis.kinds import Kind
from services.chassis.mongo import Database
from services.chassis.scope import Scope
from services.chassis.settings import Settings, read
from services.notifications.handlers import TABLES as NOTIFICATIONS
from services.plans.domain.ledger import LedgerKey
from services.plans.domain.needs import WithdrawNeed, WriteNeed
from services.plans.handlers import TABLES as PLANS
from services.plans.queries.auditing import check_all
from services.plans.queries.lists import Lists
from services.plans.queries.reading import Reading
from services.plans.queries.records import Records
from services.plans.usecases import Plans, need_id_of
from services.referrals.handlers import TABLES as REFERRALS
from services.referrals.queries import Queries
from tests.servers import dropped
from tests.settings import KEY

SIZE: Final = Size(students=40, needs_a_year=900, organizations=20, services=60)
SERVICES: Final = ("plans", "referrals", "notifications")
TODAY: Final = datetime(2026, 11, 18, tzinfo=UTC)  # the same people do the same every time
T = TypeVar("T")
State = tuple[Written, dict[str, Settings]]


@pytest.fixture(scope="module")
def state(mongo_url: str) -> Iterator[State]:
    own = secrets.token_hex(6)  # another worker may do the same at the same time
    names = {name: f"test-{own}-{name}" for name in (*SERVICES, "platform")}
    settings = {
        name: read(
            name,
            kafka_servers="127.0.0.1:1",  # nobody is there, and nobody asks
            mongo_url=mongo_url,
            database=names[name],
            platform_database=names["platform"],
            public_url="http://127.0.0.1:8000",
            demo=True,
            key_encryption_keys=f"one:{KEY}",
            pseudonym_key=KEY,
            search_key=KEY,
            ledger_key=KEY,
        )
        for name in SERVICES
    }
    with ExitStack() as stack:
        for each in names.values():
            stack.enter_context(dropped(mongo_url, each))
        written = fill(SIZE, settings, today=TODAY, seed=7, say=lambda line: None, processes=1)
        yield written, settings


def within(state: State, work: Callable[[Databases], Awaitable[T]]) -> T:
    async def open_databases() -> T:
        async with databases(state[1]) as at:
            return await work(at)

    return asyncio.run(open_databases())


async def all_read(at: Databases, database: Database, kind: Kind[Any]) -> int:
    rows = await database.collection(kind.collection).find({})
    reading = Reading(database, at.plans.engine.vault)
    return len(await reading.opened(kind, rows))


def test_every_document_is_read_by_its_service(state: State) -> None:
    async def read_all(at: Databases) -> dict[str, int]:
        tables = (
            ("plans", at.plans.database, PLANS.kinds),
            ("referrals", at.referrals.database, REFERRALS.kinds),
            ("notifications", at.notifications.database, NOTIFICATIONS.kinds),
        )
        return {
            f"{name} {kind.collection}": await all_read(at, database, kind)
            for name, database, kinds in tables
            for kind in kinds
        }

    found = within(state, read_all)

    assert found["plans students"] == state[0].students == SIZE.students
    assert found["plans needs"] == state[0].needs > SIZE.needs_a_year * 0.6
    assert found["referrals referrals"] == state[0].needs
    assert sum(found.values()) == state[0].documents
    assert [name for name, count in found.items() if not count] == []


def test_every_ledger_holds(state: State) -> None:
    async def check(at: Databases) -> list[tuple[int, int]]:
        settings, vault = at.plans.settings, at.plans.engine.vault
        found = check_all(at.plans.database, vault, LedgerKey(settings.ledger))
        return [(each.entries, len(each.faults)) async for each in found]

    ledgers = within(state, check)

    assert sum(entries for entries, _ in ledgers) > 0
    assert sum(faults for _, faults in ledgers) == 0


def test_lists_and_pages_show_it(state: State) -> None:
    scope = Scope(state[0].district_id)

    async def look(at: Databases) -> tuple[int, int, int]:
        reading = Reading(at.plans.database, at.plans.engine.vault)
        work = await Lists(reading).today(scope, None)
        record = await Records(reading).record(scope, work.lines[0].student.student_id)
        (partner,) = await at.referrals.database.collection("referrals").find(
            {"to_answer": {"$exists": True}, "to_answer.0": {"$exists": True}}, limit=1
        )
        own = frozenset(partner["to_answer"])
        asked = Scope(scope.district, within={"organization_ids": own})
        queries = Queries(at.referrals.database, at.referrals.engine.vault)
        return len(work.lines), len(record.needs), (await queries.listed(asked, "to_answer")).total

    lines, needs, offers = within(state, look)

    assert (lines > 0, needs > 0, offers > 0) == (True, True, True)


def test_the_commit_door_goes_on_from_it_and_stores_the_same_fields(state: State) -> None:
    async def go_on(at: Databases) -> tuple[set[str], set[str], str]:
        needs = at.plans.database.collection("needs")
        (before,) = await needs.find({"state": "IN_REFERRAL"}, limit=1)
        scope = Scope(state[0].district_id, actor=before["case_manager_id"])
        door, key = Plans(at.plans.engine.committer), at.plans.clocks.new_id()
        written = WriteNeed(
            key=key,
            scope=scope,
            need_id=need_id_of(key),
            student_id=before["student_id"],
            category="enrich.tutoring",
            summary="One more",
            urgency="routine",
        )
        await door.write_need(written)
        (after,) = await needs.find({"_id": written.need_id})
        ended = WithdrawNeed(
            key=at.plans.clocks.new_id(),
            scope=scope,
            need_id=before["_id"],
            code="staff-decision",
        )
        return set(before), set(after), (await door.withdraw_need(ended)).state

    before, after, ended = within(state, go_on)

    assert before == after - {"told_in"}  # of what was told; the state in memory told nobody
    assert ended == "WITHDRAWN"
