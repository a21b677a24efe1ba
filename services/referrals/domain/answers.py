"""A partner's yes, no and silence, and what the family says of an accepted place."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, cast, get_args

from schemas import codes
from schemas.codes import DeclineCode
from schemas.envelope import Erased
from schemas.notifications import FamilyAnswered
from schemas.plans import PartnerActRecorded
from services.chassis.kernel import Command, Context, Decision, Refused, Tick
from services.chassis.scope import Scope
from services.referrals.domain import ending, events, permission
from services.referrals.domain.memory import NO_RESPONSE
from services.referrals.domain.offering import match_and_go_on, next_offered
from services.referrals.domain.referral import (
    ANSWER,
    REMATCH,
    FamilyWord,
    Offer,
    Referral,
)

UNREPORTED: Final = ("health.", "counsel.")
DECLINE_CODES: Final[Collection[str]] = frozenset(get_args(DeclineCode))
FAMILY_KINDS: Final = frozenset({"confirmation", "cannot-come", "other-time"})


@dataclass(frozen=True, kw_only=True)
class AcceptOffer(Command):
    """A partner's yes, with the first day if it is agreed."""

    referral_id: str
    offer_id: str
    starts_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class DeclineOffer(Command):
    """A partner's no, with its reason."""

    referral_id: str
    offer_id: str
    code: str
    text: str = ""


def own_offer(referral: Referral | None, offer_id: str, scope: Scope) -> Offer:
    """The offer of a referral that was made to whoever asks.

    Raises:
        Refused: `offer_unknown`: there is none, or it is another organization's.
    """
    offer = referral.find(offer_id) if referral else None
    own = scope.within.get("organization_ids", frozenset())
    if offer is None or not offer.was_asked or offer.organization_id not in own:
        raise Refused(*codes.OFFER_UNKNOWN)
    return offer


def is_unreported(category: str) -> bool:
    """Whether a partner tells the school no reasons: health and counseling.

    What a partner tells the school has a permission of its own, which no family is asked for yet.
    """
    return category.startswith(UNREPORTED)


# -- yes -----------------------------------------------------------------------------------------


def accept(referral: Referral | None, asked: AcceptOffer, context: Context) -> Decision[Referral]:
    """Take an offer; taking it twice changes nothing. The Gate in plans follows.

    Raises:
        Refused: `offer_unknown`, `offer_closed`, `consent_ended`, `view_behind`.
    """
    offer = own_offer(referral, asked.offer_id, asked.scope)
    said = _Yes(by=asked.scope.actor or "", starts_on=asked.starts_on)
    return _accepted(cast("Referral", referral), offer, said, context)


@dataclass(frozen=True, kw_only=True)
class _Yes:
    by: str
    starts_on: date | None
    answers: str | None = None


def _accepted(referral: Referral, offer: Offer, said: _Yes, context: Context) -> Decision[Referral]:
    if offer.state == "ACCEPTED":
        return Decision(referral)
    if offer.state != "OFFERED":
        raise Refused(*codes.OFFER_CLOSED)
    if permission.is_doubtful(referral, context):
        raise Refused(*codes.VIEW_BEHIND)
    if permission.is_barred(referral, offer.organization_id, context):
        raise Refused(*codes.CONSENT_ENDED)
    taken = replace(
        offer,
        state="ACCEPTED",
        seat="taken",
        answered_at=context.now,
        answered_by=said.by,
        starts_on=said.starts_on,
    )
    referral = replace(referral.put(taken), state="ACCEPTED").without_clock(ANSWER)
    return Decision(referral, (events.accepted(referral, taken, context.now, said.answers),))


# -- no ------------------------------------------------------------------------------------------


def decline(referral: Referral | None, asked: DeclineOffer, context: Context) -> Decision[Referral]:
    """Turn an offer down; its place is free, and the next eligible partner is asked.

    Raises:
        Refused: `offer_unknown`, `offer_closed`, `decline_code_missing`.
    """
    offer = own_offer(referral, asked.offer_id, asked.scope)
    said = _No(by=asked.scope.actor or "", code=asked.code, text=asked.text)
    return _declined(cast("Referral", referral), offer, said, context)


@dataclass(frozen=True, kw_only=True)
class _No:
    by: str
    code: str
    text: str
    answers: str | None = None


def _declined(referral: Referral, offer: Offer, said: _No, context: Context) -> Decision[Referral]:
    if offer.state == "DECLINED":
        return Decision(referral)
    if offer.state != "OFFERED":
        raise Refused(*codes.OFFER_CLOSED)
    silent = is_unreported(referral.category)
    code, text = ("other", "") if silent else (said.code, said.text)
    if code not in DECLINE_CODES:
        raise Refused(*codes.DECLINE_CODE_MISSING)
    seat = ending.freed(offer)
    ended = replace(
        offer,
        state="DECLINED",
        seat=seat,
        code=code,
        text=text,
        answered_at=context.now,
        answered_by=said.by,
    )
    referral = referral.put(ended).without_clock(ANSWER)
    told = events.declined(referral, ended, seat, context.now, said.answers)
    referral = referral.remember(ended, code, context.now.date())
    referral, more = next_offered(referral, context)
    return Decision(referral, (told, *more))


# -- by phone ------------------------------------------------------------------------------------


def record_answer(
    referral: Referral | None, asked: PartnerActRecorded, context: Context
) -> Decision[Referral]:
    """A partner's answer that the case manager heard; the same rules as on the partner's page.

    Raises:
        Refused: `referral_unknown`, `offer_unknown`, and as `accept` and `decline`.
    """
    if referral is None:
        raise Refused(*codes.REFERRAL_UNKNOWN)
    offer, facts = referral.find(asked.offer_id), asked.sealed.facts
    if offer is None or not offer.was_asked:
        raise Refused(*codes.OFFER_UNKNOWN)
    if isinstance(facts, Erased):
        raise Refused(*codes.OFFER_CLOSED)
    by, act = asked.asked_by, asked.act_id
    if facts.answer == "accept":
        yes = _Yes(by=by, starts_on=facts.starts_on, answers=act)
        return _accepted(referral, offer, yes, context)
    no = _No(by=by, code=facts.code or "other", text="", answers=act)
    return _declined(referral, offer, no, context)


# -- silence -------------------------------------------------------------------------------------


def ring(referral: Referral, tick: Tick, context: Context) -> Decision[Referral]:
    """A clock has run out: the answer's, or the one that looks again for an unmet need."""
    referral = referral.without_clock(tick.name)
    if tick.name == ANSWER:
        return _expired(referral, context)
    return _looked_again(referral, context)


def _expired(referral: Referral, context: Context) -> Decision[Referral]:
    offer = next((each for each in referral.offers if each.state == "OFFERED"), None)
    if offer is None:
        return Decision(referral)
    seat = ending.freed(offer)
    ended = replace(offer, state="EXPIRED", seat=seat, code=NO_RESPONSE, answered_at=context.now)
    referral = referral.put(ended)
    told = events.expired(referral, ended, seat, context.now)
    referral = referral.remember(ended, NO_RESPONSE, context.now.date())
    referral, more = next_offered(referral, context)
    return Decision(referral, (told, *more))


def _looked_again(referral: Referral, context: Context) -> Decision[Referral]:
    """An unmet need is matched again every day; it is told only when something was found.

    Where nobody was asked yet, what is found is not the next but the first.
    """
    facts = referral.facts
    if referral.state != "UNMET" or isinstance(facts, Erased):
        return Decision(referral)
    if any(each.was_asked for each in referral.offers):
        found, told = next_offered(referral, context)
    else:
        found, told = match_and_go_on(referral, facts, context)
    if found.state == "UNMET":
        return Decision(referral.with_clock(REMATCH, found.clocks[REMATCH]))
    return Decision(found, told)


# -- the family ----------------------------------------------------------------------------------


def hear_family(
    referral: Referral | None, said: FamilyAnswered, context: Context
) -> Decision[Referral | None]:
    """What the family says of an accepted place: yes, cannot come, another time."""
    del context
    offer = referral.find(said.offer_id) if referral else None
    if referral is None or offer is None or said.kind not in FAMILY_KINDS:
        return Decision(referral)
    if offer.state != "ACCEPTED" or _is_older(offer, said.at):
        return Decision(referral)
    facts = said.sealed.facts
    text = facts if isinstance(facts, Erased) else facts.text or ""
    word = FamilyWord(kind=said.kind, at=said.at, text=text)
    return Decision(referral.put(replace(offer, family=word)))


def _is_older(offer: Offer, at: datetime) -> bool:
    return offer.family is not None and at <= offer.family.at
