"""How consent books and the entries of the ledger are stored."""

from typing import Final

from schemas.envelope import Sealed
from schemas.plans import LedgerFacts
from services.chassis.kinds import Document, Index, Kind, dense, sparse
from services.chassis.seals import box_of, seal_from
from services.chassis.vault import Keyring
from services.plans.domain import consents
from services.plans.domain.consents import Consent, ConsentBook, ConsentFacts, Pending
from services.plans.domain.ledger import Entry, Head

BOOKS_COLLECTION: Final = "consent_books"
ENTRIES_COLLECTION: Final = "ledger_entries"


def _book(book: ConsentBook, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "student_id": book.student_id,
        "school_id": book.school_id,
        "case_manager_id": book.case_manager_id,
        "consents": [_consent(each, book.student_id, keys) for each in book.consents],
        "pending": [sparse(each) for each in book.pending],
        "ledger": vars(book.ledger),
    }


def _consent(consent: Consent, who: str, keys: Keyring) -> Document:
    clear = {name: value for name, value in vars(consent).items() if name != "facts"}
    return {**clear, "sealed": keys.seal_facts(who, consent.facts)}


def _book_of(row: Document, keys: Keyring) -> ConsentBook:
    return ConsentBook(
        student_id=row["_id"],
        district=row["district"],
        school_id=row["school_id"],
        case_manager_id=row["case_manager_id"],
        consents=tuple(_consent_of(each, row["_id"], keys) for each in row["consents"]),
        pending=tuple(dense(Pending, each) for each in row["pending"]),
        ledger=Head(**row["ledger"]),
    )


def _consent_of(row: Document, who: str, keys: Keyring) -> Consent:
    clear = {name: value for name, value in row.items() if name != "sealed"}
    return Consent(**clear, facts=keys.open_facts(who, ConsentFacts, row["sealed"]))


BOOKS: Kind[ConsentBook] = Kind(
    state=ConsentBook,
    collection=BOOKS_COLLECTION,
    to_document=_book,
    from_document=_book_of,
    persons=lambda book: (book.student_id,),
    watch=lambda book: (book.student_id,),
    blank=consents.blank,
    indexes=(Index((("student_id", 1), ("open", 1))),),
)


def _entry(entry: Entry, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "student_id": entry.student_id,
        "need_id": entry.need_id,
        "number": entry.number,
        "previous_mac": entry.previous_mac,
        "mac": entry.mac,
        "recorded_at": entry.recorded_at,
        "told": box_of(entry.told, keys),
    }


def _entry_of(row: Document, keys: Keyring) -> Entry:
    return Entry(
        entry_id=row["_id"],
        district=row["district"],
        student_id=row["student_id"],
        need_id=row["need_id"],
        number=row["number"],
        previous_mac=row["previous_mac"],
        mac=row["mac"],
        recorded_at=row["recorded_at"],
        told=seal_from(Sealed[LedgerFacts], row["student_id"], row["told"], keys),
    )


ENTRIES: Kind[Entry] = Kind(
    state=Entry,
    collection=ENTRIES_COLLECTION,
    to_document=_entry,
    from_document=_entry_of,
    persons=lambda entry: (entry.student_id,),
    watch=lambda entry: (entry.student_id,),
    indexes=(Index((("student_id", 1), ("number", -1))),),
)
