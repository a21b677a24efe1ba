"""Matching a referral, choosing a partner, making an offer, and offering to the next in rank."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from schemas import codes
from schemas.envelope import Erased, Event
from schemas.plans import NeedFacts, PartnerChosen
from services.chassis.kernel import Context, Decision, Refused
from services.referrals.domain import circumstances, districts, events, permission
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.districts import Districts
from services.referrals.domain.matching import Ranked, Ranking
from services.referrals.domain.referral import (
    ANSWER,
    REMATCH,
    Offer,
    Referral,
    Run,
    offer_id_of,
)

Told = tuple[Referral, tuple[Event, ...]]
UNMET_AGAIN: Final = timedelta(days=1)


# -- match runs ----------------------------------------------------------------------------------


def matched(referral: Referral, facts: NeedFacts, context: Context) -> tuple[Told, Ranking]:
    """A new match run; its candidates take the place of those that were not chosen."""
    ranking = circumstances.ranking_of(referral, facts, context)
    ids = _offer_ids(referral, (*ranking.ranked, *ranking.near_misses))
    run = Run(
        run_id=context.id("run"),
        directory_version=circumstances.directory(context).version,
        considered=ranking.considered,
        fails=ranking.fails,
        unknowns=ranking.unknowns,
    )
    asked = tuple(each for each in referral.offers if each.was_asked)
    proposed = tuple(_proposed(each, ids) for each in ranking.ranked)
    referral = replace(referral, offers=(*asked, *proposed), run=run, kept_offer_id=None)
    found = events.run_facts(ranking, facts, run.directory_version, ids)
    now = context.now
    if not ranking.ranked:
        referral = replace(referral, state="UNMET").with_clock(REMATCH, now + UNMET_AGAIN)
        return (referral, (events.unmet(referral, found, run.run_id, now),)), ranking
    waits = not any(
        permission.may_be_asked(referral, each.organization_id, context) for each in proposed
    )
    state: codes.ReferralState = "AWAITING_CONSENT" if waits else "MATCHING"
    referral = replace(referral, state=state).without_clock(REMATCH)
    return (referral, (events.ranked(referral, ranking, found, run.run_id, now),)), ranking


def _offer_ids(referral: Referral, ranked: Sequence[Ranked]) -> dict[str, str]:
    tries: dict[str, int] = {}
    for each in referral.offers:
        if each.was_asked:
            tries[each.service_id] = tries.get(each.service_id, 0) + 1
    services = (each.offering.service.service_id for each in ranked)
    return {s: offer_id_of(referral.referral_id, s, tries.get(s, 0)) for s in services}


def _proposed(ranked: Ranked, ids: dict[str, str]) -> Offer:
    service = ranked.offering.service
    return Offer(
        offer_id=ids[service.service_id],
        service_id=service.service_id,
        organization_id=service.organization_id,
        service_name=service.name,
        organization_name=ranked.offering.organization.name,
        verdict=ranked.verdict,
    )


def match_and_go_on(referral: Referral, facts: NeedFacts, context: Context) -> Told:
    """A first or renewed match run; in automatic mode the first in rank is asked at once."""
    (referral, told), ranking = matched(referral, facts, context)
    if districts.settings(context).offer_mode != "automatic":
        return referral, told
    return _first_offered(referral, ranking, facts, context, told)


def next_offered(referral: Referral, context: Context) -> Told:
    """After an offer ended: a match run that remembers, and the next eligible one is asked.

    Restricted needs and manual mode are left to the case manager.
    """
    facts = referral.facts
    if isinstance(facts, Erased):
        return replace(referral, state="MATCHING"), ()
    (referral, told), ranking = matched(referral, facts, context)
    if districts.settings(context).offer_mode == "manual":
        return referral, told
    return _first_offered(referral, ranking, facts, context, told)


def _first_offered(
    referral: Referral,
    ranking: Ranking,
    facts: NeedFacts,
    context: Context,
    told: tuple[Event, ...],
) -> Told:
    if referral.restricted:
        return referral, told
    for ranked in ranking.ranked:
        offer = _of_service(referral, ranked)
        if ranked.verdict != "eligible" or ranked.waitlist_only:
            continue
        if permission.may_be_asked(referral, offer.organization_id, context):
            referral, more = offered(referral, offer, ranked, facts, context)
            return referral, (*told, *more)
    return referral, told


def _of_service(referral: Referral, ranked: Ranked) -> Offer:
    wanted = ranked.offering.service.service_id
    return next(
        each for each in referral.offers if each.service_id == wanted and each.state == "PROPOSED"
    )


# -- offers --------------------------------------------------------------------------------------


def offered(
    referral: Referral,
    offer: Offer,
    ranked: Ranked,
    facts: NeedFacts,
    context: Context,
    *,
    answers: str | None = None,
) -> Told:
    """A partner is asked; a place is held where figures say there is one."""
    ends = circumstances.answer_by(
        context.now,
        urgent=referral.urgency == "urgent",
        zone=context.get(Districts).zone(referral.school_id),
        organization=ranked.offering.organization,
    )
    offer = replace(
        offer,
        state="OFFERED",
        seat="held" if ranked.has_free_seat else "none",
        made_at=context.now,
        answer_by=ends,
    )
    referral = replace(referral.put(offer), state="OFFERED", kept_offer_id=None)
    referral = referral.without_clock(REMATCH).with_clock(ANSWER, ends)
    rests_on = permission.standing(referral, context)
    consent_id = rests_on.consent_id if rests_on else None
    made = events.made(referral, offer, facts, context.now, answers=answers, consent_id=consent_id)
    return referral, (made,)


def choose(referral: Referral | None, asked: PartnerChosen, context: Context) -> Decision[Referral]:
    """A case manager's choice: offered now, or kept until the family has signed.

    Raises:
        Refused: `referral_unknown`, `offer_unknown`, `offer_closed`, `offers_full`, `rule_fails`,
            `no_seat`, `consent_ended`, `view_behind`.
    """
    if referral is None:
        raise Refused(*codes.REFERRAL_UNKNOWN)
    if referral.kept_offer_id == asked.offer_id:
        return Decision(referral)
    if referral.state == "ON_HOLD" or referral.kept_offer_id:
        return _chosen_unsent(referral, asked, context)
    return _chosen(referral, asked, context)


def _chosen(referral: Referral, asked: PartnerChosen, context: Context) -> Decision[Referral]:
    offer = _found(referral, asked.offer_id)
    if offer.is_live:
        return Decision(referral)
    facts = _open_facts(referral, offer)
    if referral.live:
        raise Refused(*codes.OFFERS_FULL)
    ranked = _fitting(referral, offer, facts, context)
    _refuse_forbidden(referral, offer, context)
    if not permission.may_be_asked(referral, offer.organization_id, context):
        return _keep(referral, offer, context, asked.act_id)
    return Decision(*offered(referral, offer, ranked, facts, context, answers=asked.act_id))


def _chosen_unsent(
    referral: Referral, asked: PartnerChosen, context: Context
) -> Decision[Referral]:
    """A choice on hold, or in place of a kept one: ranked anew, and kept until it is signed for.

    The Preview does not go out unsigned here, for the family has just said no to sharing, or is
    waited for. Whose offer was taken back may be chosen again: families change their mind, and
    some sign late.
    """
    if isinstance(referral.facts, Erased):
        raise Refused(*codes.OFFER_CLOSED)
    (referral, told), _ = matched(referral, referral.facts, context)
    offer = _anew(referral, _found(referral, asked.offer_id))
    facts = _open_facts(referral, offer)
    ranked = _fitting(referral, offer, facts, context)
    if permission.is_doubtful(referral, context):
        raise Refused(*codes.VIEW_BEHIND)
    if permission.is_signed(referral, offer.organization_id, context):
        referral, more = offered(referral, offer, ranked, facts, context, answers=asked.act_id)
        return Decision(referral, (*told, *more))
    kept = _keep(referral, offer, context, asked.act_id)
    return Decision(kept.state, (*told, *kept.events))


def _anew(referral: Referral, offer: Offer) -> Offer:
    """The next chance of a service whose offer was taken back, if it still fits."""
    if offer.state != "RECALLED":
        return offer
    proposed = (each for each in referral.offers if each.state == "PROPOSED")
    return next((each for each in proposed if each.service_id == offer.service_id), offer)


def _found(referral: Referral, offer_id: str) -> Offer:
    offer = referral.find(offer_id)
    if offer is None:
        raise Refused(*codes.OFFER_UNKNOWN)
    return offer


def _open_facts(referral: Referral, offer: Offer) -> NeedFacts:
    is_free = referral.is_open and offer.state == "PROPOSED"
    if not is_free or isinstance(referral.facts, Erased):
        raise Refused(*codes.OFFER_CLOSED)
    return referral.facts


def _fitting(referral: Referral, offer: Offer, facts: NeedFacts, context: Context) -> Ranked:
    ranked = circumstances.judged(referral, offer, facts, context)
    failed = [] if ranked is None else [
        each.rule for each in ranked.results if each.hard and each.outcome == "fail"
    ]  # fmt: skip
    if ranked is None or set(failed) - {"capacity"}:
        raise Refused(*codes.RULE_FAILS)
    if failed:
        raise Refused(*codes.NO_SEAT)
    return ranked


def _refuse_forbidden(referral: Referral, offer: Offer, context: Context) -> None:
    if permission.is_doubtful(referral, context):
        raise Refused(*codes.VIEW_BEHIND)
    if context.get(ConsentCopy).forbids(offer.organization_id, referral.need_id):
        raise Refused(*codes.CONSENT_ENDED)


def _keep(referral: Referral, offer: Offer, context: Context, act_id: str) -> Decision[Referral]:
    kept = replace(referral, state="AWAITING_CONSENT", kept_offer_id=offer.offer_id)
    return Decision(kept, (events.kept(kept, offer, context.now, act_id),))


def kept_offered(referral: Referral, context: Context) -> Told | None:
    """The kept choice goes out, if it is signed for and still fits."""
    offer, facts = referral.find(referral.kept_offer_id), referral.facts
    if offer is None or isinstance(facts, Erased):
        return None
    if not permission.is_signed(referral, offer.organization_id, context):
        return None
    try:
        ranked = _fitting(referral, offer, facts, context)
    except Refused:
        return None
    return offered(referral, offer, ranked, facts, context)
