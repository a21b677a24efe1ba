"""The toy service `boxes`: a person fills boxes; it keeps a copy of what was counted."""

from dataclasses import dataclass, replace
from typing import Any

from schemas.envelope import Erased, seal_of
from services.chassis.declared import Tables
from services.chassis.kernel import Command, Context, Copy, Decision, Refused, Route
from services.chassis.kinds import Document, Kind
from services.chassis.vault import Keyring
from tests.toy.events import BoxFilled, Note, ThingCounted

FULL = 1_000


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box of one owner, with a note about the owner."""

    box_id: str
    district: str
    owner_id: str
    things: int = 0
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """A copy: how much was counted for an owner."""

    owner_id: str
    district: str
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class FillBox(Command):
    """Put a thing into a box."""

    box_id: str
    owner_id: str
    note: str = "careful"


def fill(box: Box | None, asked: FillBox, context: Context) -> Decision[Box]:
    """One thing more, until the box is full."""
    box = box or Box(box_id=asked.box_id, district=context.district, owner_id=asked.owner_id)
    if box.things >= FULL:
        raise Refused("box_full", "This box is full.")
    if asked.note == "break":
        raise RuntimeError(asked.note)
    filled = replace(box, things=box.things + 1, note=asked.note)
    said = BoxFilled(
        box_id=box.box_id,
        owner_id=box.owner_id,
        number=filled.things,
        sealed=seal_of(box.owner_id, Note(text=asked.note)),
    )
    return Decision(filled, (said,))


FILL: Route[Box, FillBox] = Route(kind=Box, by=lambda asked: [asked.box_id], decide=fill)


def copy_count(tally: Tally | None, said: ThingCounted, context: Context) -> Decision[Tally]:
    """Keep the newest total."""
    del tally
    return Decision(Tally(owner_id=said.owner_id, district=context.district, total=said.total))


def _box(box: Box, keys: Keyring) -> Document:
    sealed = keys.seal_facts(box.owner_id, Note(text=box.note or ""))
    return {"shape": 1, "owner_id": box.owner_id, "things": box.things, "sealed": sealed}


def _box_of(row: Document, keys: Keyring) -> Box:
    note = keys.open_facts(row["owner_id"], Note, row["sealed"])
    return Box(
        box_id=row["_id"],
        district=row["district"],
        owner_id=row["owner_id"],
        things=row["things"],
        note=None if isinstance(note, Erased) else note.text,
    )


BOXES: Kind[Any] = Kind(
    state=Box,
    collection="boxes",
    to_document=_box,
    from_document=_box_of,
    persons=lambda box: (box.owner_id,),
    watch=lambda box: (box.owner_id,),
)
TALLIES: Kind[Any] = Kind(
    state=Tally,
    collection="tallies",
    to_document=lambda tally, _: {"shape": 1, "total": tally.total},
    from_document=lambda row, _: Tally(
        owner_id=row["_id"], district=row["district"], total=row["total"]
    ),
)


def tables(*, copying: Any = copy_count, needs: tuple[type, ...] = ()) -> Tables:
    """The tables of this service, with another copy where a test breaks, mends or watches it."""
    return Tables(
        kinds=(BOXES, TALLIES),
        rows=(
            Copy(
                ThingCounted,
                kind=Tally,
                by=lambda said: [said.owner_id],
                decide=copying,
                needs=needs,
            ),
        ),
    )


TABLES = tables()
