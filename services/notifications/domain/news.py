"""What is told of needs, families and permissions, as it reaches a mailbox; never refuses.

Of offers: `offers.py`.
"""

from dataclasses import replace

from schemas.codes import ConsentState
from schemas.envelope import Erased, seal_of
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRequested,
    ConsentRevoked,
    ContactCardChanged,
    NeedIdentified,
    NeedWithdrawn,
    StudentErased,
)
from schemas.referrals import ReferralClosed
from services.chassis.kernel import Context, Decision
from services.notifications.domain.mailbox import (
    ConsentNote,
    Mailbox,
    NeedNote,
    box_of,
    tells_of_use,
)
from services.notifications.domain.notices import cancelled
from services.notifications.domain.queueing import settled, wants


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
    return settled(box_of(mailbox, said.student_id, context).put_need(note), context)


def hear_of_end(
    mailbox: Mailbox | None, said: NeedWithdrawn | ReferralClosed, context: Context
) -> Decision[Mailbox | None]:
    """Ask nothing more for a need that has ended, and promise nothing more."""
    need = mailbox.need(said.need_id) if mailbox else None
    if mailbox is None or need is None:
        return Decision(mailbox)
    over_at = need.over_at or context.now
    box = mailbox.put_need(replace(need, is_over=True, over_at=over_at))
    for each in box.consents:
        if (each.need_id, each.state) == (said.need_id, "asked"):
            box = box.put_consent(_closed(each, context))
    box, events = cancelled(box, [each for each in box.messages if box.is_old(each)], context.now)
    done = settled(box, context)
    return Decision(done.state, (*events, *done.events))


def _closed(note: ConsentNote, context: Context) -> ConsentNote:
    return replace(note, open_until=min(note.open_until, context.now))


def hear_of_family(
    mailbox: Mailbox | None, said: ContactCardChanged, context: Context
) -> Decision[Mailbox | None]:
    """Tell what waited for the family's card; a student of whom nothing was told needs no box."""
    del said
    if mailbox is None or not mailbox.intents:
        return Decision(mailbox)
    return settled(mailbox, context)


def ask_for_consent(
    mailbox: Mailbox | None, said: ConsentRequested, context: Context
) -> Decision[Mailbox]:
    """Ask a guardian, unless the need has ended meanwhile: that comes on another topic."""
    note = ConsentNote(
        consent_id=said.consent_id,
        need_id=said.need_id,
        referral_id=said.referral_id,
        contact_id=said.contact_id,
        restricted=said.restricted,
        open_until=said.open_until,
        sealed=said.sealed,
    )
    box = box_of(mailbox, said.student_id, context)
    need = box.need(said.need_id)
    box = box.put_consent(_closed(note, context) if need and need.is_over else note)
    need_id, consent_id = said.need_id, said.consent_id
    box = wants(box, "consent-needed", context, need_id=need_id, consent_id=consent_id)
    return settled(box, context)


def hear_of_signature(
    mailbox: Mailbox | None, said: ConsentGiven, context: Context
) -> Decision[Mailbox]:
    """Send a copy of what was signed: from now on its terms stand for those that were asked."""
    box = _with_state(box_of(mailbox, said.student_id, context), said.consent_id, "given")
    note = box.consent(said.consent_id)
    if note is None:
        return Decision(box)
    signed = said.sealed.facts
    if not isinstance(signed, Erased):
        note = replace(note, sealed=seal_of(said.student_id, signed.terms))
    need_id, consent_id = said.need_id, said.consent_id
    box = box.put_consent(note)
    box = wants(box, "consent-signed", context, need_id=need_id, consent_id=consent_id)
    return settled(box, context)


def hear_of_refusal(
    mailbox: Mailbox | None, said: ConsentRefused, context: Context
) -> Decision[Mailbox]:
    """Note it: nothing more is asked, and nobody is written to about it."""
    box = box_of(mailbox, said.student_id, context)
    return Decision(_with_state(box, said.consent_id, "refused") if said.of_all else box)


def hear_of_revocation(
    mailbox: Mailbox | None, said: ConsentRevoked, context: Context
) -> Decision[Mailbox]:
    """Note it, and tell nobody any more what is done "as you allowed"."""
    box = box_of(mailbox, said.student_id, context)
    if not said.of_all:
        return Decision(box)
    rest = tuple(each for each in box.intents if not tells_of_use(each, said.consent_id))
    box = replace(_with_state(box, said.consent_id, "revoked"), intents=rest)
    late = [each for each in box.messages if tells_of_use(each, said.consent_id)]
    return Decision(*cancelled(box, late, context.now))


def forget(mailbox: Mailbox | None, said: StudentErased, context: Context) -> Decision[Mailbox]:
    """Tell nobody anything more, and keep ids alone."""
    box = box_of(mailbox, said.student_id, context)
    box, events = cancelled(box, box.messages, context.now)
    return Decision(box.forgotten(), events)


def _with_state(mailbox: Mailbox, consent_id: str, state: ConsentState) -> Mailbox:
    note = mailbox.consent(consent_id)
    return mailbox.put_consent(replace(note, state=state)) if note else mailbox
