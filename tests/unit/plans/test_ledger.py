"""The chain of the ledger: any change, gap or cut is found."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import Erased, Sealed, seal_of
from schemas.plans import LedgerFacts
from services.plans.domain.ledger import (
    FIRST,
    About,
    Entry,
    Fault,
    Head,
    LedgerKey,
    entry_after,
    keep,
    verify,
)
from tests.unit.plans.builders import KEY, NEED, NOW, STUDENT, a_context

CHANGES: dict[str, Any] = {
    "entry_id": "another",
    "student_id": "another",
    "need_id": None,
    "mac": "f" * 64,
    "previous_mac": "f" * 64,
    "recorded_at": NOW + timedelta(hours=30),
}


def facts(number: int) -> LedgerFacts:
    return LedgerFacts(
        kind="view",
        channel="page",
        actor=f"Somebody {number}",
        party="Tide Pool",
        interest="arranging",
        decision="shown",
        reason="consent",
    )


def chain(length: int) -> tuple[list[Entry], Head]:
    head, entries = Head(), []
    for number in range(length):
        about = About(student_id=STUDENT, need_id=NEED, entry_id=f"entry-{number}")
        at = NOW + timedelta(minutes=number)
        said = entry_after(head, facts(number), about, at=at, key=KEY)
        entries.append(keep(None, said, a_context()).state)
        head = Head(number=said.number, mac=said.mac)
    return entries, head


@given(length=st.integers(0, 12))
def test_a_ledger_as_written_has_no_fault(length: int) -> None:
    entries, head = chain(length)

    assert list(verify(entries, head, KEY)) == []
    assert (entries[0].previous_mac if entries else FIRST) == FIRST


@given(length=st.integers(1, 8), at=st.integers(0, 7), field=st.sampled_from(sorted(CHANGES)))
def test_any_change_of_any_entry_is_found(length: int, at: int, field: str) -> None:
    entries, head = chain(length)
    changed = replace(entries[at % length], **{field: CHANGES[field]})
    entries[at % length] = changed

    assert list(verify(entries, head, KEY))


@given(length=st.integers(1, 8), at=st.integers(0, 7))
def test_a_change_of_what_an_entry_says_is_found(length: int, at: int) -> None:
    entries, head = chain(length)
    told = seal_of(STUDENT, facts(99))
    entries[at % length] = replace(entries[at % length], told=told)

    assert Fault(number=at % length + 1, what="changed") in list(verify(entries, head, KEY))


def test_an_entry_tied_to_another_one_is_found_by_its_own_mac() -> None:
    entries, head = chain(2)
    entries[1] = replace(entries[1], previous_mac="f" * 64)

    assert list(verify(entries, head, KEY)) == [
        Fault(number=2, what="unchained"),
        Fault(number=2, what="changed"),
    ]


@given(length=st.integers(1, 8), at=st.integers(0, 7))
def test_an_entry_taken_out_is_found_also_the_last(length: int, at: int) -> None:
    entries, head = chain(length)
    del entries[at % length]

    assert list(verify(entries, head, KEY))


@given(length=st.integers(2, 8), first=st.integers(0, 7), second=st.integers(0, 7))
def test_entries_in_each_others_place_are_found(length: int, first: int, second: int) -> None:
    one, other = first % length, second % length
    entries, head = chain(length)
    entries[one], entries[other] = entries[other], entries[one]

    assert bool(list(verify(entries, head, KEY))) is (one != other)


def test_a_chain_made_with_another_key_is_found() -> None:
    entries, head = chain(3)

    assert list(verify(entries, head, LedgerKey(b"x" * 32)))


def test_the_place_of_an_erased_entry_is_still_checked() -> None:
    entries, head = chain(3)
    gone = Sealed[LedgerFacts](person=STUDENT).model_copy(update={"plain": Erased()})
    entries = [replace(each, told=gone) for each in entries]

    assert list(verify(entries, head, KEY)) == []
    del entries[1]
    assert list(verify(entries, head, KEY))


def test_an_entry_once_kept_is_never_changed() -> None:
    entries, _ = chain(2)
    about = About(student_id=STUDENT, need_id=NEED, entry_id="entry-0")
    other = entry_after(Head(), facts(99), about, at=NOW, key=KEY)

    assert keep(entries[0], other, a_context()).state == entries[0]
