"""Who of a family is told, by which ways, and who may look at what was signed."""

from typing import Final

from schemas.codes import Template
from services.chassis.kernel import Context
from services.notifications.domain.cards import FamilyCard, channels_of
from services.notifications.domain.mailbox import Intent, Mailbox
from services.notifications.domain.messages import Channel
from services.notifications.domain.policy import Policy

TO_SIGNERS: Final[frozenset[Template]] = frozenset(
    {"consent-needed", "place-kept", "consent-signed", "place-lost", "offer"}
)  # of an offer: whoever gave the standing permission that it rests on


def contacts_of(mailbox: Mailbox, intent: Intent, context: Context) -> list[str]:
    """Who of a family is told; where a signer cannot hear what is done, the others are.

    That a place is gone is for whoever heard that there is one.
    """
    family: FamilyCard = context.get(FamilyCard)
    if intent.template == "offer-recalled":
        return mailbox.who_heard_of_place(intent.offer_id)
    signer = _signer(mailbox, intent)
    if signer is None:
        return family.news()
    others = [each for each in family.news() if each != signer]
    is_for_others = intent.template == "offer" and not ways_to(family, signer, context)
    return (others if is_for_others else []) or [signer]


def ways_to(family: FamilyCard, contact_id: str, context: Context) -> tuple[Channel, ...]:
    """The ladder of a contact, best first; empty where nothing may or can reach it."""
    card = family.contact(contact_id)
    return channels_of(card, has_texts=context.get(Policy).has_texts) if card else ()


def may_look(mailbox: Mailbox, intent: Intent, contact_id: str) -> bool:
    """Whether a link may lead there: what was signed is shown to whoever signed it alone."""
    return _signer(mailbox, intent) in {None, contact_id}


def _signer(mailbox: Mailbox, intent: Intent) -> str | None:
    if intent.template not in TO_SIGNERS:
        return None
    note = mailbox.consent(intent.consent_id) or mailbox.consent_of(intent.need_id)
    return note.contact_id if note else None
