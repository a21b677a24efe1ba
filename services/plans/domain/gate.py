"""The Gate: at every yes of a partner, whether the Packet may go, must wait, or never goes.

Source: 34 CFR 99.30, 99.33; told in docs/explanation/consent-and-ledger.md.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from schemas.codes import WithholdCode
from schemas.envelope import Erased, seal_of
from schemas.plans import (
    LedgerFacts,
    PacketFacts,
    PacketPending,
    PacketReleased,
    PacketWithheld,
    Party,
)
from schemas.referrals import OfferAccepted, OfferDeclined, OfferExpired, OfferRecalled
from services.chassis.days import after, weekdays_only
from services.chassis.kernel import Context, Decision, Tick
from services.plans.domain import consents
from services.plans.domain.asking import asked_for, use_of
from services.plans.domain.cases import Case
from services.plans.domain.consents import Consent, ConsentBook, Pending, clock_of
from services.plans.domain.covering import Use, covering, verdict
from services.plans.domain.ledger import INTEREST, NOTICE_VERSION, SYSTEM
from services.plans.domain.needs import Need
from services.plans.domain.packets import packet
from services.plans.domain.rights import in_force
from services.plans.domain.school_days import SchoolDays, today
from services.plans.domain.students import Contact, Student, signer
from services.plans.domain.telling import Telling, shown_fields

SIGNATURE_DAYS: Final = 5  # school days that a place is kept
TOLD: Final = tuple(PacketFacts.model_fields)


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An accepted offer at the Gate."""

    offer_id: str
    referral_id: str
    need_id: str
    party: Party


def pass_gate(
    book: ConsentBook | None, said: OfferAccepted, context: Context
) -> Decision[ConsentBook]:
    """A partner said yes: release, wait for the signature, or withhold.

    Of a need that has ended nothing is told.
    """
    book = book or consents.blank(said.student_id, context.district)
    case, need = context.get(Case), context.get(Need)
    use, party = use_of(case, need, said.offer_id), case.party(said.offer_id)
    telling = Telling(book, context)
    if use is None or party is None or isinstance(context.get(Student).facts, Erased):
        telling.say(_withheld(said.student_id, said, "consent-missing"))
        return telling.decision
    if not need.is_open:  # the word that ended it also ends its referral, and recalls the offer
        return telling.decision
    accepted = Accepted(
        offer_id=said.offer_id, referral_id=said.referral_id, need_id=said.need_id, party=party
    )
    _judge(telling, accepted, use)
    return telling.decision


def release_kept(telling: Telling, consent: Consent) -> None:
    """After a signature: release what was only waiting for it, and withhold what it leaves out.

    A standing one may be about any place that is kept: each is looked at by its own clock, now.
    """
    now = telling.context.now
    if consent.is_standing:
        looked_at = tuple(replace(each, look_at=now) for each in telling.book.pending)
        telling.book = replace(telling.book, pending=looked_at)
        return
    for kept in tuple(telling.book.pending):
        if kept.need_id == consent.need_id:
            _judge_kept(telling, kept)


def _judge_kept(telling: Telling, kept: Pending) -> None:
    """Decide about a kept place, unless its signature is still missing and may come.

    One whose need has ended is recalled by its referral.
    """
    case, need = telling.context.get(Case), telling.context.get(Need)
    use, party = use_of(case, need, kept.offer_id), case.party(kept.offer_id)
    student, now = telling.context.get(Student), telling.context.now
    if use is None or party is None or isinstance(student.facts, Erased) or not need.is_open:
        return
    accepted = Accepted(
        offer_id=kept.offer_id,
        referral_id=kept.referral_id,
        need_id=kept.need_id,
        party=party,
    )
    if verdict(_in_force(telling), use, now) != "missing" or not _signer(telling):
        telling.book = telling.book.without_pending(kept.offer_id)
        _judge(telling, accepted, use)


def withhold_kept(
    telling: Telling, need_id: str, organization_ids: frozenset[str], code: WithholdCode
) -> None:
    """After a no: what is kept for these parties (none named: for all) is not released."""
    for kept in tuple(telling.book.pending):
        is_meant = not organization_ids or kept.organization_id in organization_ids
        if kept.need_id == need_id and is_meant:
            _withhold(telling, kept, code)


def run_out(book: ConsentBook, tick: Tick, context: Context) -> Decision[ConsentBook]:
    """Look at a kept place: what was signed meanwhile releases it, and too late it is given up."""
    telling = Telling(book, context)
    kept = kept_of(book, tick)
    if kept is None:
        return telling.decision
    _judge_kept(telling, kept)
    if kept in telling.book.pending:
        if kept.kept_until <= context.now:
            _withhold(telling, kept, "consent-missing")
        else:
            _wait(telling, kept)
    return telling.decision


def kept_of(book: ConsentBook | None, tick: Tick) -> Pending | None:
    """The kept place whose clock has run out."""
    kept = book.pending if book else ()
    return next((each for each in kept if clock_of(each.offer_id) == tick.name), None)


def forget_place(
    book: ConsentBook | None,
    said: OfferDeclined | OfferExpired | OfferRecalled,
    context: Context,
) -> Decision[ConsentBook | None]:
    """An offer ended: no place is kept for it any more."""
    del context
    return Decision(book.without_pending(said.offer_id) if book else None)


def _judge(telling: Telling, accepted: Accepted, use: Use) -> None:
    book, now = _in_force(telling), telling.context.now
    match verdict(book, use, now):
        case "covered":
            consent = covering(book, use, now)
            assert consent is not None  # noqa: S101 - the verdict says so
            _release(telling, accepted, consent)
        case "missing" if _signer(telling):
            _keep(telling, accepted)
        case "missing":  # and nobody may sign: it would be waited for in vain
            _refuse(telling, accepted, "consent-missing")
        case no:
            _refuse(telling, accepted, no)


def _signer(telling: Telling) -> Contact | None:
    """Who may sign today."""
    day = today(telling.book.student_id, telling.context)
    return signer(telling.context.get(Student), day)


def _in_force(telling: Telling) -> ConsentBook:
    book, context = telling.book, telling.context
    day = today(book.student_id, context)
    return in_force(book, context.get(Student), context.now, day)


def _refuse(telling: Telling, accepted: Accepted, code: WithholdCode) -> None:
    telling.say(_withheld(telling.book.student_id, accepted, code))
    entry = _entry(accepted.party, "withheld", code)
    telling.record(entry, accepted.need_id, accepted.offer_id)


def _release(telling: Telling, accepted: Accepted, consent: Consent) -> None:
    facts = packet(telling.context, consent)
    if facts is None:
        telling.say(_withheld(telling.book.student_id, accepted, "consent-missing"))
        return
    telling.say(
        PacketReleased(
            student_id=telling.book.student_id,
            need_id=accepted.need_id,
            referral_id=accepted.referral_id,
            offer_id=accepted.offer_id,
            consent_id=consent.consent_id,
            released_at=telling.context.now,
            sealed=seal_of(telling.book.student_id, facts),
        )
    )
    entry = _entry(accepted.party, "released", "consent").model_copy(
        update={
            "classes": facts.classes,
            "fields": shown_fields(facts, TOLD),
            "consent_id": consent.consent_id,
            "notice_version": NOTICE_VERSION,
        }
    )
    telling.record(entry, accepted.need_id, accepted.offer_id)


def _keep(telling: Telling, accepted: Accepted) -> None:
    book, context = telling.book, telling.context
    calendar = context.get(SchoolDays).calendar(book.student_id)
    until = after(context.now, SIGNATURE_DAYS, calendar)  # None: school is out
    kept_until = until or after(context.now, SIGNATURE_DAYS, weekdays_only(calendar.zone))
    assert kept_until is not None  # noqa: S101 - there are always weekdays
    kept = Pending(
        offer_id=accepted.offer_id,
        referral_id=accepted.referral_id,
        need_id=accepted.need_id,
        organization_id=accepted.party.organization_id,
        kept_until=kept_until,
    )
    _wait(telling, kept)
    telling.say(
        PacketPending(
            student_id=book.student_id,
            need_id=accepted.need_id,
            referral_id=accepted.referral_id,
            offer_id=accepted.offer_id,
            kept_until=kept_until,
        )
    )
    entry = _entry(accepted.party, "pending", "signature missing")
    telling.record(entry, accepted.need_id, accepted.offer_id)


def _wait(telling: Telling, kept: Pending) -> None:
    """Keep a place on; it is looked at again when a question closes before its day.

    The family is asked unless it was: who was asked may have lost the rights, and what covered the
    offer when it was made may have ended.
    """
    asked = asked_for(telling.book, kept.offer_id, telling.context)
    telling.book = asked.state
    telling.say(*asked.events)
    questions = consents.of_need(_in_force(telling), kept.need_id)
    closing = (each.open_until for each in questions if each.state == "asked")
    before = (at for at in closing if telling.context.now < at < kept.kept_until)
    others = telling.book.without_pending(kept.offer_id).pending
    waits = replace(kept, look_at=min(before, default=None))
    telling.book = replace(telling.book, pending=(*others, waits))


def _withhold(telling: Telling, kept: Pending, code: WithholdCode) -> None:
    telling.book = telling.book.without_pending(kept.offer_id)
    telling.say(_withheld(telling.book.student_id, kept, code))
    party = Party(organization_id=kept.organization_id, name=_named(telling, kept))
    telling.record(_entry(party, "withheld", code), kept.need_id, kept.offer_id)


def _named(telling: Telling, kept: Pending) -> str:
    """The name of the partner as its consent spells it."""
    for consent in consents.of_need(telling.book, kept.need_id):
        if not isinstance(consent.facts, Erased):
            for each in consent.facts.terms.parties:
                if each.organization_id == kept.organization_id:
                    return each.name
    return ""


def _withheld(
    student_id: str, offer: Accepted | Pending | OfferAccepted, code: WithholdCode
) -> PacketWithheld:
    return PacketWithheld(
        student_id=student_id,
        need_id=offer.need_id,
        referral_id=offer.referral_id,
        offer_id=offer.offer_id,
        code=code,
    )


def _entry(
    party: Party, decision: Literal["released", "pending", "withheld"], reason: str
) -> LedgerFacts:
    return LedgerFacts(
        kind="packet",
        channel="none",
        actor=SYSTEM,
        party=party.name or None,
        organization_id=party.organization_id,
        interest=INTEREST,
        decision=decision,
        reason=reason,
    )
