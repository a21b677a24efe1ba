"""How a need moves with the facts of its referral, its consents and its family's answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from schemas.codes import FamilyAnswer, NeedState
from schemas.envelope import Answer, Event
from schemas.notifications import FamilyAnswered, LinkLocked
from schemas.plans import (
    ConsentGiven,
    ConsentRefused,
    ConsentRevoked,
    ContactCardChanged,
    PacketPending,
    PacketReleased,
    PacketWithheld,
)
from schemas.referrals import (
    ActRefused,
    ActSettled,
    CandidatesRanked,
    ChoiceKept,
    NeedUnmet,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRecalled,
    ReferralClosed,
    ReferralOpened,
)
from services.chassis.kernel import Context, Decision
from services.plans.domain.acts import answered
from services.plans.domain.attention import Matter, Raised, Source
from services.plans.domain.consents import ConsentBook
from services.plans.domain.needs import Need

RAISES: Final[Mapping[type[Event], tuple[Source, Matter | None]]] = {
    CandidatesRanked: ("partner", "choose"),
    NeedUnmet: ("partner", "unmet"),
    ChoiceKept: ("partner", "consent-missing"),
    OfferMade: ("partner", None),
    OfferAccepted: ("partner", None),
    OfferDeclined: ("partner", "declined"),
    OfferExpired: ("partner", "expired"),
    OfferRecalled: ("partner", "recalled"),
    ConsentGiven: ("family", None),
    ConsentRefused: ("family", "consent-refused"),
    ConsentRevoked: ("family", "consent-withdrawn"),
    PacketReleased: ("family", None),
    PacketPending: ("family", "consent-missing"),
    PacketWithheld: ("family", "withheld"),
    LinkLocked: ("family", "link-locked"),
}
"""What each fact raises with its case manager; nothing: it settles what the source raised."""

LEAD_TO_CHOICE: Final[frozenset[Matter | None]] = frozenset({"declined", "expired", "recalled"})
"""After these the services that are left are ranked at once."""

MOVE_ON: Final[tuple[type[Event], ...]] = (OfferMade, OfferAccepted)
"""After these it is no work any more that an act before could not be done."""

TO_CALL: Final[frozenset[Matter | None]] = frozenset({"wrong-person", "link-locked"})
"""These wait for a call to the family, whatever its links are about."""

ANSWERS: Final[Mapping[FamilyAnswer, Matter | None]] = {
    "confirmation": None,
    "cannot-come": "cannot-come",
    "other-time": "other-time",
    "wrong-person": "wrong-person",
}
ENDS: Final[Mapping[str, NeedState]] = {
    "CLOSED_RESOLVED": "MET",
    "CLOSED_UNRESOLVED": "NOT_MET",
    "CLOSED_DECLINED": "WITHDRAWN",
}
OF_PERMISSIONS: Final[tuple[type[Event], ...]] = (
    LinkLocked,
    FamilyAnswered,
    ConsentGiven,
    ConsentRefused,
    ConsentRevoked,
)
"""Facts that may be of a standing permission: the family is to be called, or it was reached."""
FOLLOWED: Final[tuple[type[Event], ...]] = (
    *RAISES,
    ReferralOpened,
    ReferralClosed,
    ActRefused,
    ActSettled,
    FamilyAnswered,
)


def follow(need: Need | None, said: Any, context: Context) -> Decision[Need | None]:
    """Move a need along with a fact about it; an unknown need has nothing to move."""
    if need is None:
        return Decision(None)
    moved = _moved(need, said)
    moved = _raised(moved, said, context)
    if isinstance(said, Answer):
        moved = answered(moved, said, context)
    return Decision(moved)


def whose_permission(said: Any) -> str | None:
    """The student whose open needs wait with a standing permission; None: it is of one need."""
    match said:
        case FamilyAnswered():
            may_be = said.kind == "wrong-person"
        case LinkLocked():
            may_be = True
        case _:
            may_be = said.need_id == said.consent_id
    return str(said.student_id) if may_be else None


def follow_permission(need: Need, said: Any, context: Context) -> Decision[Need]:
    """What the link of a standing permission raises waits at each open need: it has none itself."""
    meant = context.get(ConsentBook).find(said.need_id)
    if meant is None or not meant.is_standing:
        return Decision(need)
    matter = ANSWERS[said.kind] if isinstance(said, FamilyAnswered) else RAISES[type(said)][1]
    waits = matter if matter in TO_CALL else None
    return Decision(_with(need, "permission", waits, context))


def follow_student(need: Need, said: ContactCardChanged, context: Context) -> Decision[Need]:
    """Go along to another school or case manager."""
    del context
    return Decision(replace(need, school_id=said.school_id, case_manager_id=said.case_manager_id))


def _moved(need: Need, said: Event) -> Need:
    if isinstance(said, ReferralOpened) and need.is_open:
        return replace(need, state="IN_REFERRAL", referral_id=said.referral_id)
    if isinstance(said, ReferralClosed) and need.is_open:
        return replace(need, state=ENDS[said.state])
    return need


def _raised(need: Need, said: Event, context: Context) -> Need:
    if isinstance(said, FamilyAnswered):
        if said.kind not in ANSWERS:
            return need
        return _with(need, "family", ANSWERS[said.kind], context)
    if type(said) in RAISES:
        source, matter = RAISES[type(said)]
        if matter == "choose" and need.matter_of(source) in LEAD_TO_CHOICE:
            return need  # it is to be chosen anew, and why is the more telling
        if isinstance(said, MOVE_ON):
            need = need.with_raised("act", None)
        return _with(need, source, matter, context)
    return need


def _with(need: Need, source: Source, matter: Matter | None, context: Context) -> Need:
    raised = Raised(matter=matter, at=context.now) if matter else None
    return need.with_raised(source, raised)
