"""The toy service `counts`: counts the things of each owner, relying on a licence."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas.envelope import ActEvent, Erased, Event
from services.chassis.declared import Tables
from services.chassis.kernel import (
    Act,
    Clock,
    Command,
    Context,
    Decision,
    On,
    Refused,
    Reliance,
    Route,
    Tick,
)
from services.chassis.kinds import Kind
from tests.toy.events import BoxFilled, RecountAsked, RecountRefused, RecountSettled, ThingCounted

POISON = "poison"
HUGE = "huge"
REST = "rest"


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many things of an owner were counted, and each of their numbers once."""

    owner_id: str
    district: str
    total: int = 0
    rests_until: datetime | None = None

    @property
    def clocks(self) -> dict[str, datetime]:
        """When it wakes up; the name says whose rest it is, as names of clocks may."""
        return {clock_of(self.owner_id): self.rests_until} if self.rests_until else {}


def clock_of(owner_id: str) -> str:
    """The name of the clock of an owner who rests."""
    return f"{REST} {owner_id}"


@dataclass(frozen=True, kw_only=True)
class Licence:
    """Whether things of an owner may be counted."""

    owner_id: str
    district: str
    is_live: bool = True


@dataclass(frozen=True, kw_only=True)
class RevokeLicence(Command):
    """Stop the counting for an owner."""

    owner_id: str


@dataclass(frozen=True, kw_only=True)
class CountOne(Command):
    """Count one thing by hand."""

    owner_id: str


def count(found: Count | None, said: BoxFilled, context: Context) -> Decision[Count]:
    """One more, if the licence lives; poison breaks it, and the huge takes all memory."""
    note = said.sealed.facts
    text = "" if isinstance(note, Erased) else note.text
    if text == POISON:
        raise RuntimeError(text)
    if text == HUGE:
        raise MemoryError
    return _counted(found, said.owner_id, context)


def count_all(found: Count | None, said: BoxFilled, context: Context) -> Decision[Count]:
    """As `count`, mended: poison counts as well."""
    return _counted(found, said.owner_id, context)


def count_one(found: Count | None, asked: CountOne, context: Context) -> Decision[Count]:
    """One more by hand.

    Raises:
        Refused: `licence_revoked`.
    """
    if not context.get(Licence).is_live:
        raise Refused("licence_revoked", "Counting was stopped.")
    return _counted(found, asked.owner_id, context)


def _counted(found: Count | None, owner_id: str, context: Context) -> Decision[Count]:
    found = found or Count(owner_id=owner_id, district=context.district)
    if not context.get(Licence).is_live:
        return Decision(found)
    counted = replace(found, total=found.total + 1)
    return Decision(counted, (ThingCounted(owner_id=owner_id, total=counted.total),))


def recount(found: Count | None, asked: RecountAsked, context: Context) -> Decision[Count]:
    """Say the total again; an owner without things has none; an even total needs no word."""
    del context
    if found is None:
        raise Refused("owner_unknown", "Nothing was ever counted.")
    if found.total % 2 == 0:
        return Decision(found)
    said = ThingCounted(owner_id=found.owner_id, total=found.total, answers=asked.act_id)
    return Decision(found, (said,))


def revoke(licence: Licence | None, asked: RevokeLicence, context: Context) -> Decision[Licence]:
    """No more counting for this owner."""
    del licence
    return Decision(Licence(owner_id=asked.owner_id, district=context.district, is_live=False))


def wake(found: Count, tick: Tick, context: Context) -> Decision[Count]:
    """The rest is over; one that rests in 1999 never wakes, to test a stuck clock."""
    del context
    if tick.at.year == 1999:
        return Decision(found)
    woken = replace(found, rests_until=None)
    return Decision(woken, (ThingCounted(owner_id=found.owner_id, total=found.total),))


class Answers:
    """How this service answers an act without an event of its own."""

    def refused(self, act: ActEvent, code: str, subject: str) -> Event:
        """Refused."""
        return RecountRefused(owner_id=subject, code=code, answers=act.act_id)

    def settled(self, act: ActEvent, subject: str) -> Event:
        """Settled."""
        return RecountSettled(owner_id=subject, answers=act.act_id)


LICENCE = Reliance(Licence, lambda _, message: message.owner_id)
COUNT_ONE: Route[Count, CountOne] = Route(
    kind=Count, by=lambda asked: [asked.owner_id], decide=count_one, relies_on=(LICENCE,)
)
REVOKE: Route[Licence, RevokeLicence] = Route(
    kind=Licence, by=lambda asked: [asked.owner_id], decide=revoke
)
COUNTS: Kind[Any] = Kind(
    state=Count,
    collection="counts",
    to_document=lambda found, _: {
        "shape": 1,
        "total": found.total,
        "rests_until": found.rests_until,
    },
    from_document=lambda row, _: Count(
        owner_id=row["_id"],
        district=row["district"],
        total=row["total"],
        rests_until=row["rests_until"],
    ),
)
LICENCES: Kind[Any] = Kind(
    state=Licence,
    collection="licences",
    to_document=lambda licence, _: {"shape": 1, "is_live": licence.is_live},
    from_document=lambda row, _: Licence(
        owner_id=row["_id"], district=row["district"], is_live=row["is_live"]
    ),
    blank=lambda owner_id, district: Licence(owner_id=owner_id, district=district),
)


def tables(*, counting: Any = count, waking: Any = wake) -> Tables:
    """The tables of this service, with other decisions where a test mends or breaks them."""
    return Tables(
        kinds=(COUNTS, LICENCES),
        rows=(
            On(
                BoxFilled,
                kind=Count,
                by=lambda said: [said.owner_id],
                decide=counting,
                relies_on=(LICENCE,),
            ),
            Act(RecountAsked, kind=Count, by=lambda asked: [asked.owner_id], decide=recount),
        ),
        clocks=(Clock(kind=Count, sorts=(REST,), decide=waking),),
        answers=Answers(),
    )


TABLES = tables()
