"""How offers and referrals end without the partner: recalled, closed, put on hold."""

from dataclasses import replace
from datetime import datetime

from schemas.codes import RecallCode, ReferralState, Seat
from schemas.envelope import Event
from services.referrals.domain import events
from services.referrals.domain.referral import ANSWER, REMATCH, Offer, Referral

Told = tuple[Referral, tuple[Event, ...]]


def freed(offer: Offer) -> Seat:
    """What becomes of an ended offer's seat."""
    return "freed" if offer.seat in {"held", "taken"} else "none"


def recalled(referral: Referral, offer: Offer, code: RecallCode, at: datetime) -> Told:
    """A live offer is taken back: its place is free, its Packet closes."""
    told: list[Event] = []
    seat = freed(offer)
    ended = replace(offer, state="RECALLED", seat=seat, code=code, answered_at=at, kept_until=None)
    if offer.packet and offer.shows_packet:
        ended = replace(ended, packet=replace(offer.packet, closed_at=at))
        told.append(events.packet_closed(referral, ended, code, at))
    told.append(events.recalled(referral, ended, seat, code, at))
    return referral.put(ended).without_clock(ANSWER), tuple(told)


def live_recalled(referral: Referral, code: RecallCode, at: datetime) -> Told:
    """Every live offer is taken back; candidates are dropped."""
    told: tuple[Event, ...] = ()
    for offer in referral.offers:
        if offer.is_live:
            referral, more = recalled(referral, offer, code, at)
            told += more
    left = tuple(each for each in referral.offers if each.was_asked)
    return replace(referral, offers=left, kept_offer_id=None), told


def closed(referral: Referral, state: ReferralState, code: RecallCode, at: datetime) -> Told:
    """The referral ends with all its live offers."""
    referral, told = live_recalled(referral, code, at)
    referral = replace(referral, state=state).without_clock(REMATCH)
    return referral, (*told, events.closed(referral, at))


def held(referral: Referral, code: RecallCode, at: datetime) -> Told:
    """Nothing goes on until a new consent or the case manager says so."""
    referral, told = live_recalled(referral, code, at)
    return replace(referral, state="ON_HOLD").without_clock(REMATCH), told
