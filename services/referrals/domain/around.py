"""What a decision sees around a referral: directory, seats, consents, settings, doubts."""

from datetime import datetime, timedelta
from typing import Final

from schemas.plans import NeedFacts
from services.chassis import days
from services.chassis.kernel import Context
from services.referrals.domain.consents import ConsentCopy, Grant
from services.referrals.domain.directory import Organization
from services.referrals.domain.index import Directories, Directory
from services.referrals.domain.matching import Circumstances, Ranked, Ranking, judge, rank
from services.referrals.domain.places import District, Doubts, Places
from services.referrals.domain.referral import Offer, Referral
from services.referrals.domain.rules import asked_of
from services.referrals.domain.seat_book import SeatBook

ANSWER_DAYS: Final = 4  # partner days; due after 2
URGENT_DAYS: Final = 1
AT_MOST: Final = timedelta(days=30)  # where a partner's calendar stands still


def directory(context: Context) -> Directory:
    """The directory of the district."""
    return context.get(Directories).of(context.district)


def district(context: Context) -> District:
    """The settings of the district."""
    return context.get(Places).district(context.district)


def is_doubtful(referral: Referral, context: Context) -> bool:
    """Whether the student's consents are not surely known: nothing goes out then."""
    return referral.student_id in context.get(Doubts).students


def is_covered(referral: Referral, organization_id: str, context: Context) -> bool:
    """Whether a live consent names an organization for this need."""
    return context.get(ConsentCopy).covers(
        organization_id,
        category=referral.category,
        restricted=referral.restricted,
        now=context.now,
    )


def standing(referral: Referral, context: Context) -> Grant | None:
    """The live permission for the class that this need falls under."""
    return context.get(ConsentCopy).standing(
        referral.category, restricted=referral.restricted, now=context.now
    )


def may_be_asked(referral: Referral, organization_id: str, context: Context) -> bool:
    """Whether a Preview may go to an organization now: signed, or offer_first and not restricted.

    Source: domain.md 5 (OFFERED), 7 (Gate).
    """
    copy = context.get(ConsentCopy)
    if is_doubtful(referral, context) or copy.forbids(organization_id, referral.need_id):
        return False
    unsigned = district(context).offer_first and not referral.restricted
    return unsigned or is_covered(referral, organization_id, context)


def is_signed(referral: Referral, organization_id: str, context: Context) -> bool:
    """Whether a Preview may go to an organization even where none goes out unsigned."""
    may = may_be_asked(referral, organization_id, context)
    return may and is_covered(referral, organization_id, context)


def is_barred(referral: Referral, organization_id: str, context: Context) -> bool:
    """Whether an organization that was asked may go no further: the family's word has changed."""
    if context.get(ConsentCopy).forbids(organization_id, referral.need_id):
        return True
    return referral.restricted and not is_covered(referral, organization_id, context)


def circumstances(referral: Referral, context: Context) -> Circumstances:
    """What bears on a match beside the directory."""
    copy = context.get(ConsentCopy)
    return Circumstances(
        seats=context.get(SeatBook),
        covered=copy.covered(
            category=referral.category, restricted=referral.restricted, now=context.now
        ),
        covers_all=standing(referral, context) is not None,
        refused=copy.refused(referral.need_id),
        tried={each.service_id: each for each in referral.tried},
    )


def ranking_of(referral: Referral, facts: NeedFacts, context: Context) -> Ranking:
    """All services of the need's category, ranked now."""
    asked = asked_of(facts, context.now)
    return rank(directory(context), asked, circumstances(referral, context))


def judged(referral: Referral, offer: Offer, facts: NeedFacts, context: Context) -> Ranked | None:
    """The service of an offer as matching sees it now."""
    asked = asked_of(facts, context.now)
    around = circumstances(referral, context)
    return judge(directory(context), offer.service_id, asked, around)


def answer_by(
    offered_at: datetime, *, urgent: bool, zone: str, organization: Organization | None
) -> datetime:
    """When a partner's silence ends the offer, in UTC.

    Source: domain.md 8. Closed dates and seasons of organizations are not known yet.
    """
    agreement = organization.agreement if organization else None
    agreed = agreement.answer_days if agreement else None
    counted = URGENT_DAYS if urgent else agreed or ANSWER_DAYS
    ends = days.after(offered_at, counted, days.partner_calendar(zone))
    return ends or offered_at + AT_MOST
