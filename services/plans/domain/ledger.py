"""The record of disclosures: who was shown what, when and why, chained so that no change hides.

Each entry's MAC covers the one before; the key is the service's own and comes in as data.
Source: 34 CFR 99.32; told in docs/explanation/consent-and-ledger.md.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from schemas.envelope import Erased, Sealed, seal_of
from schemas.plans import DisclosureRecorded, LedgerFacts
from services.chassis.kernel import Context, Decision

FIRST: Final = "0" * 64  # what the first entry of a student follows
NOTICE_VERSION: Final = "2026-1"  # of the redisclosure notice that goes along
INTEREST: Final = "Arranging a service that the student needs"
SYSTEM: Final = "Wraparound, for the school"


@dataclass(frozen=True)
class LedgerKey:
    """The key of the chain."""

    key: bytes


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last entry of a student's ledger; number 0: none yet."""

    number: int = 0
    mac: str = FIRST


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as it is kept."""

    entry_id: str
    district: str
    student_id: str
    need_id: str | None
    number: int
    previous_mac: str
    mac: str
    recorded_at: datetime
    told: Sealed[LedgerFacts]

    @property
    def facts(self) -> LedgerFacts | Erased:
        """What was shown to whom."""
        return self.told.facts


Break = Literal["missing", "changed", "unchained", "cut"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Where a ledger is not as it was written."""

    number: int
    what: Break


def keep(entry: Entry | None, said: DisclosureRecorded, context: Context) -> Decision[Entry]:
    """Keep an entry as it was told; nothing ever changes it."""
    kept = entry or Entry(
        entry_id=said.entry_id,
        district=context.district,
        student_id=said.student_id,
        need_id=said.need_id,
        number=said.number,
        previous_mac=said.previous_mac,
        mac=said.mac,
        recorded_at=said.recorded_at,
        told=said.sealed,
    )
    return Decision(kept)


@dataclass(frozen=True, kw_only=True)
class About:
    """Whose entry it is."""

    student_id: str
    need_id: str | None
    entry_id: str


def entry_after(
    head: Head, facts: LedgerFacts, about: About, *, at: datetime, key: LedgerKey
) -> DisclosureRecorded:
    """The next entry of a student's ledger."""
    said = DisclosureRecorded(
        student_id=about.student_id,
        entry_id=about.entry_id,
        need_id=about.need_id,
        number=head.number + 1,
        previous_mac=head.mac,
        mac="",
        recorded_at=at,
        sealed=seal_of(about.student_id, facts),
    )
    return said.model_copy(update={"mac": mac_of(said, facts, key)})


def mac_of(said: DisclosureRecorded | Entry, facts: LedgerFacts, key: LedgerKey) -> str:
    """The MAC that an entry must have, in hexadecimal."""
    covered = {
        "entry": said.entry_id,
        "student": said.student_id,
        "need": said.need_id,
        "number": said.number,
        "previous": said.previous_mac,
        "at": round(said.recorded_at.timestamp() * 1000),
        "facts": facts.model_dump(mode="json", exclude_none=True),
    }
    plain = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key.key, plain.encode(), hashlib.sha256).hexdigest()


def verify(entries: Sequence[Entry], head: Head, key: LedgerKey) -> Iterator[Fault]:
    """Every place where a student's entries, in order of number, are not as they were written.

    What an erased entry said can no longer be checked; its place in the chain can.
    """
    before = Head()
    for entry in entries:
        if entry.number != before.number + 1:
            yield Fault(number=before.number + 1, what="missing")
        elif entry.previous_mac != before.mac:
            yield Fault(number=entry.number, what="unchained")
        if not _is_as_written(entry, key):
            yield Fault(number=entry.number, what="changed")
        before = Head(number=entry.number, mac=entry.mac)
    if before != head:
        yield Fault(number=before.number + 1, what="cut")


def _is_as_written(entry: Entry, key: LedgerKey) -> bool:
    facts = entry.facts
    return isinstance(facts, Erased) or hmac.compare_digest(entry.mac, mac_of(entry, facts, key))
