"""Every copy that a service keeps: an older card changes nothing, an erased person stays erased.

The rows are those of the handler tables, the cards the committed examples; they go through the
door of the real service, so that whatever else hears of them runs too.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

import pytest

from schemas.envelope import Erased, Event, Sealed, sealed_fields
from schemas.plans import StudentErased
from services.chassis.kernel import Copy
from services.chassis.kinds import Document, Kind
from services.chassis.vault import Keyring
from services.cli import TABLES
from services.terminal import PROCESSES
from tests.integration.tables.examples import MARK, example, older, persons_in
from tests.settings import Made
from tests.toy.door import Door, SetClock

COPIES: Final = [
    (service, row)
    for service, tables in TABLES.items()
    for row in tables.rows
    if isinstance(row, Copy)
]


def each(rows: list[tuple[str, Copy]]) -> pytest.MarkDecorator:
    names = [f"{service}-{row.kind.__name__}-{row.message.TYPE}" for service, row in rows]
    return pytest.mark.parametrize(("service", "row"), rows, ids=names)


@dataclass
class Kept:
    """A service's door and the copy that one row of its table feeds."""

    door: Door
    row: Copy
    kind: Kind[Any]

    async def hears(self, event: Event, *, sequence: int) -> None:
        await self.door.deliver(await self.door.record(event, sequence=sequence))
        assert await self.door.parked() == []

    async def document(self) -> Document:
        """As it is stored, but for the lock: whatever relies on a copy counts there."""
        (row_id,) = self.row.by(self.event)  # type: ignore[operator]
        found = await self.door.row(self.kind.collection, row_id)
        assert found is not None
        return {name: value for name, value in found.items() if name != "version"}

    @property
    def event(self) -> Any:
        return example(self.row.message)

    async def words(self) -> list[Any]:
        """What can still be read of the copy's seals."""
        stored = await self.document()
        keys = await self.door.engine.seals.keys_for_documents([stored], Keyring({}))
        seals = list(seals_in(self.kind.read(stored, keys)))
        return [seal.facts for seal in seals if not isinstance(seal.facts, Erased)]

    async def is_telling(self) -> bool:
        """Whether the copy says anything, sealed or not, of what the event had sealed."""
        return bool(await self.words()) or MARK in repr(await self.document())


def seals_in(value: Any) -> Iterator[Sealed[Any]]:
    if isinstance(value, Sealed):
        yield value
    elif isinstance(value, tuple | list):
        yield from (seal for part in value for seal in seals_in(part))
    elif isinstance(value, dict):
        yield from seals_in(list(value.values()))
    elif is_dataclass(value):
        yield from seals_in([getattr(value, field.name) for field in fields(value)])


@pytest.fixture
async def kept(service: str, row: Copy, settings_for: Made) -> AsyncIterator[Kept]:
    kinds = {kind.state: kind for kind in TABLES[service].kinds}
    process = PROCESSES[service](settings_for(service))
    try:
        await process.prepare()
        yield Kept(Door(process.engine, SetClock()), row, kinds[row.kind])
    finally:
        await process.close()


@each(COPIES)
async def test_an_older_card_or_a_repeat_after_a_newer_one_changes_nothing(kept: Kept) -> None:
    await kept.hears(older(kept.event), sequence=1)
    await kept.hears(kept.event, sequence=3)
    before = await kept.document()

    for late in (2, 3):
        await kept.hears(older(kept.event), sequence=late)
        assert await kept.document() == before


SEALED: Final = [(service, row) for service, row in COPIES if sealed_fields(row.message)]


@each(SEALED)
async def test_of_an_erased_person_a_copy_tells_nothing_whatever_comes_later(kept: Kept) -> None:
    card = kept.event
    await kept.hears(card, sequence=1)
    assert await kept.is_telling()
    late = await kept.door.record(card, sequence=3)

    for person in persons_in(card):
        await kept.door.engine.vault.erase(person)
    if hasattr(card, "student_id"):
        await kept.hears(example(StudentErased), sequence=2)
    assert not await kept.is_telling()

    await kept.door.deliver(late)
    assert not await kept.is_telling()
    await kept.hears(card, sequence=4)
    assert not await kept.is_telling()
