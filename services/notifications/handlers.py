"""The table: which fact reaches which aggregate, and what it makes of it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from schemas.notifications import FamilyAnswered, MessageQueued
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRequested,
    ConsentRevoked,
    ContactCardChanged,
    NeedIdentified,
    NeedWithdrawn,
    PacketPending,
    PacketReleased,
    PacketWithheld,
    SchoolCardChanged,
    StaffCardChanged,
    StudentErased,
)
from schemas.referrals import (
    CoordinatorCardChanged,
    OfferAccepted,
    OfferFacts,
    OfferMade,
    OfferRecalled,
    ReferralClosed,
    ServiceCardChanged,
)
from services.chassis.declared import Tables
from services.chassis.kernel import Clock, Copy, On, Reliance, Row, Selection, Tick
from services.notifications.domain import cards, links, news, offers, queueing
from services.notifications.domain.cards import (
    Colleague,
    Coordinators,
    FamilyCard,
    SchoolCard,
    ServiceCard,
)
from services.notifications.domain.links import Link
from services.notifications.domain.mailbox import CLOCK, Mailbox, organization_of
from services.notifications.domain.policy import Policy, Traces
from services.notifications.domain.tokens import Tokens
from services.notifications.repository import letters
from services.notifications.repository.cards import CARDS
from services.notifications.repository.links import CHOICES, LINKS, STOPS
from services.notifications.repository.mailboxes import MAILBOXES


def student(said: Any) -> Iterable[str]:
    """The student that a fact is about."""
    return [said.student_id]


def _partner(mailbox: Mailbox | None, said: Any) -> str | None:
    """The organization of the offer that a fact is about, once that is known."""
    if isinstance(said, Tick):
        return organization_of(mailbox, said.name.removeprefix(CLOCK))
    facts = said.sealed.facts if isinstance(said, OfferMade) else None
    if isinstance(facts, OfferFacts):
        return facts.organization_id
    return organization_of(mailbox, said.offer_id)


def _student(_: Mailbox | None, said: Any) -> str:
    return str(said.subject if isinstance(said, Tick) else said.student_id)


FAMILY: Final = Reliance(FamilyCard, _student)
PARTNER: Final = Reliance(Coordinators, _partner)
Decide = Callable[[Any, Any, Any], Any]


def _news(message: type[Any], decide: Decide, *partner: Reliance) -> On:
    """A fact for a student's mailbox."""
    return On(
        message,
        kind=Mailbox,
        by=student,
        decide=decide,
        needs=(Policy, Traces),
        relies_on=(FAMILY, *partner),
    )


HANDLERS: Final[tuple[Row, ...]] = (
    Copy(ContactCardChanged, kind=FamilyCard, by=student, decide=cards.copy_family),
    _news(ContactCardChanged, news.hear_of_family),
    Copy(
        SchoolCardChanged,
        kind=SchoolCard,
        by=lambda said: [said.school_id],
        decide=cards.copy_school,
    ),
    Copy(
        StaffCardChanged,
        kind=Colleague,
        by=lambda said: [said.staff_id],
        decide=cards.copy_colleague,
    ),
    Copy(
        ServiceCardChanged,
        kind=ServiceCard,
        by=lambda said: [said.service_id],
        decide=cards.copy_service,
    ),
    Copy(
        CoordinatorCardChanged,
        kind=Coordinators,
        by=lambda said: [said.organization_id],
        decide=cards.copy_coordinator,
    ),
    _news(NeedIdentified, news.hear_of_need),
    _news(NeedWithdrawn, news.hear_of_end),
    _news(ReferralClosed, news.hear_of_end),
    _news(ConsentRequested, news.ask_for_consent),
    _news(ConsentGiven, news.hear_of_signature),
    _news(ConsentRefused, news.hear_of_refusal),
    _news(ConsentRevoked, news.hear_of_revocation),
    _news(OfferMade, offers.hear_of_offer, PARTNER),
    _news(OfferAccepted, offers.hear_of_yes, PARTNER),
    _news(PacketReleased, offers.hear_of_release, PARTNER),
    _news(PacketPending, offers.hear_of_waiting, PARTNER),
    _news(PacketWithheld, offers.hear_of_withholding, PARTNER),
    _news(OfferRecalled, offers.hear_of_recall, PARTNER),
    _news(FamilyAnswered, offers.hear_of_answer, PARTNER),
    On(MessageQueued, kind=Link, by=links.links_of, decide=links.open_link, needs=(Tokens,)),
    On(StudentErased, kind=FamilyCard, by=student, decide=cards.forget_family),
    _news(StudentErased, news.forget),
    On(StudentErased, kind=Link, by=Selection("student_id"), decide=links.revoke),
)
CLOCKS: Final = (
    Clock(
        kind=Mailbox,
        sorts=(CLOCK.strip(),),
        decide=queueing.look_again,
        needs=(Policy, Traces),
        relies_on=(FAMILY, PARTNER),
    ),
)
TABLES: Final = Tables(
    kinds=(MAILBOXES, LINKS, CHOICES, STOPS, *CARDS),
    rows=HANDLERS,
    clocks=CLOCKS,
    collections={letters.COLLECTION: letters.INDEXES},
)
