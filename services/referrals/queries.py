"""What pages read, always under a scope, at most 50 rows at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final, Literal

from schemas import codes
from services.chassis.days import DEFAULT_ZONE
from services.chassis.dead_letters import MARKERS
from services.chassis.kernel import Refused
from services.chassis.kinds import Document
from services.chassis.mongo import Database
from services.chassis.scope import Scope
from services.chassis.vault import Keyring, Vault
from services.referrals import repository
from services.referrals.domain.consents import ConsentCopy
from services.referrals.domain.directory import Service
from services.referrals.domain.referral import Offer, Referral
from services.referrals.domain.seats import Seats
from services.referrals.providers import doubts

PAGE: Final = 50
COUNTED: Final = 1_000  # more than that is "many"
NO_KEYS: Final = Keyring({})  # a copy of consents holds nothing sealed
ListName = Literal["to_answer", "to_start", "ended"]
LIST_NAMES: Final[tuple[ListName, ...]] = ("to_answer", "to_start", "ended")
STATES: Final[Mapping[ListName, frozenset[str]]] = {
    "to_answer": frozenset({"OFFERED"}),
    "to_start": frozenset({"ACCEPTED"}),
    "ended": frozenset({"DECLINED", "EXPIRED", "RECALLED"}),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One offer on a list; `zone` is the time zone that its clock counts in."""

    referral: Referral
    offer: Offer
    zone: str = DEFAULT_ZONE


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of a list; `hidden` offers wait until permissions can be checked again.

    `page` is the last one where there are fewer than asked.
    """

    lines: tuple[Line, ...]
    total: int
    page: int
    hidden: int = 0


@dataclass(frozen=True, kw_only=True)
class PlacesOfService:
    """A service of one's own organization with its seats."""

    service: Service
    seats: Seats


@dataclass(frozen=True, kw_only=True)
class OwnPlaces:
    """A page of one's own services; `page` is the last one where there are fewer than asked."""

    services: tuple[PlacesOfService, ...]
    total: int
    page: int


class Queries:
    """The read side of the service."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._referrals = database.collection(repository.REFERRALS.collection)
        self._services = database.collection(repository.SERVICES.collection)
        self._organizations = database.collection(repository.ORGANIZATIONS.collection)
        self._seats = database.collection(repository.SEATS.collection)
        self._schools = database.collection(repository.SCHOOLS.collection)
        self._consents = database.collection(repository.CONSENTS.collection)
        self._markers = database.collection(MARKERS)
        self._vault = vault

    async def listed(self, scope: Scope, name: ListName, *, page: int = 1) -> Listed:
        """One page of a list: to answer by time left, the others newest first."""
        own = _own(scope)
        found = {**scope.filter(), name: {"$in": sorted(own)}}
        total = await self._referrals.count(found, limit=COUNTED)
        page = _within(page, total)
        order = ("answer_at", 1) if name == "to_answer" else ("answered_at", -1)
        rows = await self._referrals.find(
            found, sort=(order, ("_id", 1)), limit=PAGE, skip=(page - 1) * PAGE
        )
        lines = await self._lines(rows, own, STATES[name])
        doubted = await self._doubted()
        sure = [each for each in lines if each.referral.student_id not in doubted]
        return Listed(lines=tuple(sure), total=total, page=page, hidden=len(lines) - len(sure))

    async def allowed(self, lines: Sequence[Line]) -> list[Line]:
        """Those whose Preview may be shown, as far as is known of what the families say now."""
        said = await self._copies(lines)
        return [each for each in lines if not _is_forbidden(each, said)]

    async def open_packets(self, lines: Sequence[Line], now: datetime) -> frozenset[str]:
        """Offers whose Packet may be looked at: a permission may have run out since its release."""
        released = [each for each in lines if each.offer.shows_packet]
        said = await self._copies(released) if released else {}
        return frozenset(each.offer.offer_id for each in released if _is_open(each, said, now))

    async def counts(self, scope: Scope) -> dict[ListName, int]:
        """How many stand on each list."""
        own = sorted(_own(scope))
        return {
            name: await self._referrals.count({**scope.filter(), name: {"$in": own}}, limit=COUNTED)
            for name in LIST_NAMES
        }

    async def line(self, scope: Scope, referral_id: str, offer_id: str) -> Line:
        """One offer.

        Raises:
            Refused: `offer_unknown`: there is none, or it is not for whoever asks.
        """
        row = await self._referrals.find_one({"_id": referral_id, **scope.filter()})
        lines = await self._lines([row] if row else [], _own(scope), None)
        for each in lines:
            if each.offer.offer_id == offer_id and each.offer.was_asked:
                return each
        raise Refused(*codes.OFFER_UNKNOWN)

    async def watchable(self, scope: Scope, ids: frozenset[str]) -> frozenset[str]:
        """Those of the ids whose changes somebody may hear of: own organization, own referrals."""
        wanted = {**scope.filter(), "_id": {"$in": sorted(ids)}}
        rows = await self._referrals.find(wanted, limit=PAGE, fields=("_id",))
        return (ids & _own(scope)) | {row["_id"] for row in rows}

    async def organization_name(self, scope: Scope) -> str:
        """What the coordinator's organization is called."""
        wanted = {"_id": {"$in": sorted(_own(scope))}, "district": scope.district}
        row = await self._organizations.find_one(wanted)
        return str(row["name"]) if row else ""

    async def places(self, scope: Scope, *, page: int = 1) -> OwnPlaces:
        """One page of the services of one's own organization with their seats, by name."""
        total = await self._services.count(scope.filter())
        page = _within(page, total)
        order = (("name", 1), ("_id", 1))
        services = await self._services.find(
            scope.filter(), sort=order, limit=PAGE, skip=(page - 1) * PAGE
        )
        ids = {"_id": {"$in": [row["_id"] for row in services]}}
        seats = {row["_id"]: row for row in await self._seats.find({**ids, **scope.filter()})}
        found = [
            PlacesOfService(
                service=repository.service_of(row), seats=repository.seats_of(seats[row["_id"]])
            )
            for row in services
            if row["_id"] in seats
        ]
        return OwnPlaces(services=tuple(found), total=total, page=page)

    async def _lines(
        self, rows: Sequence[Document], own: frozenset[str], states: frozenset[str] | None
    ) -> list[Line]:
        keys = await self._vault.keyring(p for row in rows for p in row["persons"])
        referrals = [repository.REFERRALS.read(row, keys) for row in rows]
        zones = await self._zones({each.school_id for each in referrals})
        return [
            Line(referral=each, offer=offer, zone=zones.get(each.school_id, DEFAULT_ZONE))
            for each in referrals
            for offer in each.offers
            if offer.organization_id in own and (states is None or offer.state in states)
        ]

    async def _copies(self, lines: Sequence[Line]) -> dict[str, ConsentCopy]:
        students = {each.referral.student_id for each in lines}
        rows = await self._consents.find({"_id": {"$in": sorted(students)}})
        return {row["_id"]: repository.CONSENTS.read(row, NO_KEYS) for row in rows}

    async def _zones(self, school_ids: set[str]) -> dict[str, str]:
        rows = await self._schools.find({"_id": {"$in": sorted(school_ids)}})
        return {row["_id"]: row["time_zone"] for row in rows}

    async def _doubted(self) -> frozenset[str]:
        return (await doubts(self._markers)).students


def _within(page: int, total: int) -> int:
    """The page that was asked for, or the last one where there are fewer; of many, any."""
    return page if total >= COUNTED else min(page, max(1, ceil(total / PAGE)))


def _is_forbidden(line: Line, said: Mapping[str, ConsentCopy]) -> bool:
    copy = said.get(line.referral.student_id)
    return bool(copy and copy.forbids(line.offer.organization_id, line.referral.need_id))


def _is_open(line: Line, said: Mapping[str, ConsentCopy], now: datetime) -> bool:
    copy, known = said.get(line.referral.student_id), line.referral
    return bool(
        copy
        and copy.shows_packet(
            line.offer.organization_id,
            known.need_id,
            category=known.category,
            restricted=known.restricted,
            now=now,
        )
    )


def _own(scope: Scope) -> frozenset[str]:
    """The organizations that a scope of referrals or of the directory names."""
    named = scope.within.get("organization_ids") or scope.within.get("organization_id")
    return named or frozenset()
