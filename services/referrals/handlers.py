"""The table: which message of which topic reaches which aggregate and decision."""

from collections.abc import Callable
from typing import Any, Final

from schemas.envelope import ActEvent, Event
from schemas.notifications import FamilyAnswered
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRevoked,
    DistrictCardChanged,
    NeedIdentified,
    NeedWithdrawn,
    PacketPending,
    PacketReleased,
    PacketWithheld,
    PartnerActRecorded,
    PartnerChosen,
    SchoolCardChanged,
    StudentErased,
)
from schemas.referrals import ActRefused, ActSettled
from services.chassis.declared import Tables
from services.chassis.kernel import Act, Clock, Copy, On, Row, Selection
from services.referrals import providers, repository
from services.referrals.domain import answers, consents, districts, needs, offering, sharing
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.districts import District, School
from services.referrals.domain.referral import ANSWER, REMATCH, Referral, referral_id_of
from services.referrals.usecases import CONSENTS, MATCHING

OF_STUDENT: Final = Selection("student_id")  # the open ones, at most 100


def _student(said: Any) -> list[str]:
    return [said.student_id]


def _of_need(said: Any) -> list[str]:
    return [referral_id_of(said.need_id)]


def _referral(said: Any) -> list[str]:
    return [said.referral_id] if said.referral_id else []


def _copied(message: type[Event], decide: Callable[..., Any]) -> Copy:
    return Copy(message=message, kind=ConsentCopy, by=_student, decide=decide)


def _heard(message: type[Event], by: Any, decide: Callable[..., Any]) -> On:
    """A fact that may end or make an offer."""
    return On(
        message=message, kind=Referral, by=by, decide=decide, needs=MATCHING, relies_on=(CONSENTS,)
    )


def _asked(message: type[ActEvent], decide: Callable[..., Any]) -> Act:
    return Act(
        message=message,
        kind=Referral,
        by=_referral,
        decide=decide,
        needs=MATCHING,
        relies_on=(CONSENTS,),
    )


HANDLERS: Final[tuple[Row, ...]] = (
    _heard(NeedIdentified, _of_need, needs.open_referral),
    _heard(NeedWithdrawn, _of_need, needs.withdraw),
    _asked(PartnerChosen, offering.choose),
    _asked(PartnerActRecorded, answers.record_answer),
    _copied(ConsentGiven, consents.copy_grant),
    _heard(ConsentGiven, OF_STUDENT, sharing.hear_consent),
    _copied(ConsentRefused, consents.copy_refusal),
    _heard(ConsentRefused, OF_STUDENT, sharing.hear_refusal),
    _copied(ConsentRevoked, consents.copy_revocation),
    _heard(ConsentRevoked, OF_STUDENT, sharing.hear_revocation),
    _heard(PacketReleased, _referral, sharing.keep_packet),
    _heard(PacketPending, _referral, sharing.keep_place),
    _heard(PacketWithheld, _referral, sharing.lose_place),
    _copied(StudentErased, consents.forget),
    _heard(StudentErased, OF_STUDENT, needs.forget),
    _heard(FamilyAnswered, _referral, answers.hear_family),
    Copy(
        message=DistrictCardChanged,
        kind=District,
        by=lambda said: [said.district_id],
        decide=districts.copy_district,
    ),
    Copy(
        message=SchoolCardChanged,
        kind=School,
        by=lambda said: [said.school_id],
        decide=districts.copy_school,
    ),
)
CLOCKS: Final = (
    Clock(
        kind=Referral,
        sorts=(ANSWER, REMATCH),
        decide=answers.ring,
        needs=MATCHING,
        relies_on=(CONSENTS,),
    ),
)


class Answers:
    """How an act is answered that led to no event of its own."""

    def refused(self, act: ActEvent, code: str, subject: str) -> Event:
        """Refused, with its code."""
        return ActRefused(**_ids(act, subject), code=code, answers=act.act_id)

    def settled(self, act: ActEvent, subject: str) -> Event:
        """Right, and nothing came of it."""
        return ActSettled(**_ids(act, subject), answers=act.act_id)


def _ids(act: Any, subject: str) -> dict[str, str]:
    return {"student_id": act.student_id, "need_id": act.need_id, "referral_id": subject}


TABLES: Final = Tables(
    kinds=repository.KINDS,
    rows=HANDLERS,
    clocks=CLOCKS,
    answers=Answers(),
    collections=providers.COLLECTIONS,
    asks_how_far=True,  # nobody looks at a Packet while families may have said no meanwhile
)
