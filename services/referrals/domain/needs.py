"""What plans tells of needs and people: a referral opens, ends, and forgets."""

from dataclasses import replace

from schemas.codes import ReferralState
from schemas.envelope import Erased
from schemas.plans import NeedIdentified, NeedWithdrawn, StudentErased
from services.chassis.kernel import Context, Decision
from services.referrals.domain import ending, events
from services.referrals.domain.offering import match_and_go_on
from services.referrals.domain.referral import Referral, referral_id_of


def open_referral(
    referral: Referral | None, said: NeedIdentified, context: Context
) -> Decision[Referral | None]:
    """A need becomes a referral with a first match run; told twice, opened once."""
    facts = said.sealed.facts
    if referral is not None or isinstance(facts, Erased):
        return Decision(referral)
    new = Referral(
        referral_id=referral_id_of(said.need_id),
        district=context.district,
        student_id=said.student_id,
        need_id=said.need_id,
        school_id=said.school_id,
        case_manager_id=said.case_manager_id,
        urgency=said.urgency,
        restricted=said.restricted,
        state="MATCHING",
        opened_at=context.now,
        facts=facts,
        category=facts.category,
    )
    ranked, told = match_and_go_on(new, facts, context)
    return Decision(ranked, (events.opened(new), *told))


def withdraw(
    referral: Referral | None, said: NeedWithdrawn, context: Context
) -> Decision[Referral | None]:
    """The need is no longer to be met: all live offers are taken back."""
    if referral is None or not referral.is_open:
        return Decision(referral)
    by_family = said.code == "family-declined"
    state: ReferralState = "CLOSED_DECLINED" if by_family else "CLOSED_UNRESOLVED"
    return Decision(*ending.closed(referral, state, said.code, context.now))


def forget(referral: Referral, said: StudentErased, context: Context) -> Decision[Referral]:
    """The student was erased: nothing goes on, nothing that describes the need is kept."""
    del said
    referral, told = ending.closed(referral, "CLOSED_UNRESOLVED", "staff-decision", context.now)
    bare = replace(referral, facts=Erased(), category="", run=None, tried=())
    return Decision(bare, told)
