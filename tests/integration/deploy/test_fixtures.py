"""What tests are promised of the databases that they are given."""

from collections.abc import Callable
from typing import Any

import pytest

from services.chassis.vault import COLLECTION as KEYS
from services.chassis.vault import SealBroken
from services.terminal import PROCESSES
from tests.servers import Client, Databases, dropped
from tests.settings import Made
from tests.toy.boxes import FILL
from tests.toy.builders import a_total, to_fill
from tests.toy.door import a_key, open_door
from tests.toy.events import Note

Next = Callable[[], Databases]
OWNER = "owner-1"


@pytest.fixture
def next_test(mongo_client: Client, database_names: str) -> Next:
    """Gives what the next test of this worker will be given."""
    return lambda: Databases(mongo_client, database_names)


def indexes(client: Client, name: str) -> dict[str, Any]:
    """Every collection with its indexes."""
    database = client[name]
    return {
        each: sorted(database[each].index_information())
        for each in database.list_collection_names()
    }


def rows(client: Client, name: str) -> dict[str, int]:
    """How many documents each collection holds, where it holds any."""
    database = client[name]
    found = {each: len(list(database[each].find({}))) for each in database.list_collection_names()}
    return {each: count for each, count in found.items() if count}


@pytest.mark.parametrize("service", PROCESSES)
async def test_every_collection_of_a_service_is_empty_and_has_its_indexes_when_it_is_given(
    service: str, settings_for: Made, mongo_client: Client, next_test: Next
) -> None:
    made = settings_for(service)
    process = PROCESSES[service](made)
    await process.prepare()
    await process.close()
    names = (made.own_database, made.platform_database)
    before = {name: indexes(mongo_client, name) for name in names}
    for name, collections in before.items():
        for each in collections:
            mongo_client[name][each].replace_one({"_id": "left"}, {"_id": "left"}, upsert=True)
    assert {"inbox", "outbox", "leases", "parked", "changes"} <= rows(mongo_client, names[0]).keys()
    assert {"accounts", "sessions", "tries", KEYS} <= rows(mongo_client, names[1]).keys()

    given = next_test()

    assert (given(service), given("platform")) == names
    assert [rows(mongo_client, name) for name in names] == [{}, {}]
    assert {name: indexes(mongo_client, name) for name in names} == before


async def test_what_one_test_did_has_no_effect_on_the_next(
    settings_for: Made, next_test: Next
) -> None:
    asked = to_fill(owner_id=OWNER, key=a_key(1))
    async with open_door(settings_for("boxes")) as before:
        broken = await before.record(a_total(OWNER), value=b"{")
        await before.deliver(broken)
        await before.engine.committer.submit(asked, FILL)
        sealed = (await before.engine.vault.keyring([OWNER])).seal_facts(OWNER, Note(text="ours"))
        assert await before.told()
        assert await before.parked()

    async with open_door(settings_for("boxes", databases=next_test())) as after:
        assert await after.told() == await after.parked() == await after.rows("inbox") == []
        keys = await after.engine.vault.keyring([OWNER])
        with pytest.raises(SealBroken):
            keys.open_facts(OWNER, Note, sealed)
        await after.engine.committer.submit(asked, FILL)  # else it would be a repeat
        assert [row["things"] for row in await after.rows("boxes")] == [1]
        await after.deliver(await after.record(a_total(OWNER)))  # else it would wait behind
        assert [row["total"] for row in await after.rows("tallies")] == [1]


def test_a_test_is_given_the_same_database_each_time_that_it_asks(
    databases: Databases, mongo_client: Client
) -> None:
    mongo_client[databases("boxes")]["boxes"].insert_one({})

    assert rows(mongo_client, databases("boxes")) == {"boxes": 1}


def test_a_database_of_a_test_is_dropped_after_it(
    mongo_client: Client, mongo_url: str, unique: str
) -> None:
    with dropped(mongo_url, unique) as name:
        mongo_client[name]["rows"].insert_one({})
        assert name in mongo_client.list_database_names()

    assert unique not in mongo_client.list_database_names()


def test_the_topics_of_a_test_are_called_after_it(topic_prefix: str, unique: str) -> None:
    assert topic_prefix == f"{unique}."
