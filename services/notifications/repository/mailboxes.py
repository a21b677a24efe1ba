"""How mailboxes are stored; what describes a child stands sealed under its key."""

from typing import Any, Final

from schemas.envelope import Sealed
from schemas.plans import ConsentTerms
from schemas.referrals import OfferFacts
from services.chassis.kinds import Document, Index, Kind, dense, sparse
from services.chassis.vault import Keyring
from services.notifications.domain.mailbox import (
    ConsentNote,
    Intent,
    Mailbox,
    NeedNote,
    OfferNote,
)
from services.notifications.domain.messages import Message, MessageState
from services.notifications.repository.cards import restored, stored

WATCHED: Final = "outbox"  # what the demo's page of all messages watches


def to_document(mailbox: Mailbox, keys: Keyring) -> Document:
    """A mailbox as it is stored; `next_at` is when the sender must look at it again."""
    waiting = [each.next_at for each in mailbox.messages if each.is_waiting and each.next_at]
    claimed = [each.claimed_at for each in mailbox.messages if each.claimed_at]
    return {
        "shape": 1,
        "is_erased": mailbox.is_erased,
        "needs": [sparse(each) for each in mailbox.needs],
        "consents": [_note(each, keys) for each in mailbox.consents],
        "offers": [_note(each, keys) for each in mailbox.offers],
        "intents": [sparse(each) for each in mailbox.intents],
        "messages": [_message(each) for each in mailbox.messages],
        "households": sorted({each.household for each in mailbox.messages if each.household}),
        **({"next_at": min(waiting)} if waiting else {}),
        **({"claimed_at": min(claimed)} if claimed else {}),
    }


def from_document(row: Document, keys: Keyring) -> Mailbox:
    """A mailbox from its document."""
    return Mailbox(
        student_id=row["_id"],
        district=row["district"],
        is_erased=row["is_erased"],
        needs=tuple(dense(NeedNote, each) for each in row["needs"]),
        consents=tuple(
            dense(ConsentNote, _opened(Sealed[ConsentTerms], each, keys))
            for each in row["consents"]
        ),
        offers=tuple(_offer(each, keys) for each in row["offers"]),
        intents=tuple(dense(Intent, each) for each in row["intents"]),
        messages=tuple(_message_of(each) for each in row["messages"]),
    )


def _note(note: ConsentNote | OfferNote, keys: Keyring) -> Document:
    return sparse(note) | {"sealed": stored(note.sealed, keys)}


def _opened(kind: type[Sealed[Any]], row: Document, keys: Keyring) -> Document:
    return row | {"sealed": restored(kind, row["sealed"], keys)}


def _offer(row: Document, keys: Keyring) -> OfferNote:
    opened = _opened(Sealed[OfferFacts], row, keys)
    return dense(OfferNote, opened | {"told": tuple(row.get("told", ()))})


def _message(message: Message) -> Document:
    found = sparse(message)
    found["state"] = message.state.value
    return found


def _message_of(row: Document) -> Message:
    lifted = {"state": MessageState(row["state"]), "channels": tuple(row["channels"])}
    return dense(Message, row | lifted)


def _persons(mailbox: Mailbox) -> list[str]:
    asked = [each.sealed.person for each in mailbox.consents]
    return [*asked, *(each.sealed.person for each in mailbox.offers if each.sealed)]


MAILBOXES: Final[Kind[Any]] = Kind(
    state=Mailbox,
    collection="mailboxes",
    to_document=to_document,
    from_document=from_document,
    persons=_persons,
    watch=lambda _: (WATCHED,),
    blank=lambda student_id, district: Mailbox(student_id=student_id, district=district),
    indexes=(
        Index((("next_at", 1),), sparse=True),
        Index((("claimed_at", 1),), sparse=True),
        Index((("households", 1),)),
    ),
)
