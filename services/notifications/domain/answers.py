"""What a family answers at a link; each answer is a fact for the service that it is for."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from schemas.codes import LINK_ENDED, NO_PARTY, FamilyAnswer
from schemas.envelope import seal_of
from schemas.notifications import AnswerFacts, FamilyAnswered
from services.chassis.kernel import Context, Decision, Refused
from services.notifications.domain.links import Link, LinkCommand, Proof, usable
from services.notifications.domain.mailbox import ConsentNote, Mailbox, OfferNote

LONGEST_NAME: Final = 120
LONGEST_TEXT: Final = 1000


@dataclass(frozen=True, kw_only=True)
class AnswerConsent(LinkCommand):
    """Agree to some parties with a typed name, or refuse all."""

    answer: Literal["consent", "refusal"]
    typed_name: str
    organization_ids: tuple[str, ...]
    locale: str
    step_up: Proof


@dataclass(frozen=True, kw_only=True)
class RevokeConsent(LinkCommand):
    """Take the permission back."""

    locale: str
    step_up: Proof


@dataclass(frozen=True, kw_only=True)
class AnswerVisit(LinkCommand):
    """Say whether the child comes to the first visit; `text` holds other times."""

    answer: Literal["confirmation", "cannot-come", "other-time"]
    text: str
    locale: str
    step_up: Proof


@dataclass(frozen=True, kw_only=True)
class TurnAway(LinkCommand):
    """Say that this is for somebody else, or that messages are to stop; needs no step-up."""

    answer: Literal["wrong-person", "stop"]
    locale: str


def answer_consent(link: Link | None, asked: AnswerConsent, context: Context) -> Decision[Link]:
    """Take a signature or a no, once.

    Raises:
        Refused: `link_ended`: answered before or no longer asked; `no_party`; as `usable`.
    """
    found = usable(link, context)
    note = consent_of(found, context.get(Mailbox))
    if found.answer == asked.answer:
        return Decision(found)
    if found.answer or note is None or note.state != "asked" or context.now >= note.open_until:
        raise Refused(*LINK_ENDED)
    facts = AnswerFacts(
        typed_name=asked.typed_name[:LONGEST_NAME] if asked.answer == "consent" else None,
        organization_ids=_parties(note, asked),
        locale=asked.locale,
        text_version=note.terms.text_version if note.terms else None,
        step_up=asked.step_up,
    )
    return _answered(found, asked.answer, facts, context, consent=note)


def _parties(note: ConsentNote, asked: AnswerConsent) -> tuple[str, ...]:
    """Those agreed to, in their order; a refusal names none, for it is of all."""
    if asked.answer == "refusal":
        return ()
    if note.is_standing:
        return ()  # it names a class: one signature or none
    named = [each.organization_id for each in note.terms.parties] if note.terms else []
    agreed = tuple(each for each in named if each in asked.organization_ids)
    if not agreed:
        raise Refused(*NO_PARTY)
    return agreed


def revoke_consent(link: Link | None, asked: RevokeConsent, context: Context) -> Decision[Link]:
    """Take back what was given; at once, not backwards.

    Raises:
        Refused: `link_ended`: there is nothing to take back; as `usable`.
    """
    found = usable(link, context)
    note = consent_of(found, context.get(Mailbox))
    if found.answer == "revocation":
        return Decision(found)
    was_given = note is not None and (note.state == "given" or found.answer == "consent")
    if note is None or not was_given or note.state == "revoked":
        raise Refused(*LINK_ENDED)
    facts = AnswerFacts(locale=asked.locale, step_up=asked.step_up)
    return _answered(found, "revocation", facts, context, consent=note)


def answer_visit(link: Link | None, asked: AnswerVisit, context: Context) -> Decision[Link]:
    """Say yes, no or another time to a first visit, once.

    Raises:
        Refused: `link_ended`: answered otherwise before, or no longer offered; as `usable`.
    """
    found = usable(link, context)
    note = offer_of(found, context.get(Mailbox))
    if found.answer == asked.answer:
        return Decision(found)
    if found.answer or note is None or note.is_recalled:
        raise Refused(*LINK_ENDED)
    text = asked.text[:LONGEST_TEXT] or None
    facts = AnswerFacts(text=text, locale=asked.locale, step_up=asked.step_up)
    return _answered(found, asked.answer, facts, context, offer=note)


def turn_away(link: Link | None, asked: TurnAway, context: Context) -> Decision[Link]:
    """Tell the school, once; the channel is stopped by a command of its own.

    Raises:
        Refused: as `usable`.
    """
    if link is not None and link.answer == asked.answer:
        return Decision(link)
    found = usable(link, context)
    facts = AnswerFacts(locale=asked.locale, step_up="none")
    decision = _answered(found, asked.answer, facts, context)
    if asked.answer == "wrong-person":
        ended = replace(decision.state, revoked_at=context.now)
        return Decision(ended, decision.events)
    # Stopping messages is no answer to what was asked.
    kept = replace(decision.state, answer=found.answer, answered_at=found.answered_at)
    return Decision(kept, decision.events)


def consent_of(link: Link, mailbox: Mailbox) -> ConsentNote | None:
    """The consent that a link asks about."""
    message = mailbox.message(link.message_id)
    return mailbox.consent(message.consent_id) if message else None


def offer_of(link: Link, mailbox: Mailbox) -> OfferNote | None:
    """The offer that a link tells of."""
    message = mailbox.message(link.message_id)
    return mailbox.offer(message.offer_id) if message else None


def _answered(
    link: Link,
    kind: FamilyAnswer,
    facts: AnswerFacts,
    context: Context,
    *,
    consent: ConsentNote | None = None,
    offer: OfferNote | None = None,
) -> Decision[Link]:
    source = consent or offer
    said = FamilyAnswered(
        link_id=link.link_id,
        student_id=link.student_id,
        contact_id=link.contact_id,
        need_id=source.need_id if source else link.need_id,
        at=context.now,
        answer_id=context.id("answer"),
        kind=kind,
        referral_id=source.referral_id if source else None,
        offer_id=offer.offer_id if offer else None,
        consent_id=consent.consent_id if consent else None,
        sealed=seal_of(link.student_id, facts),
    )
    return Decision(replace(link, answer=kind, answered_at=context.now), (said,))
