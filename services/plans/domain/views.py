"""Each look at a Preview or Packet, and each look that was refused, as an entry of the ledger."""

from typing import Final, Literal

from schemas.codes import LedgerKind
from schemas.envelope import Erased
from schemas.plans import LedgerFacts, PacketFacts, PreviewFacts
from schemas.referrals import PacketClosed, PacketViewed, PreviewViewed, ViewDenied
from services.chassis.kernel import Context, Decision
from services.plans.domain import consents
from services.plans.domain.asking import use_of
from services.plans.domain.cases import Case
from services.plans.domain.consents import Consent, ConsentBook
from services.plans.domain.coordinators import Coordinator
from services.plans.domain.covering import covering
from services.plans.domain.ledger import INTEREST, NOTICE_VERSION, SYSTEM
from services.plans.domain.needs import Need
from services.plans.domain.packets import packet
from services.plans.domain.telling import Telling, shown_fields

SOMEBODY: Final = "Somebody whose name is no longer kept"
Shown = PreviewViewed | PacketViewed | ViewDenied
PREVIEW: Final = tuple(PreviewFacts.model_fields)
PACKET: Final = tuple(PacketFacts.model_fields)


def record_view(book: ConsentBook | None, said: Shown, context: Context) -> Decision[ConsentBook]:
    """Enter a look: who, at what, as what it was allowed."""
    telling = Telling(book or consents.blank(said.student_id, context.district), context)
    match said:
        case PreviewViewed():
            facts = _preview(said, context)
        case PacketViewed():
            facts = _packet(telling.book, said, context)
        case ViewDenied():
            facts = _entry(said, context, "denied", "denied", said.code)
    telling.record(facts, said.need_id, said.offer_id)
    return telling.decision


def record_end(
    book: ConsentBook | None, said: PacketClosed, context: Context
) -> Decision[ConsentBook]:
    """Enter that a partner can no longer look."""
    telling = Telling(book or consents.blank(said.student_id, context.district), context)
    facts = _entry(said, context, "ended", "ended", said.code)
    telling.record(facts.model_copy(update={"actor": SYSTEM}), said.need_id, said.offer_id)
    return telling.decision


def _preview(said: PreviewViewed, context: Context) -> LedgerFacts:
    entry = _entry(said, context, "preview", "shown", "before accepting")
    need = context.get(Need).facts
    if isinstance(need, Erased):
        return entry
    return entry.model_copy(update={"fields": shown_fields(need.preview, PREVIEW)})


def _packet(book: ConsentBook, said: PacketViewed, context: Context) -> LedgerFacts:
    entry = _entry(said, context, "view", "shown", "consent")
    entry = entry.model_copy(
        update={
            "channel": said.channel,
            "notice_version": NOTICE_VERSION,
            "consent_id": said.consent_id,
        }
    )
    consent = _shown_under(book, said, context)
    facts = packet(context, consent) if consent else None
    if consent is None or facts is None:
        return entry
    return entry.model_copy(
        update={
            "classes": facts.classes,
            "fields": shown_fields(facts, PACKET),
            "consent_id": consent.consent_id,
        }
    )


def _shown_under(book: ConsentBook, said: PacketViewed, context: Context) -> Consent | None:
    """The consent that a look names, even where it ended before the look was heard of.

    A look that names none is taken to be under what covers it now.
    """
    if said.consent_id:
        return book.find(said.consent_id)
    use = use_of(context.get(Case), context.get(Need), said.offer_id)
    return covering(book, use, context.now) if use else None


def _entry(
    said: Shown | PacketClosed,
    context: Context,
    kind: LedgerKind,
    decision: Literal["shown", "denied", "ended"],
    reason: str,
) -> LedgerFacts:
    party = context.get(Case).party(said.offer_id)
    person = context.seen.get(Coordinator)
    return LedgerFacts(
        kind=kind,
        channel="none" if kind in {"denied", "ended"} else "page",
        actor=(person.name if person else "") or SOMEBODY,
        party=party.name if party else None,
        organization_id=party.organization_id if party else None,
        interest=INTEREST,
        decision=decision,
        reason=reason,
    )
