"""The server makes of a difference what was meant."""

from typing import Any

import pytest

from services.chassis.mongo import Change, Insert
from tests.toy.door import Door

MESSAGES = [{"id": n, "state": "sent", "parts": ["a", "b"]} for n in range(12)]
CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"of": MESSAGES[:9]}, {"of": MESSAGES}),  # places 9, 10, 11: as numbers, not as words
    ({"of": MESSAGES}, {"of": [*MESSAGES[:11], {"id": 11, "state": "seen"}]}),
    ({"of": MESSAGES}, {"of": MESSAGES[1:]}),
    ({"of": [], "at": 1}, {"of": MESSAGES[:1]}),
    ({"of": {"0": 1}}, {"of": [1]}),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
async def test_a_difference_makes_one_of_the_other(
    counts: Door, before: dict[str, Any], after: dict[str, Any]
) -> None:
    database = counts.engine.database
    rows = database.collection("counts")
    async with database.transaction() as session:
        await rows.write([Insert({"_id": "one"} | before)], session=session)

    async with database.transaction() as session:
        found = await rows.find_one({"_id": "one"}, session=session)
        assert found is not None
        await rows.write([Change(found, {"_id": "one"} | after)], session=session)

    assert await rows.find_one({"_id": "one"}) == {"_id": "one"} | after
