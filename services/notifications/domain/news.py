"""What the other services tell, as it reaches a student's mailbox. Facts never refuse."""

from dataclasses import replace

from schemas.codes import Template
from schemas.envelope import Erased, seal_of
from schemas.notifications import FamilyAnswered
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRequested,
    ConsentRevoked,
    ContactCardChanged,
    NeedIdentified,
    PacketEvent,
    PacketPending,
    PacketReleased,
    PacketWithheld,
    StudentErased,
)
from schemas.referrals import OfferAccepted, OfferEvent, OfferMade, OfferRecalled
from services.chassis.kernel import Context, Decision
from services.notifications.domain.cards import FamilyCard
from services.notifications.domain.mailbox import (
    ConsentNote,
    ConsentState,
    Mailbox,
    NeedNote,
    OfferNote,
    tells_of_use,
)
from services.notifications.domain.policy import Traces
from services.notifications.domain.queueing import OF_PLACE, settled, wants
from services.notifications.domain.telling import cancelled

TO_PARTNER = frozenset({"confirmation", "cannot-come", "other-time"})


def hear_of_need(
    mailbox: Mailbox | None, said: NeedIdentified, context: Context
) -> Decision[Mailbox]:
    """Note how urgent a need is and whether the family may be written to."""
    facts = said.sealed.facts
    note = NeedNote(
        need_id=said.need_id,
        urgency=said.urgency,
        restricted=said.restricted,
        family_contact="none" if isinstance(facts, Erased) else facts.family_contact,
    )
    return settled(_of(mailbox, said.student_id, context).put_need(note), context)


def hear_of_family(
    mailbox: Mailbox | None, said: ContactCardChanged, context: Context
) -> Decision[Mailbox | None]:
    """Tell what waited for the family's card; a student of whom nothing was told needs no box."""
    del said
    if mailbox is None or not mailbox.intents:
        return Decision(mailbox)
    done = settled(mailbox, context)
    return Decision(done.state, done.events)


def ask_for_consent(
    mailbox: Mailbox | None, said: ConsentRequested, context: Context
) -> Decision[Mailbox]:
    """Ask a guardian."""
    note = ConsentNote(
        consent_id=said.consent_id,
        need_id=said.need_id,
        referral_id=said.referral_id,
        contact_id=said.contact_id,
        restricted=said.restricted,
        open_until=said.open_until,
        sealed=said.sealed,
    )
    box = _of(mailbox, said.student_id, context).put_consent(note)
    return settled(
        wants(
            box,
            "consent-needed",
            context,
            need_id=said.need_id,
            consent_id=said.consent_id,
            traceparent=_trace(context),
        ),
        context,
    )


def hear_of_signature(
    mailbox: Mailbox | None, said: ConsentGiven, context: Context
) -> Decision[Mailbox]:
    """Send a copy of what was signed: from now on its terms stand for those that were asked."""
    box = _with_state(_of(mailbox, said.student_id, context), said.consent_id, "given")
    note = box.consent(said.consent_id)
    if note is None:
        return Decision(box)
    signed = said.sealed.facts
    if not isinstance(signed, Erased):
        note = replace(note, sealed=seal_of(said.student_id, signed.terms))
    return settled(
        wants(
            box.put_consent(note),
            "consent-signed",
            context,
            need_id=said.need_id,
            consent_id=said.consent_id,
            traceparent=_trace(context),
        ),
        context,
    )


def hear_of_refusal(
    mailbox: Mailbox | None, said: ConsentRefused, context: Context
) -> Decision[Mailbox]:
    """Note it: nothing more is asked, and nobody is written to about it."""
    box = _of(mailbox, said.student_id, context)
    return Decision(_with_state(box, said.consent_id, "refused") if said.of_all else box)


def hear_of_revocation(
    mailbox: Mailbox | None, said: ConsentRevoked, context: Context
) -> Decision[Mailbox]:
    """Note it, and tell nobody any more what is done "as you allowed"."""
    box = _of(mailbox, said.student_id, context)
    if not said.of_all:
        return Decision(box)
    rest = tuple(each for each in box.intents if not tells_of_use(each, said.consent_id))
    box = replace(_with_state(box, said.consent_id, "revoked"), intents=rest)
    late = [each for each in box.messages if tells_of_use(each, said.consent_id)]
    return Decision(*cancelled(box, late, context.now))


def hear_of_offer(mailbox: Mailbox | None, said: OfferMade, context: Context) -> Decision[Mailbox]:
    """Write to everybody who answers for the organization, unless the answer came first.

    Where the family is not asked to sign, it is told who asked for help.
    """
    box = _of(mailbox, said.student_id, context)
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
        traceparent=_trace(context),
    )


def hear_of_yes(
    mailbox: Mailbox | None, said: OfferAccepted, context: Context
) -> Decision[Mailbox]:
    """Note the first date; the family hears of it once the partner may call."""
    box = _of(mailbox, said.student_id, context)
    starts_on = said.starts_on.isoformat() if said.starts_on else None
    note = replace(_offer(box, said), accepted=True, starts_on=starts_on)
    return _place_found(box, note, context)


def hear_of_release(
    mailbox: Mailbox | None, said: PacketReleased, context: Context
) -> Decision[Mailbox]:
    """Tell the family who, what, when and where, and the partner that it may call."""
    box = _of(mailbox, said.student_id, context)
    return _place_found(box, replace(_offer(box, said), released=True), context)


def hear_of_waiting(
    mailbox: Mailbox | None, said: PacketPending, context: Context
) -> Decision[Mailbox]:
    """Tell the signer until when the place is kept."""
    box = _of(mailbox, said.student_id, context)
    note = replace(_offer(box, said), kept_until=said.kept_until)
    return _told(box, note, "place-kept", context)


def hear_of_withholding(
    mailbox: Mailbox | None, said: PacketWithheld, context: Context
) -> Decision[Mailbox]:
    """Tell the partner; the family only when it was its missing signature that cost the place."""
    box = _of(mailbox, said.student_id, context)
    note = _offer(box, said)
    if said.code == "consent-missing":
        box = wants(
            box,
            "place-lost",
            context,
            need_id=said.need_id,
            offer=note,
            traceparent=_trace(context),
        )
    return _taken_back(box, box.offer(said.offer_id) or note, context)


def hear_of_recall(
    mailbox: Mailbox | None, said: OfferRecalled, context: Context
) -> Decision[Mailbox]:
    """Tell the partner, once."""
    box = _of(mailbox, said.student_id, context)
    return _taken_back(box, _offer(box, said), context)


def _taken_back(mailbox: Mailbox, note: OfferNote, context: Context) -> Decision[Mailbox]:
    """Tell the partner; what its family was still to hear of the place is not true any more."""
    of_place = [
        each
        for each in mailbox.messages
        if each.offer_id == note.offer_id and each.template in OF_PLACE
    ]
    box, events = cancelled(mailbox, of_place, context.now)
    done = _told(box, note, "offer-recalled", context)
    return Decision(done.state, (*events, *done.events))


def hear_of_answer(
    mailbox: Mailbox | None, said: FamilyAnswered, context: Context
) -> Decision[Mailbox | None]:
    """Tell the partner that the family answered about its first visit."""
    note = mailbox.offer(said.offer_id) if mailbox else None
    if mailbox is None or note is None or said.kind not in TO_PARTNER:
        return Decision(mailbox)
    done = _told(mailbox, note, "family-answered", context)
    return Decision(done.state, done.events)


def forget(mailbox: Mailbox | None, said: StudentErased, context: Context) -> Decision[Mailbox]:
    """Tell nobody anything more, and keep ids alone."""
    box = _of(mailbox, said.student_id, context)
    box, events = cancelled(box, box.messages, context.now)
    return Decision(replace(box, is_erased=True, intents=(), consents=(), offers=()), events)


def _of(mailbox: Mailbox | None, student_id: str, context: Context) -> Mailbox:
    return mailbox or Mailbox(
        student_id=student_id,
        district=context.district,
        is_erased=context.get(FamilyCard).is_erased,
    )


def _trace(context: Context) -> str | None:
    return context.get(Traces).of(context.message_id)


def _with_state(mailbox: Mailbox, consent_id: str, state: ConsentState) -> Mailbox:
    note = mailbox.consent(consent_id)
    return mailbox.put_consent(replace(note, state=state)) if note else mailbox


def _offer(mailbox: Mailbox, said: OfferEvent | PacketEvent) -> OfferNote:
    return mailbox.offer(said.offer_id) or OfferNote(
        offer_id=said.offer_id, need_id=said.need_id, referral_id=said.referral_id
    )


def _told(
    mailbox: Mailbox, note: OfferNote, template: Template, context: Context
) -> Decision[Mailbox]:
    """Keep the note and tell one thing about its offer."""
    box = wants(
        mailbox.put_offer(note),
        template,
        context,
        need_id=note.need_id,
        offer=note,
        traceparent=_trace(context),
    )
    return settled(box, context)


def _place_found(mailbox: Mailbox, note: OfferNote, context: Context) -> Decision[Mailbox]:
    """Once it is accepted and released, whichever came first, both sides hear of it."""
    box = mailbox.put_offer(note)
    if not (note.accepted and note.released):
        return settled(box, context)
    trace = _trace(context)
    box = wants(box, "accepted", context, need_id=note.need_id, offer=note, traceparent=trace)
    current = box.offer(note.offer_id) or note
    return _told(box, current, "packet-ready", context)
