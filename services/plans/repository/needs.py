"""How needs, the copies of their referrals and their timelines are stored."""

from datetime import date
from typing import Any, Final

from schemas.envelope import Erased, Sealed
from schemas.plans import NeedFacts
from schemas.referrals import CoordinatorCard, DeclineFacts, MatchRunFacts, OfferFacts
from services.chassis.kinds import Document, Index, Kind, dense, sparse
from services.chassis.seals import box_of, seal_from
from services.chassis.vault import Keyring
from services.plans.domain import cases, coordinators, needs
from services.plans.domain.attention import NOTHING, Raised, rank
from services.plans.domain.cases import Case, Offer
from services.plans.domain.coordinators import Coordinator
from services.plans.domain.needs import AskedAct, Need
from services.plans.domain.timeline import Happening, Timeline

NEEDS_COLLECTION: Final = "needs"
CASES_COLLECTION: Final = "cases"
TIMELINES_COLLECTION: Final = "timelines"


def _need(need: Need, keys: Keyring) -> Document:
    attention = need.attention
    return {
        "shape": 1,
        "student_id": need.student_id,
        "school_id": need.school_id,
        "case_manager_id": need.case_manager_id,
        "raised_by": need.raised_by,
        "urgency": need.urgency,
        "restricted": need.restricted,
        "state": need.state,
        "identified_at": need.identified_at,
        "referral_id": need.referral_id,
        "acts": [vars(each) for each in need.acts],
        "raised": [[source, each.matter, each.at] for source, each in need.raised],
        "sealed": keys.seal_facts(need.student_id, need.facts),
        # for the work list, most pressing first
        "attention": attention and attention.matter,
        "attention_rank": rank(attention, is_urgent=need.urgency == "urgent"),
        "attention_at": attention and attention.at,
    }


def _need_of(row: Document, keys: Keyring) -> Need:
    return Need(
        need_id=row["_id"],
        district=row["district"],
        student_id=row["student_id"],
        school_id=row["school_id"],
        case_manager_id=row["case_manager_id"],
        raised_by=row["raised_by"],
        urgency=row["urgency"],
        restricted=row["restricted"],
        state=row["state"],
        identified_at=row["identified_at"],
        referral_id=row["referral_id"],
        acts=tuple(AskedAct(**each) for each in row["acts"]),
        raised=tuple((source, Raised(matter=what, at=at)) for source, what, at in row["raised"]),
        facts=_facts(row, keys),
    )


def _facts(row: Document, keys: Keyring) -> NeedFacts | Erased:
    who = row["student_id"]  # of a need that was only ever referred to: nobody
    return keys.open_facts(who, NeedFacts, row["sealed"]) if who else Erased()


WAITING: Final = {  # few, of all that a year leaves behind
    "attention_rank": {"$lt": NOTHING},
    "attention": {"$type": "string"},
}

NEEDS: Kind[Need] = Kind(
    state=Need,
    collection=NEEDS_COLLECTION,
    to_document=_need,
    from_document=_need_of,
    persons=lambda need: (need.student_id,) if need.student_id else (),
    watch=lambda need: (need.student_id,),
    blank=needs.blank,
    indexes=(
        Index((("student_id", 1), ("identified_at", -1))),
        Index((("district", 1), ("case_manager_id", 1), ("attention_rank", 1), ("_id", 1))),
        Index((("district", 1), ("school_id", 1), ("attention_rank", 1), ("_id", 1))),
        Index((("district", 1), ("attention_rank", 1), ("_id", 1)), partial=WAITING),
    ),
)


def _case(case: Case, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "need_id": case.need_id,
        "student_id": case.student_id,
        "reference": case.reference,
        "state": case.state,
        "kept_offer_id": case.kept_offer_id,
        "run": case.run and {"box": box_of(case.run, keys)},
        "offers": [_offer(each, keys) for each in case.offers],
    }


def _offer(offer: Offer, keys: Keyring) -> Document:
    return {
        "offer_id": offer.offer_id,
        "state": offer.state,
        "at": offer.at,
        "answer_by": offer.answer_by,
        "starts_on": offer.starts_on and offer.starts_on.isoformat(),
        "code": offer.code,
        "facts": offer.facts and {"box": box_of(offer.facts, keys)},
        "decline": offer.decline and {"box": box_of(offer.decline, keys)},
    }


def _case_of(row: Document, keys: Keyring) -> Case:
    who = row["student_id"]
    return Case(
        referral_id=row["_id"],
        district=row["district"],
        need_id=row["need_id"],
        student_id=who,
        reference=row["reference"],
        state=row["state"],
        kept_offer_id=row["kept_offer_id"],
        run=_opened(Sealed[MatchRunFacts], who, row["run"], keys),
        offers=tuple(_offer_of(each, who, keys) for each in row["offers"]),
    )


def _offer_of(row: Document, who: str, keys: Keyring) -> Offer:
    return Offer(
        offer_id=row["offer_id"],
        state=row["state"],
        at=row["at"],
        answer_by=row["answer_by"],
        starts_on=row["starts_on"] and date.fromisoformat(row["starts_on"]),
        code=row["code"],
        facts=_opened(Sealed[OfferFacts], who, row["facts"], keys),
        decline=_opened(Sealed[DeclineFacts], who, row["decline"], keys),
    )


def _opened(kind: Any, who: str, row: Document | None, keys: Keyring) -> Any:
    return None if row is None else seal_from(kind, who, row["box"], keys)


CASES: Kind[Case] = Kind(
    state=Case,
    collection=CASES_COLLECTION,
    to_document=_case,
    from_document=_case_of,
    persons=lambda case: (case.student_id,) if case.student_id else (),
    watch=lambda case: (case.student_id,) if case.student_id else (),
    blank=cases.blank,
    indexes=(Index((("student_id", 1), ("_id", 1))),),
)


def _timeline(timeline: Timeline, keys: Keyring) -> Document:
    del keys
    return {
        "shape": 1,
        "student_id": timeline.student_id,
        "happenings": [sparse(each) for each in timeline.happenings],
    }


def _timeline_of(row: Document, keys: Keyring) -> Timeline:
    del keys
    return Timeline(
        need_id=row["_id"],
        district=row["district"],
        student_id=row["student_id"],
        happenings=tuple(dense(Happening, each) for each in row["happenings"]),
    )


TIMELINES: Kind[Timeline] = Kind(
    state=Timeline,
    collection=TIMELINES_COLLECTION,
    to_document=_timeline,
    from_document=_timeline_of,
    watch=lambda timeline: (timeline.student_id,),
    indexes=(Index((("student_id", 1), ("_id", 1))),),
)


def _coordinator(coordinator: Coordinator, keys: Keyring) -> Document:
    return {
        "shape": 1,
        "organization_id": coordinator.organization_id,
        "card": coordinator.card and {"box": box_of(coordinator.card, keys)},
    }


def _coordinator_of(row: Document, keys: Keyring) -> Coordinator:
    return Coordinator(
        coordinator_id=row["_id"],
        district=row["district"],
        organization_id=row["organization_id"],
        card=_opened(Sealed[CoordinatorCard], row["_id"], row["card"], keys),
    )


COORDINATORS: Kind[Coordinator] = Kind(
    state=Coordinator,
    collection="coordinators",
    to_document=_coordinator,
    from_document=_coordinator_of,
    persons=lambda coordinator: (coordinator.coordinator_id,),
    blank=coordinators.blank,
)
