"""What becomes of an offer, as both sides hear of it. Facts never refuse."""

from dataclasses import replace
from typing import Final

from schemas.codes import Template
from schemas.notifications import FamilyAnswered
from schemas.plans import PacketEvent, PacketPending, PacketReleased, PacketWithheld
from schemas.referrals import OfferAccepted, OfferEvent, OfferMade, OfferRecalled
from services.chassis.kernel import Context, Decision
from services.notifications.domain.mailbox import Mailbox, OfferNote, box_of
from services.notifications.domain.messages import OF_OFFER
from services.notifications.domain.notices import cancelled
from services.notifications.domain.queueing import settled, wants

TO_PARTNER: Final = frozenset({"confirmation", "cannot-come", "other-time"})
UNSIGNED: Final = "consent-missing"  # why a place is lost, of which the signer has words of its own


def hear_of_offer(mailbox: Mailbox | None, said: OfferMade, context: Context) -> Decision[Mailbox]:
    """Write to everybody who answers for the organization, unless the answer came first.

    Where the family is not asked to sign, it is told who asked for help.
    """
    box = box_of(mailbox, said.student_id, context)
    note = replace(
        _offer(box, said),
        sealed=said.sealed,
        public_reference=said.public_reference,
        answer_by=said.answer_by,
    )
    if note.accepted:
        return settled(box.put_offer(note), context)
    return _told(_family_told(box, said, context), note, "offer", context)


def _family_told(mailbox: Mailbox, said: OfferMade, context: Context) -> Mailbox:
    """Under a standing permission nothing is signed: the family hears at once, once for a need."""
    consent_id = said.consent_id
    note = mailbox.consent(consent_id)
    is_over = note is not None and note.state == "revoked"
    if consent_id is None or is_over or mailbox.has_told_family(said.need_id, consent_id):
        return mailbox
    return wants(
        mailbox,
        "offer",
        context,
        need_id=said.need_id,
        consent_id=consent_id,
        recipient="family",
    )


def hear_of_yes(
    mailbox: Mailbox | None, said: OfferAccepted, context: Context
) -> Decision[Mailbox]:
    """Note the first date; the family hears of it once the partner may call."""
    box = box_of(mailbox, said.student_id, context)
    starts_on = said.starts_on.isoformat() if said.starts_on else None
    note = replace(_offer(box, said), accepted=True, starts_on=starts_on)
    return _place_found(box, note, context)


def hear_of_release(
    mailbox: Mailbox | None, said: PacketReleased, context: Context
) -> Decision[Mailbox]:
    """Tell the family who, what, when and where, and the partner that it may call."""
    box = box_of(mailbox, said.student_id, context)
    return _place_found(box, replace(_offer(box, said), released=True), context)


def hear_of_waiting(
    mailbox: Mailbox | None, said: PacketPending, context: Context
) -> Decision[Mailbox]:
    """Tell the signer until when the place is kept."""
    box = box_of(mailbox, said.student_id, context)
    note = replace(_offer(box, said), kept_until=said.kept_until)
    return _told(box, note, "place-kept", context)


def hear_of_withholding(
    mailbox: Mailbox | None, said: PacketWithheld, context: Context
) -> Decision[Mailbox]:
    """Tell the partner; a family that heard of the place too, in words that say why if it did not
    sign in time.
    """
    box = box_of(mailbox, said.student_id, context)
    note = _offer(box, said)
    if said.code == UNSIGNED:
        box = wants(box, "place-lost", context, need_id=said.need_id, offer=note)
    return _taken_back(box, box.offer(said.offer_id) or note, said.code, context)


def hear_of_recall(
    mailbox: Mailbox | None, said: OfferRecalled, context: Context
) -> Decision[Mailbox]:
    """Tell the partner, once, and whoever of the family heard of the place."""
    box = box_of(mailbox, said.student_id, context)
    return _taken_back(box, _offer(box, said), said.code, context)


def _taken_back(
    mailbox: Mailbox, note: OfferNote, code: str, context: Context
) -> Decision[Mailbox]:
    """Tell both sides; what somebody was still to hear of the offer is not true any more."""
    of_offer = [
        each
        for each in mailbox.messages
        if each.offer_id == note.offer_id and each.template in OF_OFFER
    ]
    box, events = cancelled(mailbox, of_offer, context.now)
    box = _family_warned(box, note, code, context)
    done = _told(box, box.offer(note.offer_id) or note, "offer-recalled", context)
    return Decision(done.state, (*events, *done.events))


def _family_warned(mailbox: Mailbox, note: OfferNote, code: str, context: Context) -> Mailbox:
    """Nobody who was written to of a place may stand before a closed door: they hear once.

    Neither who took it back nor why: that may be another guardian's word.
    """
    need_id = note.need_id
    if code == UNSIGNED and not note.released:
        if "place-kept" not in note.told:
            return mailbox
        return wants(mailbox, "place-lost", context, need_id=need_id, offer=note)
    if note.is_recalled or not mailbox.who_heard_of_place(note.offer_id):
        return mailbox
    return wants(
        mailbox, "offer-recalled", context, need_id=need_id, offer=note, recipient="family"
    )


def hear_of_answer(
    mailbox: Mailbox | None, said: FamilyAnswered, context: Context
) -> Decision[Mailbox | None]:
    """Tell the partner each time that the family answered about its first visit."""
    note = mailbox.offer(said.offer_id) if mailbox else None
    if mailbox is None or note is None or said.kind not in TO_PARTNER:
        return Decision(mailbox)
    return _told(mailbox, note, "family-answered", context)


def _offer(mailbox: Mailbox, said: OfferEvent | PacketEvent) -> OfferNote:
    return mailbox.offer(said.offer_id) or OfferNote(
        offer_id=said.offer_id, need_id=said.need_id, referral_id=said.referral_id
    )


def _told(
    mailbox: Mailbox, note: OfferNote, template: Template, context: Context
) -> Decision[Mailbox]:
    """Keep the note and tell one thing about its offer."""
    box = wants(mailbox.put_offer(note), template, context, need_id=note.need_id, offer=note)
    return settled(box, context)


def _place_found(mailbox: Mailbox, note: OfferNote, context: Context) -> Decision[Mailbox]:
    """Once it is accepted and released, whichever came first, both sides hear of it.

    Of one that was taken back before neither does.
    """
    box = mailbox.put_offer(note)
    if not (note.accepted and note.released):
        return settled(box, context)
    box = wants(box, "accepted", context, need_id=note.need_id, offer=note)
    current = box.offer(note.offer_id) or note
    return _told(box, current, "packet-ready", context)
