"""What a case manager asks of the referral service about a need, and how that was answered."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from schemas import codes
from schemas.codes import DeclineCode
from schemas.envelope import Answer, seal_of
from schemas.plans import PartnerActRecorded, PartnerChosen, RecordedFacts
from schemas.referrals import ActRefused
from services.chassis.kernel import Command, Context, Decision, Refused
from services.plans.domain.attention import Raised
from services.plans.domain.cases import Case
from services.plans.domain.needs import AskedAct, Need
from services.plans.domain.school_days import today
from services.plans.domain.students import Student, signer


@dataclass(frozen=True, kw_only=True)
class ChoosePartner(Command):
    """Send a need to a candidate, and ask the family."""

    need_id: str
    offer_id: str


def choose(need: Need | None, asked: ChoosePartner, context: Context) -> Decision[Need]:
    """Ask for an offer to a candidate; a choice that waits for the signature gives way to it.

    Raises:
        Refused: `need_unknown`, `offer_unknown`, `already_chosen`, `offer_closed`, `no_signer`.
    """
    if need is None or need.referral_id is None:
        raise Refused(*codes.NEED_UNKNOWN)
    case, student = context.get(Case), context.get(Student)
    if case.candidate(asked.offer_id) is None:
        raise Refused(*codes.OFFER_UNKNOWN)
    if need.is_asking or case.live:
        raise Refused(*codes.ALREADY_CHOSEN)
    if not need.is_open or case.is_spent(asked.offer_id):
        raise Refused(*codes.OFFER_CLOSED)
    if signer(student, today(student.student_id, context)) is None:
        raise Refused(*codes.NO_SIGNER)
    act = _act("choice", asked.offer_id, asked, context)
    return Decision(_asking(need, act), (PartnerChosen(**_told(need, act)),))


@dataclass(frozen=True, kw_only=True)
class RecordAnswer(Command):
    """What a partner said by phone, by mail or in person."""

    need_id: str
    offer_id: str
    answer: Literal["accept", "decline"]
    code: DeclineCode | None = None
    said_by: str
    channel: Literal["phone", "mail", "in-person"]
    starts_on: date | None = None


def record_answer(need: Need | None, asked: RecordAnswer, context: Context) -> Decision[Need]:
    """Ask the referral service to take a partner's answer.

    Raises:
        Refused: `need_unknown`, `offer_unknown`, `offer_closed`.
    """
    if need is None or need.referral_id is None:
        raise Refused(*codes.NEED_UNKNOWN)
    offer = context.get(Case).offer(asked.offer_id)
    if offer is None:
        raise Refused(*codes.OFFER_UNKNOWN)
    if offer.state != "OFFERED" or need.is_asking:
        raise Refused(*codes.OFFER_CLOSED)
    act = _act(asked.answer, asked.offer_id, asked, context)
    facts = RecordedFacts(
        answer=asked.answer,
        code=asked.code,
        said_by=asked.said_by,
        channel=asked.channel,
        said_at=context.now,
        starts_on=asked.starts_on,
    )
    said = PartnerActRecorded(**_told(need, act), sealed=seal_of(need.student_id, facts))
    return Decision(_asking(need, act), (said,))


def _act(
    kind: Literal["choice", "accept", "decline"], offer_id: str, asked: Command, context: Context
) -> AskedAct:
    return AskedAct(
        act_id=context.id("act"),
        kind=kind,
        offer_id=offer_id,
        asked_by=asked.scope.actor or "",
        asked_at=context.now,
    )


def _told(need: Need, act: AskedAct) -> dict[str, Any]:
    """What the referral service is told of every act."""
    return {
        "act_id": act.act_id,
        "need_id": need.need_id,
        "student_id": need.student_id,
        "referral_id": need.referral_id,
        "offer_id": act.offer_id,
        "asked_by": act.asked_by,
        "asked_at": act.asked_at,
    }


def _asking(need: Need, act: AskedAct) -> Need:
    return replace(need.with_raised("act", None), acts=(*need.acts, act))


def answered(need: Need, said: Answer, context: Context) -> Need:
    """The need once an act of its own was answered; other answers change nothing."""
    asked = next((each for each in need.acts if each.act_id == said.answers), None)
    if asked is None or asked.state != "asked":
        return need
    code = said.code if isinstance(said, ActRefused) else None
    over = replace(asked, state="refused" if code else "done", code=code)
    raised = Raised(matter="act-refused", at=context.now) if code else None
    acts = tuple(over if each is asked else each for each in need.acts)
    return replace(need.with_raised("act", raised), acts=acts)
