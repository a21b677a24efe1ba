"""Whether an organization may be asked about a referral, and go on with it: the family's word.

Whatever offers, accepts or shows asks here, in the transaction in which it does so.
"""

from services.chassis.kernel import Context
from services.referrals.domain.consents import ConsentCopy, Grant
from services.referrals.domain.districts import settings
from services.referrals.domain.doubts import Doubts
from services.referrals.domain.referral import Referral


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
    """Whether a Preview may go there now: signed, or offer_first and not restricted."""
    copy = context.get(ConsentCopy)
    if is_doubtful(referral, context) or copy.forbids(organization_id, referral.need_id):
        return False
    unsigned = settings(context).offer_first and not referral.restricted
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
