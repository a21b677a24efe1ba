"""How copies of other services' facts are stored."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from services.chassis.kinds import Document, Index, Kind, dense, sparse
from services.chassis.vault import Keyring
from services.referrals.domain import consents
from services.referrals.domain.consents import ConsentCopy, Grant, Refusal
from services.referrals.domain.districts import District, School


def _consents(state: ConsentCopy, _: Keyring) -> Document:
    return {
        "shape": 1,
        "grants": [sparse(each) for each in state.grants],
        "refusals": [asdict(each) for each in state.refusals],
    }


def _tupled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "organization_ids": tuple(row["organization_ids"])}


def _consents_of(row: Document, _: Keyring) -> ConsentCopy:
    return ConsentCopy(
        student_id=row["_id"],
        district=row["district"],
        grants=tuple(dense(Grant, _tupled(each)) for each in row["grants"]),
        refusals=tuple(Refusal(**_tupled(each)) for each in row["refusals"]),
    )


def _district(state: District, _: Keyring) -> Document:
    return {"shape": 1, "offer_first": state.offer_first, "offer_mode": state.offer_mode}


def district_of(row: Document, _: Keyring | None = None) -> District:
    """A district's settings from their document."""
    return District(
        district=row["_id"], offer_first=row["offer_first"], offer_mode=row["offer_mode"]
    )


def school_of(row: Document, _: Keyring | None = None) -> School:
    """A school from its document."""
    return School(school_id=row["_id"], district=row["district"], time_zone=row["time_zone"])


CONSENTS: Final[Kind[ConsentCopy]] = Kind(
    state=ConsentCopy,
    collection="consents",
    to_document=_consents,
    from_document=_consents_of,
    blank=consents.blank,
)
DISTRICTS: Final[Kind[District]] = Kind(
    state=District,
    collection="districts",
    to_document=_district,
    from_document=district_of,
)
SCHOOLS: Final[Kind[School]] = Kind(
    state=School,
    collection="schools",
    to_document=lambda state, _: {"shape": 1, "time_zone": state.time_zone},
    from_document=school_of,
    indexes=(Index((("district", 1),)),),
)
