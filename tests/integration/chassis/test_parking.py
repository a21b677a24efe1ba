"""Records that cannot be parsed or decided are set aside, and the line goes on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from schemas.envelope import LARGEST_VALUE
from services.chassis.dead_letters import LineStopped
from services.chassis.kernel import Outage
from services.chassis.line_stop import STOP_KEYS
from services.chassis.messages import Message, Record
from services.chassis.mongo import Session
from services.chassis.telemetry import Telemetry
from tests.endings import Ended
from tests.integration.chassis.conftest import Toys
from tests.toy.boxes import FILL
from tests.toy.builders import a_filling, a_total, an_order, to_fill
from tests.toy.counts import HUGE, POISON
from tests.toy.door import Door, open_door
from tests.toy.orders import Stock


def with_header(record: Record, name: str, value: Any) -> Record:
    """The record with one header changed, added, or (`...`) left out."""
    kept = [(n, v) for n, v in record.headers if n != name]
    return replace(record, headers=kept if value is ... else [*kept, (name, value)])


BROKEN: Mapping[str, Callable[[Record], Record]] = {
    "key_missing": lambda r: replace(r, key=None),
    "too_large": lambda r: replace(r, value=b"x" * LARGEST_VALUE),
    "header_null": lambda r: with_header(r, "x-anything", None),
    "header_not_text": lambda r: with_header(r, "x-anything", b"\xff\xfe"),
    "header_missing": lambda r: with_header(r, "ce_id", ...),
    "header_missing ": lambda r: with_header(r, "ce_type", ...),
    "header_missing  ": lambda r: with_header(r, "ce_specversion", ...),
    "header_malformed": lambda r: with_header(r, "ce_sequence", b"first"),
    "header_malformed ": lambda r: with_header(r, "ce_time", b"yesterday"),
    "specversion": lambda r: with_header(r, "ce_specversion", b"0.3"),
    "value_missing": lambda r: replace(r, value=None),
    "value_malformed": lambda r: replace(r, value=b'{"owner_id": '),
    "value_malformed ": lambda r: replace(r, value=b'{"owner_id": 7}'),
    "value_malformed  ": lambda r: replace(r, value=b"\xff"),
}


async def test_what_cannot_be_read_is_parked_with_its_bytes_and_the_rest_is_done(
    counts: Door,
) -> None:
    batch, broken = [], {}
    for number, (code, breaking) in enumerate(BROKEN.items()):
        batch.append(await counts.record(a_filling(f"well-{number}")))
        batch.append(breaking(await counts.record(a_filling(f"sick-{number}"))))
        broken[batch[-1].offset] = code.strip(), batch[-1]

    await counts.deliver(*batch)

    rows = await counts.parked()
    assert {row["offset"]: row["code"] for row in rows} == {
        offset: code for offset, (code, _) in broken.items()
    }
    for row in rows:
        _, record = broken[row["offset"]]
        kept = (row["key"], row["value"], [tuple(each) for each in row["headers"]])
        assert kept == (record.key, record.value, list(record.headers))
    assert len(await counts.rows("counts")) == len(BROKEN)


async def test_a_record_without_key_is_parked_alone(counts: Door) -> None:
    keyless = [replace(await counts.record(a_filling("a")), key=None) for _ in range(2)]

    await counts.deliver(*keyless, await counts.record(a_filling("a")))

    assert [row["marker"] for row in await counts.parked()] == [None, None]
    assert await counts.rows("parked_keys") == []
    assert len(await counts.rows("counts")) == 1


@pytest.mark.parametrize("type_name", [b"boxes.box_emptied.v1", b"boxes.box_filled.v2"])
async def test_an_unknown_type_or_version_is_counted_and_passed_over(
    toys: Toys, type_name: bytes
) -> None:
    telemetry = Telemetry("counts")
    async with open_door(toys.settings("counts"), telemetry=telemetry) as counts:
        record = with_header(await counts.record(a_filling()), "ce_type", type_name)

        await counts.deliver(record, await counts.record(a_filling(number=2)))

        assert await counts.parked() == []
        assert [row["total"] for row in await counts.rows("counts")] == [1]
        said = b'wraparound_events_ignored_total{reason="unknown_type"} 1.0'
        assert said in telemetry.exposition()


async def test_a_poison_decision_is_parked_the_rest_is_done_and_its_key_waits(
    counts: Door,
) -> None:
    batch = [await counts.record(a_filling(f"owner-{n}")) for n in range(30)]
    batch[11] = await counts.record(a_filling("sick", note=POISON))
    batch[12] = await counts.record(a_filling("sick", number=2))
    batch[29] = await counts.record(a_filling("sick", number=3))

    await counts.deliver(*batch)
    await counts.deliver(await counts.record(a_filling("sick", number=4)))

    rows = await counts.parked()
    assert [row["code"] for row in rows] == ["undecidable", "behind", "behind", "behind"]
    assert {row["marker"] for row in rows} == {"boxes.fillings.v1|sick"}
    assert rows[0]["error_class"] == "RuntimeError"
    assert rows[0]["where"].startswith("counts.py:")
    assert POISON not in str({name: rows[0][name] for name in rows[0] if name != "value"})
    assert len(await counts.rows("counts")) == 27


async def test_what_takes_all_memory_ends_the_process_and_is_not_parked(
    counts: Door, endings: list[str]
) -> None:
    huge = await counts.record(a_filling("sick", note=HUGE))

    with pytest.raises(Ended):
        await counts.deliver(await counts.record(a_filling()), huge)

    assert endings == ["ended"]
    assert await counts.parked() == []
    assert await counts.rows("counts") == []


async def test_an_unreadable_record_holds_the_later_ones_of_its_batch(counts: Door) -> None:
    first = await counts.record(a_filling("sick"))
    broken = replace(await counts.record(a_filling("sick", number=2)), value=b"{")
    later = await counts.record(a_filling("sick", number=3))

    await counts.deliver(first, broken, later)

    assert [row["code"] for row in await counts.parked()] == ["value_malformed", "behind"]
    assert [row["total"] for row in await counts.rows("counts")] == [1]


async def test_parked_twice_is_parked_once_and_what_was_done_is_not_queued(counts: Door) -> None:
    done = await counts.record(a_filling("sick"))
    poison = await counts.record(a_filling("sick", number=2, note=POISON))
    broken = replace(await counts.record(a_filling("else")), value=None)
    for _ in range(2):
        await counts.deliver(done, poison, broken)

    assert [row["offset"] for row in await counts.parked()] == [poison.offset, broken.offset]
    copies = [each for each in await counts.told() if each.topic == "counts.dead-letters"]
    assert len(copies) == 2


async def test_the_operators_copy_names_the_position_and_no_content(counts: Door) -> None:
    await counts.deliver(await counts.record(a_filling("sick", note=POISON)))

    (copy,) = await counts.told()
    assert copy.topic == "counts.dead-letters"
    assert copy.key == b"boxes.fillings.v1/0/1"
    assert b'"code":"undecidable"' in copy.value
    assert b"sick" not in copy.value


async def test_a_seal_of_another_person_is_parked(counts: Door) -> None:
    ours = await counts.record(a_filling("owner-1"))
    theirs = await counts.record(a_filling("owner-2"))
    swapped = (theirs.value or b"").replace(b'"person":"owner-2"', b'"person":"owner-1"')

    await counts.deliver(ours, replace(theirs, value=swapped))

    assert [row["error_class"] for row in await counts.parked()] == ["SealBroken"]
    assert len(await counts.rows("counts")) == 1


async def test_the_line_stops_before_a_bug_empties_a_topic_and_goes_on_when_told(
    counts: Door,
) -> None:
    poison = [await counts.record(a_filling(f"owner-{n}", note=POISON)) for n in range(60)]

    with pytest.raises(LineStopped):
        await counts.deliver(*poison)
    with pytest.raises(LineStopped):
        await counts.deliver(*poison)

    letters = counts.engine.dead_letters
    assert len(await counts.parked()) == STOP_KEYS
    assert (await counts.engine.watch.readiness())["line"] == "too many events were parked"
    await letters.look_for_resume()
    assert letters.is_stopped
    await counts.engine.replay.resume()
    await letters.look_for_resume()
    assert not letters.is_stopped


async def test_one_route_that_parks_all_stops_the_line_however_busy_the_others_are(
    boxes: Door,
) -> None:
    letters = boxes.engine.dead_letters
    letters.note_handled({"boxes.box_filled.v1": 100_000})
    broken = [
        replace(await boxes.record(a_total(f"owner-{n}")), value=b"{") for n in range(STOP_KEYS)
    ]

    await boxes.deliver(*broken)

    assert letters.is_stopped


async def test_unreadable_records_among_many_that_are_read_do_not_stop_the_line(
    boxes: Door,
) -> None:
    many = [await boxes.record(a_total(total=n), sequence=n) for n in range(1, 20 * STOP_KEYS)]
    broken = [
        replace(await boxes.record(a_total(f"owner-{n}")), value=b"{") for n in range(STOP_KEYS)
    ]

    await boxes.deliver(*many)
    await boxes.deliver(*broken)

    assert len(await boxes.parked()) == STOP_KEYS
    assert not boxes.engine.dead_letters.is_stopped


class Away:
    """Stock whose server is away."""

    async def load(self, session: Session, messages: Sequence[Message]) -> Stock:
        """Not now."""
        del session, messages
        raise Outage

    async def save(self, session: Session, value: Stock) -> None:
        """Never reached."""


async def test_nothing_is_parked_for_a_server_that_is_away(toys: Toys) -> None:
    async with open_door(toys.settings("orders")) as orders:
        orders.engine.wiring.providers[Stock] = Away()  # type: ignore[index]
        batch = [await orders.record(an_order(f"order-{n}")) for n in range(3)]

        with pytest.raises(Outage):
            await orders.deliver(*batch)

        assert await orders.parked() == []
        assert await orders.rows("inbox") == []


async def test_a_command_is_never_parked(boxes: Door) -> None:
    with pytest.raises(RuntimeError):
        await boxes.engine.committer.submit(to_fill(note="break"), FILL)

    assert await boxes.parked() == []
