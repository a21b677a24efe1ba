"""What a decision sees when it matches a referral now, and how long a partner may answer."""

from datetime import datetime, timedelta
from typing import Final

from schemas.plans import NeedFacts
from services.chassis import days
from services.chassis.kernel import Context
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.directory import Organization
from services.referrals.domain.index import Directories, Directory
from services.referrals.domain.matching import Circumstances, Ranked, Ranking, judge, rank
from services.referrals.domain.permission import standing
from services.referrals.domain.referral import Offer, Referral
from services.referrals.domain.rules import asked_of
from services.referrals.domain.seat_book import SeatBook

ANSWER_DAYS: Final = 4  # partner days; due after 2
URGENT_DAYS: Final = 1
AT_MOST: Final = timedelta(days=30)  # where a partner's calendar stands still


def directory(context: Context) -> Directory:
    """The directory of the district."""
    return context.get(Directories).of(context.district)


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

    Closed dates and seasons of organizations are not known yet.
    """
    agreement = organization.agreement if organization else None
    agreed = agreement.answer_days if agreement else None
    counted = URGENT_DAYS if urgent else agreed or ANSWER_DAYS
    ends = days.after(offered_at, counted, days.partner_calendar(zone))
    return ends or offered_at + AT_MOST
