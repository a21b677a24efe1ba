"""Lists read what they show, and not the year behind it."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pytest
from pymongo.database import Database

from services.chassis.kinds import Kind
from services.chassis.process import Process
from services.chassis.scope import Scope
from services.plans.domain.attention import NOTHING
from services.plans.main import process
from services.plans.queries import lists as lists_module
from services.plans.queries.lists import LINES, Lists
from services.plans.queries.reading import Reading
from services.plans.repository.needs import NEEDS
from services.plans.repository.people import STUDENTS
from tests.servers import Client, dropped
from tests.settings import settings_of

MANY: Final = 400
SCHOOLS: Final = 8
FEW: Final = 2  # schools of a scope
OF_SCHOOLS: Final = Scope(district="d", within={"school_id": frozenset({"s-1", "s-2"})})
WHOLE: Final = Scope(district="d")
PRESSING: Final = {"attention_rank": 0, "attention": "act-refused"}
NOTHING_BEFORE: Final = {"attention_rank": 26, "attention": None}
WAITS: Final = [{"$set": {**PRESSING, "student_id": {"$concat": ["u-", "$_id"]}}}]
Raw = Database[dict[str, Any]]
S = TypeVar("S")


def fill(raw: Raw) -> None:
    """Needs of which none waits for anybody, and known students."""
    whose = [
        {"district": "d", "school_id": f"s-{n % SCHOOLS}", "case_manager_id": f"m-{n % SCHOOLS}"}
        for n in range(MANY)
    ]
    raw[NEEDS.collection].insert_many(
        [{"_id": f"n-{n}", "attention_rank": NOTHING, **each} for n, each in enumerate(whose)]
    )
    raw[STUDENTS.collection].insert_many(
        [{"_id": f"u-{n}", "is_known": True, **each} for n, each in enumerate(whose)]
    )


@contextmanager
def watched(raw: Raw) -> Iterator[dict[str, int]]:
    """How many documents and keys each collection was looked through, once the block has ended."""
    looked: dict[str, int] = {}
    raw.command("profile", 2)
    yield looked
    raw.command("profile", 0)
    for each in raw["system.profile"].find({"docsExamined": {"$exists": True}}):
        name = each["ns"].partition(".")[2]
        looked[name] = looked.get(name, 0) + each["docsExamined"] + each["keysExamined"]


@dataclass(frozen=True)
class Noting(Reading):
    """Notes of which kind how many states are opened, and opens none."""

    noted: list[tuple[str, int]] = field(default_factory=list)

    async def by_id(self, kind: Kind[S], scope: Scope, ids: Iterable[str]) -> dict[str, S]:
        del scope
        self.noted.append((kind.collection, len(set(ids))))
        return {}

    async def find(self, *given: Any, **named: Any) -> list[Any]:
        raise AssertionError(f"opens all of {given[0].collection}")


@pytest.fixture
async def made(mongo_url: str, unique: str) -> AsyncIterator[Process]:
    """A process on databases of its own: how a query is answered depends on those before it."""
    made = process(settings_of("plans", mongo_url=mongo_url, unique=unique))
    with dropped(mongo_url, made.database.name), dropped(mongo_url, made.engine.platform.name):
        await made.prepare()
        yield made
        await made.close()


@pytest.fixture
def raw(made: Process, mongo_client: Client) -> Raw:
    """The documents of that process."""
    return mongo_client[made.database.name]


async def test_a_work_list_opens_only_the_needs_that_it_shows(made: Process, raw: Raw) -> None:
    raw[NEEDS.collection].insert_many(
        [
            {"_id": f"n-{n}", "district": "d", "student_id": f"u-{n}", **PRESSING}
            for n in range(3 * LINES)
        ]
    )
    noting = Noting(made.database, made.engine.vault)
    work = await Lists(noting).today(WHOLE, None)

    assert noting.noted[0] == (NEEDS.collection, LINES)
    assert work.more == 2 * LINES


async def test_a_need_that_waited_for_nobody_by_the_ranks_of_an_older_version_is_no_line(
    made: Process, raw: Raw
) -> None:
    raw[NEEDS.collection].insert_one(
        {"_id": "n", "district": "d", "student_id": "u", **NOTHING_BEFORE}
    )
    noting = Noting(made.database, made.engine.vault)
    work = await Lists(noting).today(WHOLE, None)

    assert (noting.noted[0], work.more) == ((NEEDS.collection, 0), 0)


async def test_where_more_waits_than_is_looked_at_nobody_is_said_to_be_fine(
    made: Process, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    fill(raw)
    raw[NEEDS.collection].update_many({"_id": {"$in": [f"n-{n}" for n in range(2 * LINES)]}}, WAITS)
    for most in (2 * LINES, 2 * LINES + 1):
        monkeypatch.setattr(lists_module, "LOOKED_AT", most)
        found[most] = await Lists(Noting(made.database, made.engine.vault)).today(WHOLE, None)

    assert [each.fine for each in found.values()] == [None, MANY - 2 * LINES]


@pytest.mark.parametrize(
    ("scope", "manager", "students"),
    [
        pytest.param(WHOLE, None, MANY, id="the whole district"),
        pytest.param(OF_SCHOOLS, "m-1", 2 * MANY // SCHOOLS, id="a case manager"),
        pytest.param(OF_SCHOOLS, None, 4 * MANY // SCHOOLS, id="some schools"),
    ],
)
async def test_a_work_list_looks_at_no_need_that_waits_for_nobody(
    made: Process, raw: Raw, scope: Scope, manager: str | None, students: int
) -> None:
    lists = Lists(Reading(made.database, made.engine.vault))
    fill(raw)
    with watched(raw) as looked:
        work = await lists.today(scope, manager)

    assert (work.lines, work.more, bool(work.fine)) == ([], 0, True)
    assert looked[NEEDS.collection] <= 2 * FEW  # keys at which a search begins and ends
    assert looked[STUDENTS.collection] <= students + 2 * FEW
