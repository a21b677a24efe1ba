"""What the decisions of one batch share, read in the batch's own transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from schemas import topics
from schemas.envelope import Event, Sealed
from schemas.plans import NeedFacts
from schemas.referrals import OrganizationCardChanged, ServiceCardChanged
from services.chassis import freshness
from services.chassis.dead_letters import MARKERS
from services.chassis.kernel import Selection, Tick, Watching
from services.chassis.kinds import Document, Index
from services.chassis.messages import Message
from services.chassis.mongo import Collection, Database, Session, Update
from services.chassis.wiring import ReadOnly
from services.referrals import repository
from services.referrals.domain.directory import offerings
from services.referrals.domain.districts import Districts
from services.referrals.domain.doubts import Doubts, Freshness
from services.referrals.domain.index import Directories, Directory
from services.referrals.domain.referral import referral_id_of
from services.referrals.domain.seat_book import SeatBook
from services.referrals.domain.seats import Change

EDITIONS: Final = "directory_editions"  # per district: its directory's version
BEHIND: Final = timedelta(seconds=30)  # unheard for so long, consents may have changed unseen
COLLECTIONS: Final[Mapping[str, Sequence[Index]]] = {EDITIONS: ()}


def providers(database: Database, real_time: Callable[[], datetime]) -> dict[type, Any]:
    """One provider per word that a route may need."""
    return {
        Directories: DirectoryProvider(database),
        Edition: EditionProvider(database),
        SeatBook: SeatProvider(database),
        Districts: DistrictProvider(database),
        Doubts: DoubtProvider(database),
        Freshness: FreshnessProvider(database, real_time),
    }


# -- the directory -------------------------------------------------------------------------------


class DirectoryProvider(ReadOnly):
    """The directory of each district: kept in the process, made anew when its version changed."""

    def __init__(self, database: Database) -> None:
        self._editions = database.collection(EDITIONS)
        self._services = database.collection(repository.SERVICES.collection)
        self._organizations = database.collection(repository.ORGANIZATIONS.collection)
        self._kept: dict[str, Directory] = {}

    async def load(self, session: Session, messages: Sequence[Message]) -> Directories:
        """The directories of the messages' districts, as of the transaction's snapshot."""
        districts = {each.district for each in messages}
        rows = await self._editions.find({"_id": {"$in": list(districts)}}, session=session)
        versions = {row["_id"]: row["version"] for row in rows}
        for district in districts:
            version = versions.get(district, 0)
            known = self._kept.get(district)
            if known is None or known.version != version:
                self._kept[district] = await self._read(session, district, version)
        return Directories({each: self._kept[each] for each in districts})

    async def _read(self, session: Session, district: str, version: int) -> Directory:
        own = {"district": district}
        found = await self._organizations.find(own, session=session)
        organizations = {row["_id"]: repository.organization_of(row) for row in found}
        services = await self._services.find(own, session=session)
        read = tuple(repository.service_of(row) for row in services)
        return Directory(version, offerings(read, organizations))


@dataclass
class Edition(Watching):
    """Notes that a batch changes a directory; whoever writes it needs this."""

    districts_by_message: Mapping[str, str]
    changed: set[str] = field(default_factory=set)

    def see(self, event: Event) -> None:
        """A card changed: the directory of its district has a new version."""
        if isinstance(event, OrganizationCardChanged | ServiceCardChanged):
            self.changed.add(self.districts_by_message[event.subject])


class EditionProvider:
    """Counts the version of a district's directory up."""

    def __init__(self, database: Database) -> None:
        self._editions = database.collection(EDITIONS)

    async def load(self, session: Session, messages: Sequence[Message]) -> Edition:
        """Nothing is read."""
        del session
        return Edition(
            {
                target: each.district
                for each in messages
                for route in each.routes
                if not isinstance(route.by, Selection)
                for target in route.by(each.body)
            }
        )

    async def save(self, session: Session, value: Edition) -> None:
        """One version more for each directory that changed."""
        for district in sorted(value.changed):
            await self._editions.update_one(
                {"_id": district}, {"$inc": {"version": 1}}, upsert=True, session=session
            )


# -- seats ---------------------------------------------------------------------------------------


class SeatProvider:
    """The seats that a batch may hold or free, and one guarded change per service."""

    def __init__(self, database: Database) -> None:
        self._seats = database.collection(repository.SEATS.collection)
        self._referrals = database.collection(repository.REFERRALS.collection)

    async def load(self, session: Session, messages: Sequence[Message]) -> SeatBook:
        """The seats of the categories of all needs and referrals that the messages are about."""
        rows = await self._concerned(session, messages)
        categories = {row["category"] for row in rows} | set(_categories(messages))
        found = await self._seats.find(
            {
                "district": {"$in": sorted({each.district for each in messages})},
                "categories": {"$in": sorted(categories)},
            },
            session=session,
        )
        offers = {
            offer["offer_id"]: (offer["service_id"], offer["seat"])
            for row in rows
            for offer in row["offers"]
        }
        seats = {row["_id"]: repository.seats_of(row) for row in found}
        missing = {service for service, _ in offers.values()} - seats.keys()
        more = await self._missing(session, missing)
        return SeatBook(seats=seats | more, offers=offers)

    async def _missing(self, session: Session, ids: set[str]) -> dict[str, Any]:
        """Seats of services that left their category while an offer was open."""
        if not ids:
            return {}
        rows = await self._seats.find({"_id": {"$in": sorted(ids)}}, session=session)
        return {row["_id"]: repository.seats_of(row) for row in rows}

    async def _concerned(self, session: Session, messages: Sequence[Message]) -> list[Document]:
        wanted = _wanted(messages)
        if not wanted:
            return []
        fields = ("category", "offers.offer_id", "offers.service_id", "offers.seat")
        found = {"$or": wanted} if len(wanted) > 1 else wanted[0]
        rows = await self._referrals.find(found, session=session, fields=fields)
        return [row for row in rows if "offers" in row]  # without: one that was only refused

    async def save(self, session: Session, value: SeatBook) -> None:
        """Write what changed; a hold more needs a place that is free."""
        writes = [
            Update(_guard(service_id, change), {"$inc": _increments(change)})
            for service_id, change in value.changes.items()
            if change != Change()
        ]
        await self._seats.write(writes, session=session)


def _wanted(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Which stored referrals messages are about: by id, and open ones by student."""
    ids: set[str] = set()
    students: set[str] = set()
    for each in messages:
        body = each.body
        if isinstance(body, Tick):
            ids.add(body.subject)
        elif referral_id := getattr(body, "referral_id", None):
            ids.add(referral_id)
        elif student_id := getattr(body, "student_id", None):
            students.add(student_id)
            ids |= {referral_id_of(need)} if (need := getattr(body, "need_id", None)) else set()
    wanted: list[dict[str, Any]] = [{"_id": {"$in": sorted(ids)}}] if ids else []
    if students:
        wanted.append({"student_id": {"$in": sorted(students)}, "open": True})
    return wanted


def _categories(messages: Sequence[Message]) -> list[str]:
    seals = [getattr(each.body, "sealed", None) for each in messages]
    facts = [each.facts for each in seals if isinstance(each, Sealed)]
    return [each.category for each in facts if isinstance(each, NeedFacts)]


def _guard(service_id: str, change: Change) -> dict[str, Any]:
    if change.held <= 0:
        return {"_id": service_id}
    had = {"$add": ["$occupied_outside", "$taken", "$held"]}
    free = {"$subtract": ["$maximum", had]}
    return {"_id": service_id, "$expr": {"$gte": [free, change.held]}}


def _increments(change: Change) -> dict[str, int]:
    return {"held": change.held, "taken": change.taken}


# -- districts and doubts ------------------------------------------------------------------------


class DistrictProvider(ReadOnly):
    """Settings of districts and zones of schools."""

    def __init__(self, database: Database) -> None:
        self._districts = database.collection(repository.DISTRICTS.collection)
        self._schools = database.collection(repository.SCHOOLS.collection)

    async def load(self, session: Session, messages: Sequence[Message]) -> Districts:
        """Those of the messages' districts."""
        wanted = {"$in": sorted({each.district for each in messages})}
        districts = await self._districts.find({"_id": wanted}, session=session)
        schools = await self._schools.find({"district": wanted}, session=session)
        return Districts(
            {row["_id"]: repository.district_of(row) for row in districts},
            {row["_id"]: repository.school_of(row) for row in schools},
        )


class DoubtProvider(ReadOnly):
    """Students about whose consents an event is set aside."""

    def __init__(self, database: Database) -> None:
        self._markers = database.collection(MARKERS)

    async def load(self, session: Session, messages: Sequence[Message]) -> Doubts:
        """All of them: they are few, or the line has stopped."""
        del messages
        return await doubts(self._markers, session)


class FreshnessProvider(ReadOnly):
    """Whether all processes together are up with the topic of consents."""

    def __init__(self, database: Database, real_time: Callable[[], datetime]) -> None:
        self._listeners = database.collection(freshness.COLLECTION)
        self._real_time = real_time

    async def load(self, session: Session, messages: Sequence[Message]) -> Freshness:
        """As of the transaction's snapshot."""
        del messages
        heard = await freshness.heard_all(self._listeners, topics.CONSENTS, session)
        return Freshness(is_behind=self._real_time() - heard > BEHIND)


async def doubts(markers: Collection, session: Session = None) -> Doubts:
    """The students whose consents are not surely known."""
    rows = await markers.find({"topic": topics.CONSENTS}, session=session)
    return Doubts(frozenset(str(row["_id"]).partition("|")[2] for row in rows))
