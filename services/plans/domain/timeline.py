"""What has happened to a need, in order of time: codes and ids, worded when it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from schemas import notifications as told_by_n
from schemas import plans as told_by_p
from schemas import referrals as told_by_r
from schemas.envelope import Event
from services.chassis.kernel import Context, Decision

ENTRIES_AT_MOST: Final = 500


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One thing that happened; `detail` is a code, `until` a time that it names."""

    at: datetime
    code: str
    offer_id: str | None = None
    until: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Everything that happened to one need, oldest first."""

    need_id: str
    district: str
    student_id: str = ""
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """How an event stands on a timeline: its code, and the fields that say when and what."""

    code: str
    at: str
    until: str | None = None
    detail: str | None = None


TOLD: Final[Mapping[type[Event], Line]] = {
    told_by_p.NeedIdentified: Line(code="need-written", at="identified_at"),
    told_by_p.NeedWithdrawn: Line(code="need-withdrawn", at="withdrawn_at", detail="code"),
    told_by_p.PartnerChosen: Line(code="partner-chosen", at="asked_at"),
    told_by_p.PartnerActRecorded: Line(code="answer-recorded", at="asked_at"),
    told_by_p.ConsentRequested: Line(
        code="consent-requested", at="requested_at", until="open_until"
    ),
    told_by_p.ConsentGiven: Line(code="consent-given", at="given_at", until="expires_at"),
    told_by_p.ConsentRefused: Line(code="consent-refused", at="refused_at"),
    told_by_p.ConsentRevoked: Line(code="consent-revoked", at="revoked_at"),
    told_by_p.PacketReleased: Line(code="packet-released", at="released_at"),
    told_by_p.PacketPending: Line(code="packet-pending", at="", until="kept_until"),
    told_by_p.PacketWithheld: Line(code="packet-withheld", at="", detail="code"),
    told_by_r.ReferralOpened: Line(code="referral-opened", at="opened_at"),
    told_by_r.CandidatesRanked: Line(code="candidates-ranked", at="ranked_at"),
    told_by_r.NeedUnmet: Line(code="need-unmet", at="unmet_at"),
    told_by_r.ChoiceKept: Line(code="choice-kept", at="kept_at"),
    told_by_r.OfferMade: Line(code="offer-made", at="made_at", until="answer_by"),
    told_by_r.OfferAccepted: Line(code="offer-accepted", at="accepted_at"),
    told_by_r.OfferDeclined: Line(code="offer-declined", at="declined_at"),
    told_by_r.OfferExpired: Line(code="offer-expired", at="expired_at"),
    told_by_r.OfferRecalled: Line(code="offer-recalled", at="recalled_at", detail="code"),
    told_by_r.PreviewViewed: Line(code="preview-viewed", at="viewed_at"),
    told_by_r.PacketViewed: Line(code="packet-viewed", at="viewed_at"),
    told_by_r.PacketClosed: Line(code="packet-closed", at="closed_at", detail="code"),
    told_by_r.ViewDenied: Line(code="view-denied", at="denied_at", detail="code"),
    told_by_r.ReferralClosed: Line(code="referral-closed", at="closed_at", detail="state"),
    told_by_r.ActRefused: Line(code="act-refused", at="", detail="code"),
    told_by_n.MessageSent: Line(code="message-sent", at="at", detail="told_as"),
    told_by_n.MessageFailed: Line(code="message-failed", at="at", detail="told_as"),
    told_by_n.MessageSuppressed: Line(code="message-suppressed", at="at", detail="code"),
    told_by_n.MessageSeen: Line(code="message-seen", at="at", detail="told_as"),
    told_by_n.FamilyAnswered: Line(code="family-answered", at="at", detail="kind"),
    told_by_n.LinkLocked: Line(code="link-locked", at="at"),
}
"""Every event that a case manager may want to see."""


def note(timeline: Timeline | None, said: Any, context: Context) -> Decision[Timeline]:
    """Add what happened, in its place; nothing is ever taken away but the oldest of very many."""
    timeline = timeline or Timeline(need_id=said.need_id, district=context.district)
    line = TOLD[type(said)]
    happened = Happening(
        at=getattr(said, line.at) if line.at else context.now,
        code=line.code,
        offer_id=getattr(said, "offer_id", None),
        until=getattr(said, line.until) if line.until else None,
        detail=getattr(said, line.detail) if line.detail else None,
    )
    happenings = sorted((*timeline.happenings, happened), key=lambda each: each.at)
    return Decision(
        replace(
            timeline,
            student_id=said.student_id,
            happenings=tuple(happenings[-ENTRIES_AT_MOST:]),
        )
    )
