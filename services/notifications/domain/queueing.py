"""From "somebody is to be told" to messages: whom, in which language, by which way, or why not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from schemas.codes import Locale, Recipient, SuppressionCode, Template
from schemas.envelope import Event
from services.chassis.kernel import Context, Decision, Tick, derived
from services.notifications.domain.cards import Coordinators, FamilyCard, spoken
from services.notifications.domain.mailbox import (
    Intent,
    Mailbox,
    OfferNote,
    clock_of,
    organization_of,
    side_of,
)
from services.notifications.domain.messages import LINKED, Message, MessageState
from services.notifications.domain.notices import cancelled, queued, suppressed
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.readers import contacts_of, may_look, ways_to
from services.notifications.domain.tidying import tidied

VERSION: Final = "2026-5"  # of the wording of all templates; goes up with any change of a sentence
ASKS_TO_SIGN: Final[frozenset[Template]] = frozenset({"consent-needed", "place-kept"})
# Newer news replaces older, but nobody loses the copy of what they signed [34 CFR 99.30(c)].
STAYS: Final[frozenset[Template]] = frozenset({"consent-signed", "step-up-code"})
EACH_TIME: Final[frozenset[Template]] = frozenset({"family-answered"})
"""What is told whenever it happens: another guardian may answer otherwise."""
USEFUL: Final = timedelta(days=7)
ACCEPTED_USEFUL: Final = timedelta(days=14)
PAUSES: Final = (timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=10))


def settled(mailbox: Mailbox, context: Context) -> Decision[Mailbox]:
    """Queue whatever is clear by now; the rest waits for the card or need that it lacks."""
    events: tuple[Event, ...] = ()
    waiting: list[Intent] = []
    for intent in mailbox.intents:
        wanted = _messages(mailbox, intent, context)
        if wanted is None:
            waiting.append(_put_off(mailbox, intent, context))
            continue
        for message, code in wanted:
            mailbox, told = _queued(mailbox, message, code)
            events += told
    return Decision(replace(tidied(mailbox, context.now), intents=tuple(waiting)), events)


Wanted = list[tuple[Message, SuppressionCode | None]]


def look_again(mailbox: Mailbox, tick: Tick, context: Context) -> Decision[Mailbox]:
    """Tell a partner whose people are known by now; after the last try say that nobody is there."""
    decision = settled(mailbox, context)
    left = tuple(
        replace(each, again_at=None) if _is_over(each, tick) else each
        for each in decision.state.intents
    )
    return Decision(replace(decision.state, intents=left), decision.events)


def _is_over(intent: Intent, tick: Tick) -> bool:
    return tick.name == clock_of(intent.offer_id) and intent.again_at == tick.at


def _messages(mailbox: Mailbox, intent: Intent, context: Context) -> Wanted | None:
    """Each message with the code of why it is not to be sent; None: it cannot be said yet."""
    if side_of(intent) == "partner":
        return _to_partners(mailbox, intent, context)
    family: FamilyCard = context.get(FamilyCard)
    if family.is_erased or mailbox.is_erased:
        return []
    if not family.is_known or not _is_noted(mailbox, intent):
        return None
    # The student stands in where there is nobody to tell: that is no silence, it is told too.
    readers = contacts_of(mailbox, intent, context) or [mailbox.student_id]
    return [_to_family(mailbox, intent, context, each) for each in readers]


def _is_noted(mailbox: Mailbox, intent: Intent) -> bool:
    """Whether its need is known, and the consent that it names; a standing one has no need."""
    consent = mailbox.consent(intent.consent_id)
    if intent.consent_id and consent is None:
        return False
    is_alone = consent is not None and intent.need_id == consent.consent_id
    return is_alone or mailbox.need(intent.need_id) is not None


def _to_family(
    mailbox: Mailbox, intent: Intent, context: Context, contact_id: str
) -> tuple[Message, SuppressionCode | None]:
    policy, family = context.get(Policy), context.get(FamilyCard)
    need = mailbox.need(intent.need_id)
    card = family.contact(contact_id)
    locale = spoken(card.languages) if card else "en"
    channels = ways_to(family, contact_id, context)
    message = _message(mailbox, intent, contact_id, locale)
    message = replace(
        message,
        channels=channels,
        link_id=message.link_id if may_look(mailbox, intent, contact_id) else None,
        household=(card.household if card else None) or contact_id,
        is_urgent=bool(need and need.urgency == "urgent"),
    )
    code: SuppressionCode | None = None if channels else "no-contact"
    if mailbox.is_old(intent):
        return message, "cancelled"
    is_by_hand = need is not None and need.family_contact != "normal"
    # Nobody signs a machine's draft: staff read it out instead.
    if is_by_hand or (intent.template in ASKS_TO_SIGN and locale not in policy.reviewed):
        code = "by-hand"
    return message, code


def _to_partners(mailbox: Mailbox, intent: Intent, context: Context) -> Wanted | None:
    if mailbox.is_erased:
        return []
    known = _partner(mailbox, intent, context)
    if known is None:
        return None
    people = known.reachable()
    if not people and intent.tries < len(PAUSES):
        return None
    if not people:  # the offer stands in for the name of an organization, which is no news for all
        nobody = _message(mailbox, intent, intent.offer_id or intent.need_id, "en")
        return [(nobody, "no-contact")]
    code: SuppressionCode | None = "cancelled" if mailbox.is_old(intent) else None
    return [
        (replace(_message(mailbox, intent, who, spoken((card.locale,))), channels=("email",)), code)
        for who, card in people
    ]


def _partner(mailbox: Mailbox, intent: Intent, context: Context) -> Coordinators | None:
    """Those who answer for an intent's organization, if this message is about that one."""
    known: Coordinators | None = context.seen.get(Coordinators)
    organization_id = organization_of(mailbox, intent.offer_id)
    is_theirs = known is not None and known.organization_id == organization_id
    return known if is_theirs else None


def _put_off(mailbox: Mailbox, intent: Intent, context: Context) -> Intent:
    """Look again later for people of a partner: their cards come on another topic, at any time."""
    is_early = intent.again_at is not None and context.now < intent.again_at
    if side_of(intent) == "family" or is_early:
        return intent
    if _partner(mailbox, intent, context) is None or intent.tries >= len(PAUSES):
        return intent
    at = context.now + PAUSES[intent.tries]
    return replace(intent, tries=intent.tries + 1, again_at=at)


def _message(mailbox: Mailbox, intent: Intent, recipient_id: str, locale: Locale) -> Message:
    name = f"{intent.template} {recipient_id}"
    message_id = derived(intent.told_by, mailbox.student_id, name)
    return Message(
        message_id=message_id,
        template=intent.template,
        version=VERSION,
        recipient=side_of(intent),
        recipient_id=recipient_id,
        locale=locale,
        channels=(),
        state=MessageState.QUEUED,
        queued_at=intent.at,
        next_at=intent.at,
        useful_until=_useful_until(mailbox, intent),
        need_id=intent.need_id,
        consent_id=_consent_id(mailbox, intent),
        offer_id=intent.offer_id,
        link_id=link_id_of(message_id) if _purpose(intent) else None,
        traceparent=intent.traceparent,
    )


def link_id_of(message_id: str) -> str:
    """The id of the link that a message carries."""
    return derived(UUID(message_id), message_id, "link")


def _purpose(intent: Intent) -> str | None:
    return LINKED.get((side_of(intent), intent.template))


def _consent_id(mailbox: Mailbox, intent: Intent) -> str | None:
    note = mailbox.consent_of(intent.need_id) if _purpose(intent) == "consent" else None
    return intent.consent_id or (note.consent_id if note else None)


def _useful_until(mailbox: Mailbox, intent: Intent) -> datetime:
    consent, offer = mailbox.consent(intent.consent_id), mailbox.offer(intent.offer_id)
    visit_over = offer.visit_over_at(intent.at) if offer else None
    ends: dict[Template, datetime | None] = {
        "consent-needed": consent.open_until if consent else None,
        "place-kept": offer.kept_until if offer else None,
        "offer": offer.answer_by if offer else None,
        "accepted": min(ended for ended in (visit_over, intent.at + ACCEPTED_USEFUL) if ended),
    }
    return ends.get(intent.template) or intent.at + USEFUL


def _queued(
    mailbox: Mailbox, message: Message, code: SuppressionCode | None
) -> tuple[Mailbox, tuple[Event, ...]]:
    """The message put in; the same one twice is one."""
    if mailbox.message(message.message_id):
        return mailbox, ()
    if code:
        ended = message.moved(MessageState.SUPPRESSED)
        return mailbox.put_message(ended), (suppressed(mailbox, ended, code, message.queued_at),)
    mailbox, cancelled = _without_older(mailbox, message)
    return mailbox.put_message(message), (*cancelled, queued(mailbox, message))


def _without_older(mailbox: Mailbox, newer: Message) -> tuple[Mailbox, tuple[Event, ...]]:
    """Cancel what the same person was to hear of the same need before; it is old news now.

    That a place is gone is news of one offer: what stands of another it leaves as it is, and
    nothing newer tells it.
    """
    if newer.is_place_gone:
        return mailbox, ()
    old = [
        each
        for each in mailbox.messages
        if (each.need_id, each.recipient_id) == (newer.need_id, newer.recipient_id)
        and each.template not in STAYS
        and not each.is_place_gone
    ]
    return cancelled(mailbox, old, newer.queued_at)


def wants(
    mailbox: Mailbox,
    template: Template,
    context: Context,
    *,
    need_id: str,
    consent_id: str | None = None,
    offer: OfferNote | None = None,
    recipient: Recipient | None = None,
) -> Mailbox:
    """With one more to be told; the side that a template is for hears each once of an offer.

    But for those of `EACH_TIME`.
    """
    if offer is not None and recipient is None and template not in EACH_TIME:
        if template in offer.told:
            return mailbox
        mailbox = mailbox.put_offer(replace(offer, told=(*offer.told, template)))
    intent = Intent(
        template=template,
        need_id=need_id,
        told_by=context.message_id,
        at=context.now,
        consent_id=consent_id,
        offer_id=offer.offer_id if offer else None,
        recipient=recipient,
        traceparent=context.get(Traces).of(context.message_id),
    )
    return replace(mailbox, intents=(*mailbox.intents, intent))
