"""Reads for pages and for the sender: each by an index, none of them changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.codes import CLASS_OF, ConsentClass
from services.chassis.days import DEFAULT_ZONE
from services.chassis.kinds import Kind
from services.chassis.mongo import Database
from services.chassis.vault import Vault
from services.notifications.domain.cards import (
    Colleague,
    Coordinators,
    FamilyCard,
    SchoolCard,
    ServiceCard,
)
from services.notifications.domain.links import Link
from services.notifications.domain.mailbox import Mailbox
from services.notifications.domain.messages import REPLIES, Lane, Message
from services.notifications.domain.pins import ContactChoice
from services.notifications.domain.tokens import hash_of
from services.notifications.repository.cards import (
    COLLEAGUES,
    COORDINATORS,
    FAMILIES,
    SCHOOLS,
    SERVICES,
)
from services.notifications.repository.links import CHOICES, LINKS
from services.notifications.repository.mailboxes import MAILBOXES

AT_ONCE: Final = 50
LINKLESS: Final = "none"  # stands for the link of a message that carries none


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """A family with the people around it."""

    family: FamilyCard
    school: SchoolCard | None
    case_manager: Colleague | None

    @property
    def zone(self) -> str:
        """The time zone of the school."""
        return self.school.time_zone if self.school else DEFAULT_ZONE


class Queries:
    """Reads of this service's own database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def link(self, token: str) -> Link | None:
        """The link of a token that somebody brings."""
        found: Link | None = await self._one(LINKS, {"token_hash": hash_of(token)})
        return found

    async def mailbox(self, student_id: str, district: str) -> Mailbox | None:
        """One student's mailbox."""
        which = {"_id": student_id, "district": district}
        found: Mailbox | None = await self._one(MAILBOXES, which)
        return found

    async def choice(self, contact_id: str, district: str) -> ContactChoice:
        """What a contact chose, or that it chose nothing."""
        found = await self._one(CHOICES, {"_id": contact_id, "district": district})
        return found or ContactChoice(contact_id=contact_id, district=district)

    async def service(self, service_id: str, district: str) -> ServiceCard | None:
        """What families are told of a service."""
        which = {"_id": service_id, "district": district}
        found: ServiceCard | None = await self._one(SERVICES, which)
        return found

    async def members(self, consent_class: ConsentClass, district: str) -> list[str]:
        """Names of the organizations that offer what falls under a class, in their order."""
        categories = [each for each, found in CLASS_OF.items() if found == consent_class]
        which = {
            "district": district,
            "card.category": {"$in": categories},
            "card.is_active": True,
            "card.restricted": False,
        }
        rows = await self._database.collection(SERVICES.collection).aggregate(
            [{"$match": which}, {"$group": {"_id": "$card.organization_name"}}]
        )
        return sorted((str(row["_id"]) for row in rows), key=str.casefold)

    async def coordinators(self, organization_id: str, district: str) -> Coordinators | None:
        """Who answers for an organization."""
        which = {"_id": organization_id, "district": district}
        found: Coordinators | None = await self._one(COORDINATORS, which)
        return found

    async def family(self, student_id: str, district: str) -> FamilyCard:
        """A student's card, blank where none has come."""
        found = await self._one(FAMILIES, {"_id": student_id, "district": district})
        return found or FamilyCard(student_id=student_id, district=district)

    async def around(self, student_id: str, district: str) -> Surroundings:
        """A student's family, school and case manager, as far as they are known."""
        family = await self.family(student_id, district)
        school = await self._one(SCHOOLS, {"_id": family.school_id, "district": district})
        staff = await self._one(COLLEAGUES, {"_id": family.case_manager_id, "district": district})
        return Surroundings(family=family, school=school, case_manager=staff)

    async def due(self, now: datetime, lanes: Sequence[Lane]) -> list[tuple[Mailbox, Message]]:
        """Messages of some lanes that may go now, longest waiting first.

        A link is on its way through the topic until it is open; messages that wait for theirs are
        read past where they lie, for they may be many, and the others must not wait for them.
        """
        rows = await self._database.collection(MAILBOXES.collection).aggregate(
            [
                {"$match": {"next_at": {"$lte": now}, "messages": _due_in(lanes, now)}},
                {"$sort": {"next_at": 1}},
                {"$set": {"link_ids": _link_ids_of_due(now)}},
                {
                    "$lookup": {
                        "from": LINKS.collection,
                        "localField": "link_ids",
                        "foreignField": "_id",
                        "pipeline": [{"$project": {"_id": 1}}],
                        "as": "opened",
                    }
                },
                {"$match": {"$or": [{"link_ids": LINKLESS}, {"opened": {"$ne": []}}]}},
                {"$limit": AT_ONCE},
            ]
        )
        opened = {link["_id"] for row in rows for link in row["opened"]}
        found = [
            (box, each)
            for box in await self._read(MAILBOXES, rows)
            for each in box.messages
            if each.is_waiting and each.next_at and each.next_at <= now and each.lane in lanes
            if not each.is_linked or each.link_id in opened
        ]
        return sorted(found, key=lambda pair: pair[1].queued_at)

    async def stuck(self, claimed_before: datetime) -> list[tuple[Mailbox, Message]]:
        """Messages that somebody claimed long ago (real time) and never answered for."""
        rows = await self._database.collection(MAILBOXES.collection).find(
            {"claimed_at": {"$lt": claimed_before}}, limit=AT_ONCE
        )
        return [
            (box, each)
            for box in await self._read(MAILBOXES, rows)
            for each in box.messages
            if each.claimed_at and each.claimed_at < claimed_before
        ]

    async def texts_since(self, household: str, district: str, since: datetime) -> int:
        """How many texts that were not urgent a household got."""
        rows = await self._database.collection(MAILBOXES.collection).find(
            {"households": household, "district": district}, fields=("messages",)
        )
        return sum(_is_counted(each, household, since) for row in rows for each in row["messages"])

    async def _one(self, kind: Kind[Any], which: dict[str, Any]) -> Any:
        row = await self._database.collection(kind.collection).find_one(
            which | {"stateless": {"$exists": False}}
        )
        return (await self._read(kind, [row]))[0] if row else None

    async def _read(self, kind: Kind[Any], rows: list[dict[str, Any]]) -> list[Any]:
        keys = await self._vault.keyring(p for row in rows for p in row.get("persons", ()))
        return [kind.read(row, keys) for row in rows if not row.get("stateless")]


def _due_in(lanes: Sequence[Lane], now: datetime) -> dict[str, Any]:
    """What one message of a mailbox must be like; as `Message.lane` has it."""
    first = [{"is_urgent": True}, {"template": {"$in": sorted(REPLIES)}}]
    of_lanes = [
        {
            "channels.0": {"$eq" if each.is_text else "$ne": "sms"},
            "$or" if each.is_first else "$nor": first,
        }
        for each in lanes
    ]
    return {"$elemMatch": {"next_at": {"$lte": now}, "$or": of_lanes}}


def _link_ids_of_due(now: datetime) -> dict[str, Any]:
    """The links of a mailbox's messages that are to be looked at by now, as the server finds them.

    None is below every date, and what is absent is below None.
    """
    is_due = {"$and": [{"$gt": ["$$this.next_at", None]}, {"$lte": ["$$this.next_at", now]}]}
    due = {"$filter": {"input": "$messages", "cond": is_due}}
    return {"$map": {"input": due, "in": {"$ifNull": ["$$this.link_id", LINKLESS]}}}


def _is_counted(message: dict[str, Any], household: str, since: datetime) -> bool:
    return (
        message.get("household") == household
        and message["channels"][:1] == ["sms"]
        and not message.get("is_urgent")
        and message["template"] not in REPLIES
        and (sent_at := message.get("sent_at")) is not None
        and bool(sent_at >= since)
    )
