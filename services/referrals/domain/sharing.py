"""What signatures, refusals and packets mean for offers, and who looked at what.

The copy of the student's consents is brought up to date before.
"""

from dataclasses import dataclass, replace
from typing import Final, cast

from schemas import codes
from schemas.codes import falls_under
from schemas.envelope import Erased, Event
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRevoked,
    PacketPending,
    PacketReleased,
    PacketWithheld,
)
from services.chassis.kernel import Command, Context, Decision, Refused
from services.referrals.domain import ending, events, permission
from services.referrals.domain.answers import own_offer
from services.referrals.domain.consents import ConsentCopy, left_out_of, scope_of
from services.referrals.domain.districts import settings
from services.referrals.domain.doubts import Freshness
from services.referrals.domain.offering import (
    kept_offered,
    match_and_go_on,
    matched,
    next_offered,
)
from services.referrals.domain.referral import REMATCH, Offer, Packet, Referral, View

WAITING: Final = frozenset({"AWAITING_CONSENT", "MATCHING", "UNMET", "ON_HOLD"})


def hear_consent(referral: Referral, said: ConsentGiven, context: Context) -> Decision[Referral]:
    """The family signed: a kept choice goes out, a referral that waited goes on.

    Whom it leaves out hears no more of it. A standing signature is about every need that falls
    under its class, unless the family has said no to that need itself.
    """
    if referral.live and referral.need_id == said.need_id:
        return _without_parties(referral, left_out_of(said), "family-declined", context)
    if referral.state not in WAITING or isinstance(referral.facts, Erased):
        return Decision(referral)
    if told := kept_offered(referral, context):
        return Decision(*told)
    if not _is_about(referral, said, context):
        return Decision(referral)
    return Decision(*match_and_go_on(referral, referral.facts, context))


def _is_about(referral: Referral, said: ConsentGiven, context: Context) -> bool:
    if referral.need_id == said.need_id:
        return True
    standing = permission.standing(referral, context)
    has_ended = context.get(ConsentCopy).has_ended(referral.need_id)
    return standing is not None and standing.consent_id == said.consent_id and not has_ended


def hear_refusal(referral: Referral, said: ConsentRefused, context: Context) -> Decision[Referral]:
    """The family said no: to all, and the referral ends; to some, and the next is asked."""
    if referral.need_id != said.need_id:
        return Decision(referral)
    named, of_all = scope_of(said.sealed)
    if of_all:
        ended = ending.closed(referral, "CLOSED_DECLINED", "family-declined", context.now)
        return Decision(*ended)
    return _without_parties(referral, named, "family-declined", context)


def hear_revocation(
    referral: Referral, said: ConsentRevoked, context: Context
) -> Decision[Referral]:
    """A permission was taken back: what it covered is recalled and closed at once.

    A choice that waits for a signature of its own waits on.
    """
    named, of_all = scope_of(said.sealed)
    if referral.live is None and referral.kept_offer_id:
        return Decision(referral)
    if referral.need_id == said.need_id and of_all:
        return Decision(*ending.held(referral, "consent-withdrawn", context.now))
    if referral.need_id == said.need_id:
        return _without_parties(referral, named, "consent-withdrawn", context)
    shown = referral.live
    rests_on_it = shown and _rests_on(referral, shown, said, context)
    if shown and rests_on_it and (of_all or shown.organization_id in named):
        return Decision(*ending.held(referral, "consent-withdrawn", context.now))
    return Decision(referral)


def _rests_on(referral: Referral, offer: Offer, said: ConsentRevoked, context: Context) -> bool:
    """Whether an offer was shown a Packet, or went out, on the strength of what is over now.

    A Packet outlives its own signature where a standing permission covers it.
    """
    if offer.packet and offer.packet.consent_id == said.consent_id:
        return True
    scope = said.sealed.facts
    of_class = None if isinstance(scope, Erased) else scope.consent_class
    fell_under_it = falls_under(of_class, referral.category, restricted=referral.restricted)
    return fell_under_it and not permission.is_covered(referral, offer.organization_id, context)


def _without_parties(
    referral: Referral, named: tuple[str, ...], code: codes.RecallCode, context: Context
) -> Decision[Referral]:
    live = referral.live
    if live is None:
        return _without_choice(referral, named, context)
    if live.organization_id not in named:
        return Decision(referral)
    referral, told = ending.recalled(referral, live, code, context.now)
    referral, more = next_offered(referral, context)
    return Decision(referral, (*told, *more))


def _without_choice(
    referral: Referral, named: tuple[str, ...], context: Context
) -> Decision[Referral]:
    """A kept choice of whom the family does not want gives way to a new ranking.

    One that was kept where Previews go out unsigned was made on hold, which goes on.
    """
    kept, facts = referral.find(referral.kept_offer_id), referral.facts
    if kept is None or kept.organization_id not in named or isinstance(facts, Erased):
        return Decision(referral)
    if referral.restricted or not settings(context).offer_first:
        return Decision(*match_and_go_on(referral, facts, context))
    (referral, told), _ = matched(referral, facts, context)
    return Decision(replace(referral, state="ON_HOLD").without_clock(REMATCH), told)


# -- packets -------------------------------------------------------------------------------------


def keep_packet(
    referral: Referral | None, said: PacketReleased, context: Context
) -> Decision[Referral | None]:
    """What plans released for an accepted offer; kept closed where the copy says no."""
    offer = _accepted(referral, said.offer_id)
    if referral is None or offer is None:
        return Decision(referral)
    forbids = context.get(ConsentCopy).forbids(offer.organization_id, referral.need_id)
    packet = Packet(
        consent_id=said.consent_id,
        released_at=said.released_at,
        facts=said.sealed.facts,
        closed_at=context.now if forbids else None,
    )
    return Decision(referral.put(replace(offer, packet=packet, kept_until=None)))


def keep_place(
    referral: Referral | None, said: PacketPending, context: Context
) -> Decision[Referral | None]:
    """Only the signature is missing: the place is kept until then."""
    del context
    offer = _accepted(referral, said.offer_id)
    if referral is None or offer is None or offer.packet:
        return Decision(referral)
    return Decision(referral.put(replace(offer, kept_until=said.kept_until)))


def lose_place(
    referral: Referral | None, said: PacketWithheld, context: Context
) -> Decision[Referral | None]:
    """Nothing is released: the offer is recalled, and its place is free."""
    offer = _accepted(referral, said.offer_id)
    if referral is None or offer is None:
        return Decision(referral)
    if said.code != "family-declined":
        return Decision(*ending.held(referral, said.code, context.now))
    referral, told = ending.recalled(referral, offer, said.code, context.now)
    referral = referral.remember(offer, said.code, context.now.date())
    referral, more = next_offered(referral, context)
    return Decision(referral, (*told, *more))


def _accepted(referral: Referral | None, offer_id: str) -> Offer | None:
    offer = referral.find(offer_id) if referral else None
    return offer if offer and offer.state == "ACCEPTED" else None


# -- views ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ViewPreview(Command):
    """A partner looks at a Preview; every look is asked about, each person's first recorded."""

    referral_id: str
    offer_id: str


@dataclass(frozen=True, kw_only=True)
class ViewPacket(Command):
    """A partner asks to see a Packet."""

    referral_id: str
    offer_id: str


def view_preview(
    referral: Referral | None, asked: ViewPreview, context: Context
) -> Decision[Referral]:
    """Whether a Preview may be shown now; that somebody sees it is recorded once.

    Raises:
        Refused: `offer_unknown`, `view_behind`, `consent_ended`.
    """
    offer = own_offer(referral, asked.offer_id, asked.scope)
    known, who = cast("Referral", referral), asked.scope.actor or ""
    if not offer.is_live:
        return Decision(known)
    if permission.is_doubtful(known, context):
        raise Refused(*codes.VIEW_BEHIND)
    if context.get(ConsentCopy).forbids(offer.organization_id, known.need_id):
        raise Refused(*codes.CONSENT_ENDED)
    if who in offer.previewed_by:
        return Decision(known)
    seen = replace(offer, previewed_by=(*offer.previewed_by, who))
    return Decision(known.put(seen), (events.preview_viewed(known, offer, who, context.now),))


def view_packet(
    referral: Referral | None, asked: ViewPacket, context: Context
) -> Decision[Referral]:
    """Record that somebody sees a Packet, before it is shown; a denied look is recorded too.

    Raises:
        Refused: `offer_unknown`, `offer_closed`, `consent_missing` (nothing was released yet).
    """
    offer = own_offer(referral, asked.offer_id, asked.scope)
    known, who, now = cast("Referral", referral), asked.scope.actor or "", context.now
    if offer.packet is None:
        raise Refused(*(codes.CONSENT_MISSING if offer.is_live else codes.OFFER_CLOSED))
    code = _why_not(known, offer, context)
    seen = replace(offer, viewed=View(by=who, at=now, code=code))
    told: Event = (
        events.view_denied(known, offer, who, code, now)
        if code
        else events.packet_viewed(known, offer, who, now)
    )
    return Decision(known.put(seen), (told,))


def _why_not(referral: Referral, offer: Offer, context: Context) -> str | None:
    if context.get(Freshness).is_behind or permission.is_doubtful(referral, context):
        return codes.VIEW_BEHIND[0]
    may_look = context.get(ConsentCopy).shows_packet(
        offer.organization_id,
        referral.need_id,
        category=referral.category,
        restricted=referral.restricted,
        now=context.now,
    )
    return None if offer.shows_packet and may_look else codes.CONSENT_ENDED[0]
