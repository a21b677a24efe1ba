"""What a new version declares of its indexes holds in a database that an old one prepared."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from pymongo import MongoClient

from services.chassis.kinds import Index
from services.chassis.mongo import Database, connect

NAME: Final = "rows"
KEYS: Final = (("district", 1), ("rank", 1))


@pytest_asyncio.fixture
async def database(mongo_url: str, unique: str) -> AsyncIterator[Database]:
    made = connect(mongo_url, unique)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("declared", "option"),
    [
        pytest.param(
            [Index(KEYS, partial={"rank": {"$lt": most}}) for most in (26, 1_000)],
            ("partialFilterExpression", {"rank": {"$lt": 1_000}}),
            id="of fewer rows",
        ),
        pytest.param(
            [Index((("at", 1),), expire_after_seconds=most) for most in (60, 30)],
            ("expireAfterSeconds", 30),
            id="that lets rows expire",
        ),
    ],
)
async def test_an_index_that_was_declared_otherwise_is_made_anew(
    database: Database,
    mongo_url: str,
    unique: str,
    declared: list[Index],
    option: tuple[str, Any],
) -> None:
    before, after = declared
    await database.prepare({NAME: (before,)})
    for _ in range(2):
        await database.prepare({NAME: (after,)})

    client: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
    with client:
        made = client[unique][NAME].index_information()
        client.drop_database(unique)
    assert [each.get(option[0]) for name, each in made.items() if name != "_id_"] == [option[1]]
