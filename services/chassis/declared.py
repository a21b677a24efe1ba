"""What a service declares of itself: its aggregates, its handlers, its clocks, its collections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis import dead_letters, freshness, inbox, leases, live, outbox, timers
from services.chassis.kernel import Clock, Copy, Row
from services.chassis.kinds import Index, Kind
from services.chassis.wiring import Answers


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What a service declares: its aggregates, its handlers, its clocks."""

    kinds: Sequence[Kind[Any]]
    rows: Sequence[Row] = ()
    clocks: Sequence[Clock] = ()
    answers: Answers | None = None
    collections: Mapping[str, Sequence[Index]] = field(default_factory=dict)  # beside the kinds'
    asks_how_far: bool = False  # a decision asks whether all was heard: see `freshness`

    def __post_init__(self) -> None:
        """Refuse what the door could not keep.

        Raises:
            ValueError: a copy fed by two topics would not be the same twice.
        """
        fed: dict[type, set[str]] = {}
        for row in self.rows:
            if isinstance(row, Copy):
                fed.setdefault(row.kind, set()).add(row.message.TOPIC)
        for kind, topics in fed.items():
            if len(topics) > 1:
                text = f"{kind.__name__} is a copy fed by {' and '.join(sorted(topics))}"
                raise ValueError(text)

    @property
    def copies(self) -> dict[str, tuple[Kind[Any], Sequence[Copy]]]:
        """What its topic alone makes, by collection; from the topic it can be made anew.

        What other rows or clocks write too is no such copy: made anew it would lack what they did.
        """
        routes = [*self.rows, *self.clocks]
        mixed = {each.kind for each in routes if not isinstance(each, Copy)}
        fed = {
            kind: [row for row in self.rows if isinstance(row, Copy) and row.kind is kind.state]
            for kind in self.kinds
            if kind.state not in mixed
        }
        return {kind.collection: (kind, rows) for kind, rows in fed.items() if rows}

    @property
    def topics(self) -> list[str]:
        """The topics that the service listens to."""
        return sorted({row.message.TOPIC for row in self.rows})

    @property
    def indexes(self) -> dict[str, Sequence[Index]]:
        """Every collection with its indexes; all are made at start-up."""
        timed = {clock.kind for clock in self.clocks}
        kinds = {
            kind.collection: (*kind.indexes, *([timers.INDEX] if kind.state in timed else []))
            for kind in self.kinds
        }
        return {
            **kinds,
            **self.collections,
            inbox.COLLECTION: inbox.INDEXES,
            outbox.COLLECTION: outbox.INDEXES,
            leases.COLLECTION: (),
            live.COLLECTION: live.INDEXES,
            freshness.COLLECTION: freshness.INDEXES,
            **dead_letters.INDEXES,
        }
