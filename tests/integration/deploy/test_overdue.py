"""Whoever looks on finds clocks that ran out without effect."""

from datetime import timedelta

from deploy.checker.outside import Outside
from deploy.checker.seen import overdue
from services.chassis.kernel import Tick
from services.chassis.messages import tick_id
from services.chassis.settings import real_time
from services.cli import TABLES
from tests.settings import Made


async def test_a_clock_that_ran_out_is_overdue_unless_a_person_is_to_look_at_it(
    settings_for: Made,
) -> None:
    outside = Outside({name: settings_for(name) for name in TABLES})
    now = real_time().replace(microsecond=0)
    past, coming = now - timedelta(minutes=1), now + timedelta(days=1)
    rung = Tick(kind="referrals", subject="r-1", name="answer", at=past)
    database = outside.database("referrals")
    row = {"_id": "r-1", "due_at": past, "clocks": {"answer": past, "rematch": coming}}
    await database.collection("referrals").insert_many(
        [row, {"_id": "r-2", "due_at": coming, "clocks": {"answer": coming}}]
    )
    try:
        assert [each async for each in overdue(outside)] == [rung]

        parked = {"topic": "ticks", "offset": tick_id(rung).hex}
        await database.collection("parked").insert_many([parked])

        assert not [each async for each in overdue(outside)]
    finally:
        await outside.close()
