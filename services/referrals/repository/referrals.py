"""How referrals are stored: what describes a student is sealed under the student's key."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, ClassVar, Final, cast

from schemas.envelope import Erased, SealedFacts
from schemas.plans import NeedFacts, PacketFacts
from services.chassis.kinds import Document, Index, Kind
from services.chassis.vault import Keyring
from services.referrals.domain.memory import Tried
from services.referrals.domain.referral import (
    FamilyWord,
    Offer,
    Packet,
    Referral,
    Run,
    Text,
    View,
)
from services.referrals.repository.values import day_of, day_text


class StoredText(SealedFacts):
    """What somebody wrote about a student, where it is stored."""

    KIND: ClassVar[str] = "referrals.stored_text"
    text: str


def _sealed_text(text: Text, person: str, keys: Keyring) -> bytes | None:
    if isinstance(text, Erased) or not text:
        return None
    return keys.seal_facts(person, StoredText(text=text))


def _text_of(box: bytes | None, person: str, keys: Keyring) -> Text:
    if box is None:
        return ""
    found = keys.open_facts(person, StoredText, box)
    return found if isinstance(found, Erased) else found.text


def _offer(offer: Offer, person: str, keys: Keyring) -> Document:
    packet, family, viewed = offer.packet, offer.family, offer.viewed
    return {
        "offer_id": offer.offer_id,
        "service_id": offer.service_id,
        "organization_id": offer.organization_id,
        "service_name": offer.service_name,
        "organization_name": offer.organization_name,
        "verdict": offer.verdict,
        "state": offer.state,
        "seat": offer.seat,
        "made_at": offer.made_at,
        "answer_by": offer.answer_by,
        "answered_at": offer.answered_at,
        "answered_by": offer.answered_by,
        "starts_on": day_text(offer.starts_on),
        "code": offer.code,
        "text": _sealed_text(offer.text, person, keys),
        "kept_until": offer.kept_until,
        "packet": packet
        and {
            "consent_id": packet.consent_id,
            "released_at": packet.released_at,
            "facts": keys.seal_facts(person, packet.facts),
            "closed_at": packet.closed_at,
        },
        "family": family
        and {
            "kind": family.kind,
            "at": family.at,
            "text": _sealed_text(family.text, person, keys),
        },
        "previewed_by": offer.previewed_by,
        "viewed": asdict(viewed) if viewed else None,
    }


def _offer_of(row: Document, person: str, keys: Keyring) -> Offer:
    packet, family = row["packet"], row["family"]
    return Offer(
        **row
        | {
            "starts_on": day_of(row["starts_on"]),
            "text": _text_of(row["text"], person, keys),
            "previewed_by": tuple(row["previewed_by"]),
            "packet": packet
            and Packet(**packet | {"facts": keys.open_facts(person, PacketFacts, packet["facts"])}),
            "family": family
            and FamilyWord(**family | {"text": _text_of(family["text"], person, keys)}),
            "viewed": View(**row["viewed"]) if row["viewed"] else None,
        }
    )


def _masks(masks: Mapping[str, int]) -> dict[str, bytes]:
    return {
        name: mask.to_bytes((mask.bit_length() + 7) // 8, "little") for name, mask in masks.items()
    }


def _masks_of(rows: Mapping[str, bytes]) -> dict[str, int]:
    return {name: int.from_bytes(row, "little") for name, row in rows.items()}


def _run(run: Run) -> Document:
    return {
        "run_id": run.run_id,
        "directory_version": run.directory_version,
        "considered": run.considered,
        "fails": _masks(run.fails),
        "unknowns": _masks(run.unknowns),
    }


def _run_of(row: Document) -> Run:
    return Run(**row | {"fails": _masks_of(row["fails"]), "unknowns": _masks_of(row["unknowns"])})


def _referral(state: Referral, keys: Keyring) -> Document:
    person = state.student_id
    return {
        "shape": 1,
        "student_id": person,
        "need_id": state.need_id,
        "school_id": state.school_id,
        "case_manager_id": state.case_manager_id,
        "urgency": state.urgency,
        "restricted": state.restricted,
        "state": state.state,
        "opened_at": state.opened_at,
        "category": state.category,
        "facts": keys.seal_facts(person, state.facts),
        "offers": [_offer(each, person, keys) for each in state.offers],
        "kept_offer_id": state.kept_offer_id,
        "tried": [asdict(each) | {"on": day_text(each.on)} for each in state.tried],
        "run": _run(state.run) if state.run else None,
        "organization_ids": list(state.organization_ids),
        "answer_at": state.answer_at,
        **_lists(state),
    }


def _lists(state: Referral) -> dict[str, Any]:
    """Whose lists a referral stands on; each list has an index."""
    by_list: dict[str, list[str]] = {"to_answer": [], "to_start": [], "ended": []}
    for offer in state.offers:
        if offer.was_asked:
            by_list[LISTS.get(offer.state, "ended")].append(offer.organization_id)
    moments = [each.answered_at for each in state.offers if each.answered_at]
    return {**by_list, "answered_at": max(moments, default=None)}


LISTS: Final[Mapping[str, str]] = {"OFFERED": "to_answer", "ACCEPTED": "to_start"}


def _referral_of(row: Document, keys: Keyring) -> Referral:
    person = row["student_id"]
    return Referral(
        referral_id=row["_id"],
        district=row["district"],
        student_id=person,
        need_id=row["need_id"],
        school_id=row["school_id"],
        case_manager_id=row["case_manager_id"],
        urgency=row["urgency"],
        restricted=row["restricted"],
        state=row["state"],
        opened_at=cast("datetime", row["opened_at"]),
        category=row["category"],
        facts=keys.open_facts(person, NeedFacts, row["facts"]),
        offers=tuple(_offer_of(each, person, keys) for each in row["offers"]),
        kept_offer_id=row["kept_offer_id"],
        tried=tuple(
            Tried(**each | {"on": date.fromisoformat(each["on"])}) for each in row["tried"]
        ),
        run=_run_of(row["run"]) if row["run"] else None,
        clocks=row.get("clocks", {}),
    )


def _list_index(name: str, *, newest: bool) -> Index:
    at = ("answered_at", -1) if newest else ("answer_at", 1)
    return Index((("district", 1), (name, 1), at, ("_id", 1)))


def _watched(state: Referral) -> list[str]:
    """Pages watch whole lists: by organization, for each of its coordinators."""
    return list(state.organization_ids)


REFERRALS: Final[Kind[Referral]] = Kind(
    state=Referral,
    collection="referrals",
    to_document=_referral,
    from_document=_referral_of,
    persons=lambda state: (state.student_id,),
    watch=_watched,
    indexes=(
        Index((("student_id", 1), ("open", 1))),
        Index((("need_id", 1),)),
        _list_index("to_answer", newest=False),
        _list_index("to_start", newest=True),
        _list_index("ended", newest=True),
    ),
)
