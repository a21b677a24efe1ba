"""One decision on a consent book while it is made: the book so far, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from schemas.envelope import Event
from schemas.plans import LedgerFacts
from services.chassis.kernel import Context, Decision
from services.plans.domain.consents import ConsentBook
from services.plans.domain.ledger import About, Head, LedgerKey, entry_after


@dataclass
class Telling:
    """The book as it becomes; every disclosure told gets its entry in the ledger."""

    book: ConsentBook
    context: Context
    events: list[Event] = field(default_factory=list)

    @property
    def decision(self) -> Decision[ConsentBook]:
        """What follows."""
        return Decision(self.book, tuple(self.events))

    def say(self, *events: Event) -> None:
        """Tell facts."""
        self.events.extend(events)

    def record(self, facts: LedgerFacts, need_id: str | None, about: str) -> None:
        """Add an entry to the ledger; `about` tells two entries of one message apart."""
        number = self.book.ledger.number + 1
        said = entry_after(
            self.book.ledger,
            facts,
            About(
                student_id=self.book.student_id,
                need_id=need_id,
                entry_id=self.context.id(f"entry {about} {number}"),
            ),
            at=self.context.now,
            key=self.context.get(LedgerKey),
        )
        head = Head(number=said.number, mac=said.mac)
        self.book = replace(self.book, ledger=head)
        self.events.append(said)


def shown_fields(facts: object, names: Sequence[str]) -> tuple[str, ...]:
    """Names of the fields that really say something."""
    return tuple(name for name in names if getattr(facts, name) not in (None, (), ""))
